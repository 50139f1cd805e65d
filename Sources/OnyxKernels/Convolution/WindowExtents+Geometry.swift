import OnyxOperators

extension WindowExtents {
  /// Why a row leaves such a window to the reference, which walks it without tables.
  static let outOfProportion = "the padded window is out of proportion to the input"

  /// Whether staging `planes` padded planes takes at most 64 MB or four times the input: padding in a file can be any
  /// number, and the memory budget does not see scratch.
  func isProportionate(planes: Int, elements: Int) -> Bool {
    let plane = input.indices.reduce(1) { $0 * max(input[$1] + padsBegin[$1] + padsEnd[$1], reach($1), 1) }
    let (staged, overflow) = plane.multipliedReportingOverflow(by: planes)
    return !overflow && staged <= max(1 << 24, 4 * elements)
  }

  /// nil for windows whose padded plane or tap table would be out of proportion to the data: the scalar reference walks
  /// such a geometry without tables.
  init?(_ geometry: WindowGeometry) {
    var padded = 1
    var taps = 1
    for axis in geometry.axes {
      let reach = (axis.output - 1).multipliedReportingOverflow(by: axis.stride)
      let size = max(axis.input + axis.padBefore + axis.padAfter, reach.partialValue &+ axis.extent)
      let (product, overflow) = padded.multipliedReportingOverflow(by: max(size, 1))
      let (tapProduct, tapOverflow) = taps.multipliedReportingOverflow(by: axis.kernel)
      guard !reach.overflow, !overflow, !tapOverflow, product <= 1 << 26, tapProduct <= 1 << 20 else { return nil }
      padded = product
      taps = tapProduct
    }
    self.init(
      input: geometry.axes.map(\.input), kernel: geometry.axes.map(\.kernel), strides: geometry.axes.map(\.stride),
      dilations: geometry.axes.map(\.dilation), padsBegin: geometry.axes.map(\.padBefore), padsEnd: geometry.axes.map(\.padAfter),
      output: geometry.axes.map(\.output))
  }
}
