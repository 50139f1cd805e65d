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

  private let extents: [Int]
  private let phases: Int
  private let phaseWidth: Int

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
    let last = extents.count - 1, rowCount = extents[last]
    let rows = extents.dropLast().reduce(1, *)
    for row in 0..<rows {
      var rest = row, offset = 0, planeStride = geometry.input[last], inside = true
      for axis in (0..<last).reversed() {
        let at = rest % extents[axis] - geometry.padsBegin[axis]
        rest /= extents[axis]
        inside = inside && at >= 0 && at < geometry.input[axis]
        offset += at * planeStride
        planeStride *= geometry.input[axis]
      }
      let target = unsafe destination + row * rowCount
      if inside {
        unsafe isa.image.stage_row!(
          target, Int64(phaseWidth), Int64(phases), Int64(phaseWidth), source + offset, Int64(geometry.input[last]),
          Int64(geometry.padsBegin[last]), Int64(geometry.strides[last]), fill)
      } else {
        unsafe isa.elementwise.fill!(target, fill, Int64(rowCount))
      }
    }
  }
}
