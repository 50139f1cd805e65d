import OnyxGraph
import OnyxTensor

/// Pools each region of interest to a small image of fixed size; positions between elements are interpolated.
/// ONNX: RoiAlign (10, 16, 22). He et al., "Mask R-CNN" (2017).
///
/// In mode `max` the standard's cases and ONNX Runtime take the greatest of the four weighted elements around each sample, not the greatest
/// of the interpolated samples: Onyx does the same. Regions with corners that are not finite give NaN.
package struct RoiAlign: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "RoiAlign", versions: [10, 16, 22], inputs: [.required("X", "T1"), .required("rois", "T1"), .required("batch_indices", "T2")],
      outputs: [.required("Y", "T1")], types: ["T1": .floats, "T2": [.int64]]), RoiAlign.init)

  /// How the samples of a bin become one element.
  package enum Mode: String, CaseIterable, Sendable { case avg, max }
  /// Where the first element of the input lies: at 0, or half a pixel in.
  package enum Coordinates: String, CaseIterable, Sendable {
    case halfPixel = "half_pixel"
    case outputHalfPixel = "output_half_pixel"
  }

  package let mode: Mode
  package let coordinates: Coordinates
  /// Bins of each region.
  package let outputHeight: Int
  package let outputWidth: Int
  /// Samples of a bin along each axis; 0: as many as the bin has elements, rounded up.
  package let samplingRatio: Int
  /// From coordinates of the regions to elements of the input.
  package let spatialScale: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .avg)
    coordinates = try attributes.choice("coordinate_transformation_mode", default: .halfPixel)
    outputHeight = try attributes.int("output_height", default: 1)
    outputWidth = try attributes.int("output_width", default: 1)
    samplingRatio = try attributes.int("sampling_ratio", default: 0)
    spatialScale = try attributes.float("spatial_scale", default: 1)
    guard outputHeight >= 1, outputWidth >= 1, samplingRatio >= 0 else {
      throw .invalid("The attributes 'output_height' and 'output_width' must be at least 1 and 'sampling_ratio' not negative.")
    }
    try checkSpatialScale(spatialScale)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    let rois = try context.shape(1)
    let indices = try context.shape(2)
    try checkRegions(x.shape, rois, width: 4)
    if let indices, indices.count != 1 { throw .invalid("The batch indices have rank \(indices.count); they must have rank 1.") }
    if let rois, let indices { try requireEqual(rois[0], indices[0], "Regions and batch indices differ in number") }
    let count = rois?[0] ?? indices?[0] ?? context.unknown("regions")
    let shape = [count, x.shape?[1] ?? context.unknown("channels"), Dimension(outputHeight), Dimension(outputWidth)]
    return [x.resized(try shape.checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let regions = try context.input(1).doubles()
    let images = try context.input(2).ints()
    let shape = try context.shape()
    guard images.allSatisfy({ $0 >= 0 && $0 < x.shape[0] }) else { throw .invalid("A batch index is outside 0 ..< \(x.shape[0]).") }
    let values = try x.doubles()
    var y = try shape.filled(with: 0.0)
    let (channels, plane, bins) = (x.shape[1], x.shape[2] * x.shape[3], outputHeight * outputWidth)
    if y.isEmpty { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let isDouble = x.elementType == .float64
    var pace = WorkPace(every: 1 << 10)
    for (region, image) in images.enumerated() {
      let corners = regions[region * 4..<region * 4 + 4]
      let samples =
        try isDouble
        ? samples(corners.map { $0 }, x.shape, regions: images.count) : samples(corners.map { Float($0) }, x.shape, regions: images.count)
      for channel in 0..<channels {
        try pace.check(after: 1 + bins)
        let first = (region * channels + channel) * bins
        guard let samples else {
          for bin in first..<first + bins { y[bin] = .nan }
          continue
        }
        samples.pool(values, from: (image * channels + channel) * plane, mode, into: &y, from: first)
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// Where one region [x, y, x, y] is sampled; nil when it is not finite. `Number` is the precision of the input, at least `Float`: it
  /// decides how many samples there are.
  private func samples<Number: BinaryFloatingPoint>(
    _ corners: [Number], _ shape: Shape, regions: Int
  ) throws(OnyxError) -> RoiSamples? {
    guard corners.allSatisfy(\.isFinite) else { return nil }
    let shift: Number = coordinates == .halfPixel ? 0.5 : 0
    let ends = corners.map { $0 * Number(spatialScale) - shift }
    guard
      let rows = try axis(ends[1], ends[3], bins: outputHeight, extent: shape[2], regions: regions),
      let columns = try axis(ends[0], ends[2], bins: outputWidth, extent: shape[3], regions: regions)
    else { return nil }
    return RoiSamples(rows: rows, columns: columns, width: shape[3])
  }

  private func axis<Number: BinaryFloatingPoint>(
    _ start: Number, _ end: Number, bins: Int, extent: Int, regions: Int
  ) throws(OnyxError) -> RoiSamples.Axis? {
    // Without the shift, a region is at least one element long.
    let length = coordinates == .halfPixel ? end - start : max(end - start, 1)
    let bin = length / Number(bins)
    guard start.isFinite, length.isFinite else { return nil }
    let adaptive = Int(clamping: Double(max(bin.rounded(.up), 0)), to: 0...Int.max)
    let count = samplingRatio > 0 ? samplingRatio : adaptive
    // Samples are not kept, but each is a step of work: all regions may have as many as memory would hold.
    let (perRegion, isLarge) = count.multipliedReportingOverflow(by: bins)
    let (total, isLarger) = perRegion.multipliedReportingOverflow(by: regions)
    try ReferenceMemory.check(isLarge || isLarger ? .max : total, width: 2 * MemoryLayout<RoiSamples.Sample>.stride)
    var result: [RoiSamples.Bin] = []
    var pace = WorkPace(every: 1 << 15)
    for index in 0..<bins {
      var pooled = RoiSamples.Bin()
      for step in 0..<count {
        try pace.check()
        // Regions whose corners are exchanged are sampled from the end.
        let place = bin < 0 ? count - 1 - step : step
        let position = start + Number(index) * bin + (Number(place) + 0.5) * bin / Number(count)
        if let sample = RoiSamples.Sample(Double(position), extent: extent) { pooled.add(sample) }
      }
      result.append(pooled)
    }
    return RoiSamples.Axis(bins: result, samplesPerBin: count)
  }
}

/// Throws unless X has rank 4 and the regions are rows of `width` numbers: RoiAlign, MaxRoiPool.
func checkRegions(_ x: [Dimension]?, _ rois: [Dimension]?, width: Int) throws(OnyxError) {
  if let x, x.count != 4 { throw .invalid("The input has rank \(x.count); it must have rank 4.") }
  guard let rois else { return }
  guard rois.count == 2 else { throw .invalid("The regions have rank \(rois.count); they must have rank 2.") }
  try requireEqual(rois[1], Dimension(width), "A region has \(width) numbers")
}

func checkSpatialScale(_ scale: Float) throws(OnyxError) {
  guard scale > 0, scale.isFinite else { throw .invalid("The attribute 'spatial_scale' is \(scale); it must be positive and finite.") }
}
