import CKernels

/// How a dense convolution reads its input: where the runs of a window lie, and how output pixels follow each other.
///
/// A blocked image whose windows stay inside it is read where it lies; otherwise each plane is copied into one with a border of
/// zeros. A plain image is staged by stride phase, so that the pixels of an output row are neighbours. Planes are staged whole, those
/// of a blocked image also the rows under some output rows, a strip, at a time.
struct BlockedImage: Sendable {
  let geometry: WindowExtents
  let isBlocked: Bool
  /// Whether planes must be staged first.
  let needsCopy: Bool
  /// Elements of the planes of one image, as the kernel reads them.
  let imageCount: Int
  let planes: Int
  let planeCount: Int
  /// Offset of each run from the element of a pixel.
  let runs: [Int64]
  let pixelStride: Int
  /// Output pixels of a row whose elements are `pixelStride` apart; the rows of a plane.
  let rowLength, rowCount: Int
  /// From one row's first element to the next one's.
  let rowStride: Int
  /// Pixels of a staged plane.
  let width, height: Int
  private let plain: StagedImage?
  /// Runs of a plane under one tap.
  private let parts: Int

  /// A run has `runLength` channels: a block or half of one, or one channel of a plain image; `groups` of them hold all channels.
  /// The geometry has two spatial axes.
  init(_ g: WindowExtents, groups: Int, runLength: Int) {
    geometry = g
    isBlocked = runLength > 1
    let lanes = isBlocked ? Int(ONYX_BLOCK) : 1
    let parts = max(1, lanes / runLength)
    self.parts = parts
    planes = (groups + parts - 1) / parts
    if isBlocked {
      plain = nil
      let inside = (0..<2).allSatisfy { g.padsBegin[$0] == 0 && g.reach($0) <= g.input[$0] }
      needsCopy = !inside
      (height, width) = inside ? (g.input[0], g.input[1]) : (g.reach(0), g.reach(1))
      planeCount = height * width * lanes
      let isLine = inside && g.kernel == [1, 1] && g.strides == [1, 1] && g.output == g.input
      (rowLength, rowCount) = isLine ? (g.outputCount, 1) : (g.output[1], g.output[0])
      pixelStride = g.strides[1] * lanes
      rowStride = g.strides[0] * width * lanes
      let (plane, line, g) = (planeCount, width, geometry)
      runs = (0..<groups).flatMap { group in
        (0..<g.tapCount).map { tap in
          let (y, x) = (tap / g.kernel[1] * g.dilations[0], tap % g.kernel[1] * g.dilations[1])
          return Int64(group / parts * plane + group % parts * runLength + (y * line + x) * lanes)
        }
      }
    } else {
      let staged = StagedImage(g)
      plain = staged
      needsCopy = staged.needsCopy
      (height, width) = (g.input[0], g.input[1])
      planeCount = staged.planeCount
      pixelStride = 1
      (rowLength, rowCount) = (g.output[1], g.output[0])
      rowStride = staged.rowStep
      runs = (0..<groups).flatMap { channel in staged.taps.map { $0 + Int64(channel * staged.planeCount) } }
    }
    imageCount = planes * planeCount
  }

  /// Copies plane `index` of an image into its place in `staged`, each lane times its factor if there are factors.
  ///
  /// SAFETY: reads one input plane and, with factors, 16 of them; writes `planeCount` floats.
  func stage(
    _ index: Int, _ image: UnsafePointer<Float>, factors: UnsafePointer<Float>?, into staged: UnsafeMutablePointer<Float>, isa: ISA
  ) {
    let lanes = isBlocked ? Int(ONYX_BLOCK) : 1
    let source = unsafe image + index * geometry.inputCount * lanes
    let target = unsafe staged + index * planeCount
    if let plain { return unsafe plain.stage(source, into: target, fill: 0, isa: isa) }
    let factors = unsafe factors.map { unsafe $0 + index * lanes }
    unsafe fillPlane(target, from: source) { row, line, pixels in
      if let factors = unsafe factors {
        unsafe isa.blocked.scale!(row, line, factors, Int64(pixels))
      } else {
        unsafe row.update(from: line, count: pixels * lanes)
      }
    }
  }

  /// Staged rows under `rows` output rows.
  private func reach(rows: Int) -> Int { (rows - 1) * geometry.strides[0] + (geometry.kernel[0] - 1) * geometry.dilations[0] + 1 }

  /// Elements of a plane of a strip of `rows` output rows.
  func stripPlaneCount(rows: Int) -> Int { reach(rows: rows) * width * Int(ONYX_BLOCK) }

  /// `runs` in a strip of `rows` output rows.
  func stripRuns(rows: Int) -> [Int64] {
    let shorter = Int64(planeCount - stripPlaneCount(rows: rows))
    return runs.indices.map { runs[$0] - Int64($0 / (parts * geometry.tapCount)) * shorter }
  }

  /// Copies what output rows `rows` read of plane `index` into `target`.
  ///
  /// SAFETY: reads one input plane; writes `stripPlaneCount` floats of as many rows.
  func stage(_ index: Int, rows: Range<Int>, _ image: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let first = rows.lowerBound * geometry.strides[0]
    let lanes = Int(ONYX_BLOCK)
    unsafe fillPlane(target, rows: first..<first + reach(rows: rows.count), from: image + index * geometry.inputCount * lanes) {
      row, line, pixels in unsafe row.update(from: line, count: pixels * lanes)
    }
  }

  /// Fills a staged plane of a blocked image, or some rows of it: `put` writes the pixels of a source row that the windows reach, with
  /// zeros around them.
  ///
  /// SAFETY: reads one input plane and writes the rows, if `put` keeps to the pixels that it is given.
  func fillPlane<Element: ExpressibleByIntegerLiteral>(
    _ target: UnsafeMutablePointer<Element>, rows: Range<Int>? = nil, from source: UnsafePointer<Float>,
    put: (_ row: UnsafeMutablePointer<Element>, _ line: UnsafePointer<Float>, _ pixels: Int) -> Void
  ) {
    let lanes = Int(ONYX_BLOCK)
    let (top, left) = (geometry.padsBegin[0], geometry.padsBegin[1])
    let present = max(0, min(geometry.input[1], width - left))
    let rows = rows ?? 0..<height
    for y in rows {
      let row = unsafe target + (y - rows.lowerBound) * width * lanes
      guard y >= top, y - top < geometry.input[0], left < width else {
        unsafe row.update(repeating: 0, count: width * lanes)
        continue
      }
      unsafe row.update(repeating: 0, count: left * lanes)
      unsafe put(row + left * lanes, source + (y - top) * geometry.input[1] * lanes, present)
      unsafe (row + (left + present) * lanes).update(repeating: 0, count: (width - left - present) * lanes)
    }
  }
}
