import OnyxOperators

/// Planes with their padding around them, so that every tap of a window is a constant distance from its first one. Planes whose windows
/// stay inside them are read where they lie.
struct PaddedPlanes: Sendable {
  private let geometry: WindowExtents
  /// Extents of a padded plane.
  private let extents: [Int]
  let needsCopy: Bool
  /// Elements of a plane of the input and of a padded one.
  let inputCount, paddedCount: Int
  /// Distance of each tap from the first one, row-major.
  let taps: [Int64]
  /// The first tap of the first window of each row of outputs, row-major over the outer axes.
  let rowStarts: [Int]
  /// Outputs of a row, and elements between their first taps.
  let width, stride: Int

  init(_ geometry: WindowExtents) {
    self.geometry = geometry
    let axes = geometry.input.indices
    needsCopy = !axes.allSatisfy { geometry.padsBegin[$0] == 0 && geometry.reach($0) <= geometry.input[$0] }
    let copies = needsCopy
    extents = axes.map { copies ? max(geometry.reach($0), 1) : geometry.input[$0] }
    inputCount = geometry.inputCount
    paddedCount = extents.reduce(1, *)
    var strides = Array(repeating: 1, count: extents.count)
    for axis in axes.dropLast().reversed() { strides[axis] = strides[axis + 1] * extents[axis + 1] }
    taps = axes.reduce([0]) { sums, axis in
      sums.flatMap { sum in (0..<geometry.kernel[axis]).map { sum + Int64($0 * geometry.dilations[axis] * strides[axis]) } }
    }
    rowStarts = axes.dropLast().reduce([0]) { sums, axis in
      sums.flatMap { sum in (0..<geometry.output[axis]).map { sum + $0 * geometry.strides[axis] * strides[axis] } }
    }
    width = geometry.output[geometry.output.count - 1]
    stride = geometry.strides[geometry.strides.count - 1]
  }

  /// Writes a padded plane.
  ///
  /// SAFETY: `plane` holds `inputCount` elements, `target` `paddedCount`.
  func pad(_ plane: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>) {
    unsafe clear(target)
    unsafe copy(plane, into: target)
  }

  /// Writes padding everywhere.
  func clear(_ target: UnsafeMutablePointer<Double>) { unsafe target.update(repeating: 0, count: paddedCount) }

  /// Writes the plane between the padding, which stays.
  ///
  /// SAFETY: as for `pad`.
  func copy(_ plane: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>) {
    let last = extents.count - 1
    let (before, row) = (geometry.padsBegin[last], geometry.input[last])
    let count = min(row, extents[last] - before)
    guard count > 0 else { return }
    for index in 0..<inputCount / max(row, 1) {
      var (rest, place, size) = (index, before, extents[last])
      var isInside = true
      for axis in (0..<last).reversed() {
        let (next, coordinate) = rest.quotientAndRemainder(dividingBy: geometry.input[axis])
        let padded = coordinate + geometry.padsBegin[axis]
        isInside = isInside && padded < extents[axis]
        place += padded * size
        size *= extents[axis]
        rest = next
      }
      if isInside { unsafe (target + place).update(from: plane + index * row, count: count) }
    }
  }
}
