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
  ///
  /// Axes with one element and one tap come first, whatever their place: elements and taps lie as they did, and kernels, which take many
  /// elements along the last axis at once, find there what there is.
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
    func isSingle(_ axis: WindowGeometry.Axis) -> Bool {
      axis.input == 1 && axis.kernel == 1 && axis.output == 1 && axis.padBefore == 0 && axis.padAfter == 0
    }
    let axes = geometry.axes.filter(isSingle) + geometry.axes.filter { !isSingle($0) }
    self.init(
      input: axes.map(\.input), kernel: axes.map(\.kernel), strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      padsBegin: axes.map(\.padBefore), padsEnd: axes.map(\.padAfter), output: axes.map(\.output))
  }
}
