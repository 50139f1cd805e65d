import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 convolutions with constant weights: packed once for the session, every geometry.
///
/// SAFETY: the weights have the element count of `layout`, which the shape rule checked.
extension KernelTable {
  static let convolutionRows = [
    KernelRow("conv_f32_packed", ["Conv"]) { (query) throws(OnyxError) in
      guard let conv = query.op as? Conv else { return nil }
      return try convolution(query, conv, activation: .none)
    }
  ]

  static func convolution(_ query: KernelQuery, _ conv: Conv, activation: Activation) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let x = query.input(0)?.shape, let w = query.constant(1), w.elementCount > 0, x.elementCount > 0 else {
      return nil
    }
    let bias = query.constant(2)
    guard query.input(2) == nil || bias != nil else { return nil }
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.isProportionate(planes: layout.channels, elements: x.elementCount) else {
      return nil
    }
    let pixels = geometry.outputCount
    let depth = layout.channels * geometry.tapCount
    let form = PackedConvolution.form(outputs: layout.filters / layout.groups, depth: depth, pixels: pixels, isa: query.isa)
    let key = "conv_f32_\(query.isa.name)_\(form)"
    let packed = try query.packed(key) { (_) throws(OnyxError) in
      try unsafe PackedConvolution(
        direct: form == .direct ? floats(w) : [], bias: bias.map { floats($0) } ?? Array(repeating: 0, count: layout.filters),
        channelsPerGroup: layout.channels, groups: layout.groups, kernel: geometry.kernel, form: form, isa: query.isa
      ) { count, fill in unsafe query.packedFloats("\(key)/floats", count: count, from: [w], fill: fill) }
    }
    let convolution = Convolution(geometry: geometry, weights: packed)
    let batch = layout.batch
    return PreparedKernel(absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(call.input(0), call.output(), batch: batch, activation: activation, pool: call.pool)
    }
  }

  /// A copy of the elements of a float32 tensor, which need not be aligned.
  static func floats(_ tensor: Tensor) -> [Float] {
    unsafe tensor.withUnalignedBytes { bytes in
      // SAFETY: the caller's query says that the tensor is float32; the array has room for its bytes.
      unsafe [Float](unsafeUninitializedCapacity: tensor.elementCount) { target, count in
        if let start = bytes.baseAddress {
          unsafe UnsafeMutableRawPointer(target.baseAddress!).copyMemory(from: start, byteCount: bytes.count)
        }
        count = tensor.elementCount
      }
    }
  }
}

extension WindowExtents {
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
