import CKernels

/// How one channel is laid out for window kernels: padded, and its rows split by stride phase, so that each tap is a
/// constant offset from the first pixel of a row and pixels of an output row are neighbours.
///
/// An image whose windows stay inside it with unit stride on the last axis is used where it lies.
struct StagedImage: Sendable {
  let geometry: WindowExtents
  /// Whether `stage` must run; otherwise kernels read the input plane.
  let needsCopy: Bool
  /// Elements of a staged (or input) plane.
  let planeCount: Int
  /// Offset of each kernel position, row-major over the kernel.
  let taps: [Int64]
  /// Offset of the first pixel of each output row, row-major over the outer output axes.
  let bases: [Int64]
  /// Offset between output rows that are neighbours on the last but one axis.
  let rowStep: Int
  /// The last two axes as a dense 3x3 or 5x5 window for the kernels that share loads between rows, if they are one;
  /// the first `size` taps are its columns.
  let square: Square?

  struct Square: Sendable {
    let size, rowStride, verticalStride: Int
  }

  private let extents: [Int]
  private let phases: Int
  private let phaseWidth: Int
  /// The last two axes: staged rows, and height, width and padding of the source; one row on a single axis.
  private let rows, height, width, padRows, padColumns, columnStride: Int
  /// Staged planes of the last two axes.
  private let slices: Int

  init(_ geometry: WindowExtents) {
    self.geometry = geometry
    let last = geometry.input.count - 1
    let inside = geometry.input.indices.allSatisfy {
      geometry.padsBegin[$0] == 0 && geometry.reach($0) <= geometry.input[$0]
    }
    needsCopy = !(inside && geometry.strides[last] == 1)
    let lastReach = (geometry.kernel[last] - 1) * geometry.dilations[last]
    if needsCopy {
      phases = min(geometry.strides[last], lastReach + 1)
      phaseWidth = geometry.output[last] + lastReach / geometry.strides[last]
      extents = (0..<last).map { geometry.reach($0) } + [phases * phaseWidth]
    } else {
      (phases, phaseWidth) = (1, geometry.input[last])
      extents = geometry.input
    }
    (width, padColumns, columnStride) = (geometry.input[last], geometry.padsBegin[last], geometry.strides[last])
    rows = last > 0 ? extents[last - 1] : 1
    (height, padRows) = last > 0 ? (geometry.input[last - 1], geometry.padsBegin[last - 1]) : (1, 0)
    slices = extents.dropLast(2).reduce(1, *)
    var planeStrides = Array(repeating: 1, count: last + 1)
    for i in (0..<last).reversed() { planeStrides[i] = planeStrides[i + 1] * extents[i + 1] }
    planeCount = planeStrides[0] * extents[0]
    rowStep = last > 0 ? geometry.strides[last - 1] * planeStrides[last - 1] : 0
    bases = StagedImage.grid(Array(geometry.output.dropLast())) { axis, i in
      i * geometry.strides[axis] * planeStrides[axis]
    }
    let (stride, width) = (geometry.strides[last], phaseWidth)
    taps = StagedImage.grid(geometry.kernel) { axis, i in
      let distance = i * geometry.dilations[axis]
      return axis == last ? distance % stride * width + distance / stride : distance * planeStrides[axis]
    }
    square = StagedImage.square(geometry, rowStride: planeStrides[0])
  }

  /// Two spatial axes, size 3 or 5, no vertical dilation, vertical stride 1 or 2.
  private static func square(_ g: WindowExtents, rowStride: Int) -> Square? {
    guard g.input.count == 2, g.kernel[0] == g.kernel[1], g.kernel[0] == 3 || g.kernel[0] == 5, g.dilations[0] == 1,
      g.strides[0] <= 2
    else { return nil }
    return Square(size: g.kernel[0], rowStride: rowStride, verticalStride: g.strides[0])
  }

  /// Sums of one offset per axis, over all index tuples in row-major order.
  private static func grid(_ shape: [Int], _ offset: (Int, Int) -> Int) -> [Int64] {
    var sums: [Int64] = [0]
    for axis in shape.indices {
      sums = sums.flatMap { sum in (0..<shape[axis]).map { sum + Int64(offset(axis, $0)) } }
    }
    return sums
  }

  /// Writes the staged form of one input plane, with `fill` outside the image.
  ///
  /// SAFETY: reads `geometry.inputCount` floats, writes `planeCount`: one row of `phases * phaseWidth` per index of
  /// the outer extents.
  func stage(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, fill: Float, isa: ISA
  ) {
    forEachSlice { target, offset, height in
      unsafe isa.image.stage_plane!(
        destination + target, Int64(rows), Int64(phases), Int64(phaseWidth), source + offset, height, Int64(width), Int64(padRows),
        Int64(padColumns), Int64(columnStride), fill)
    }
  }

  /// The same for bytes.
  func stage(
    _ source: UnsafePointer<UInt8>, into destination: UnsafeMutablePointer<UInt8>, fill: UInt8, isa: ISA
  ) {
    forEachSlice { target, offset, height in
      unsafe isa.int8.stage_plane!(
        destination + target, Int64(rows), Int64(phases), Int64(phaseWidth), source + offset, height, Int64(width), Int64(padRows),
        Int64(padColumns), Int64(columnStride), fill)
    }
  }

  /// Calls `body` with where each slice of the outer axes is staged, where it starts in the input plane, and its rows there: none in
  /// the padding.
  private func forEachSlice(_ body: (_ target: Int, _ source: Int, _ height: Int64) -> Void) {
    for slice in 0..<slices {
      let offset = extents.count < 3 ? 0 : sourceOffset(slice)
      body(slice * rows * phases * phaseWidth, offset ?? 0, offset == nil ? 0 : Int64(height))
    }
  }

  /// Where a slice of the outer axes starts in the input plane; nil in the padding.
  private func sourceOffset(_ slice: Int) -> Int? {
    var rest = slice
    var offset = 0
    var sliceStride = height * width
    for axis in stride(from: extents.count - 3, through: 0, by: -1) {
      let at = rest % extents[axis] - geometry.padsBegin[axis]
      rest /= extents[axis]
      guard at >= 0, at < geometry.input[axis] else { return nil }
      offset += at * sliceStride
      sliceStride *= geometry.input[axis]
    }
    return offset
  }
}
