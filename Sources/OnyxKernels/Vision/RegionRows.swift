import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Pooling and resampling of regions of interest.
///
/// SAFETY: see `KernelCall`.
enum RegionRows {
  static let all = [align, maximum, crop]

  /// Samples of a bin along an axis beyond which the tables are no gain.
  private static let mostSamples = 1024

  private static let align = KernelRow("roi_align_f32", ["RoiAlign"], .input(0, [.float32])) { (op: RoiAlign, query) throws(OnyxError) in
    guard op.samplingRatio <= mostSamples else { return .declined(WindowExtents.outOfProportion) }
    let form = RegionAxis.Form.samples(ratio: op.samplingRatio, isHalfPixel: op.coordinates == .halfPixel)
    let perAxis = op.samplingRatio == 0 ? 3 : op.samplingRatio + 1
    guard let (pooling, scratch) = pooling(query, form, isMaximum: op.mode == .max, elementsPerBin: perAxis * perAxis) else {
      return .declined(unsuitable)
    }
    return .run(scratchByteCount: scratch) { (call) throws(OnyxError) in
      let (corners, images) = unsafe (call.input(1, as: Float.self), call.input(2, as: Int64.self))
      try unsafe pooling.run(call.input(0), call.output(), scratch: call.scratch, pool: call.pool) { (index) throws(OnyxError) in
        let corner = unsafe (corners[4 * index], corners[4 * index + 1], corners[4 * index + 2], corners[4 * index + 3])
        let image = try unsafe pooling.image(images[index])
        guard corner.0.isFinite, corner.1.isFinite, corner.2.isFinite, corner.3.isFinite,
          let rows = try pooling.rows.span(corner.1, corner.3, scale: op.spatialScale, regions: pooling.regions),
          let columns = try pooling.columns.span(corner.0, corner.2, scale: op.spatialScale, regions: pooling.regions)
        else { return nil }
        return RegionPooling.Region(image: image, rows: rows, columns: columns)
      }
    }
  }

  private static let maximum = KernelRow("max_roi_pool_f32", ["MaxRoiPool"], .float32) { (op: MaxRoiPool, query) throws(OnyxError) in
    guard let (pooling, scratch) = pooling(query, .elements, isMaximum: true, elementsPerBin: 16) else { return .declined(unsuitable) }
    return .run(scratchByteCount: scratch) { (call) throws(OnyxError) in
      let numbers = unsafe call.input(1, as: Float.self)
      try unsafe pooling.run(call.input(0), call.output(), scratch: call.scratch, pool: call.pool) { (index) throws(OnyxError) in
        let region = (0..<5).map { unsafe numbers[5 * index + $0] }
        let image = try pooling.image(Int64(exactly: region[0].rounded(.towardZero)) ?? -1)
        guard region.allSatisfy(\.isFinite) else { throw .invalid("Region \(index) has a corner that is not finite.") }
        guard let rows = try pooling.rows.span(region[2], region[4], scale: op.spatialScale, regions: 1),
          let columns = try pooling.columns.span(region[1], region[3], scale: op.spatialScale, regions: 1)
        else { return nil }
        return RegionPooling.Region(image: image, rows: rows, columns: columns)
      }
    }
  }

  private static let crop = KernelRow("crop_and_resize_f32", ["CropAndResize"], domain: "com.microsoft", .input(0, [.float32])) {
    (op: CropAndResize, query) throws(OnyxError) in
    guard let (found, scratch) = pooling(query, .points(isNearest: op.mode == .nearest), isMaximum: false, elementsPerBin: 4) else {
      return .declined(unsuitable)
    }
    var pooling = found
    pooling.outside = op.extrapolation
    let kernel = pooling
    return .run(scratchByteCount: scratch) { (call) throws(OnyxError) in
      let (corners, images) = unsafe (call.input(1, as: Float.self), call.input(2, as: Int32.self))
      try unsafe kernel.run(call.input(0), call.output(), scratch: call.scratch, pool: call.pool) { (index) throws(OnyxError) in
        let corner = unsafe (corners[4 * index], corners[4 * index + 1], corners[4 * index + 2], corners[4 * index + 3])
        let image = try unsafe kernel.image(Int64(images[index]))
        guard let rows = try kernel.rows.span(corner.0, corner.2, scale: 1, regions: 1),
          let columns = try kernel.columns.span(corner.1, corner.3, scale: 1, regions: 1)
        else { return nil }
        return RegionPooling.Region(image: image, rows: rows, columns: columns)
      }
    }
  }

  private static let unsuitable = "the input or the output is empty, or the regions are out of proportion"

  private static func pooling(
    _ query: KernelQuery, _ form: RegionAxis.Form, isMaximum: Bool, elementsPerBin: Int
  ) -> (RegionPooling, scratch: Int)? {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.elementCount > 0 else { return nil }
    guard x[2] * x[3] < 1 << 27, y[2] < 1 << 20, y[3] < 1 << 20 else { return nil }
    // A block is written once, 16 floats a pixel; reading planes costs about ten times as much for each element under a bin.
    let (reads, isMany) = (y[0] * y[2] * y[3]).multipliedReportingOverflow(by: elementsPerBin)
    let readsBlocks = x[1] >= 4 && (isMany || reads >= x[0] * x[2] * x[3])
    let lanes = readsBlocks ? ChannelBlocks.size : 1
    let pooling = RegionPooling(
      images: x[0], channels: x[1], regions: y[0],
      rows: RegionAxis(form: form, bins: y[2], extent: x[2], step: x[3] * lanes, isMaximum: isMaximum),
      columns: RegionAxis(form: form, bins: y[3], extent: x[3], step: lanes, isMaximum: isMaximum), readsBlocks: readsBlocks,
      isa: query.isa)
    return pooling.scratchByteCount.map { (pooling, $0) }
  }
}

extension RegionPooling {
  /// The number of an image. Throws `invalidModel` when there is no such image.
  fileprivate func image(_ number: Int64) throws(OnyxError) -> Int {
    guard let image = Int(exactly: number), image >= 0, image < images else {
      throw .invalid("A batch index is outside 0 ..< \(images).")
    }
    return image
  }
}
