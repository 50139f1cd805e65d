import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 convolutions with constant weights: packed once for the session, every geometry.
///
/// SAFETY: the weights have the element count of `layout`, which the shape rule checked.
enum ConvolutionRows {
  /// One product of rows, for a window that is the whole input.
  static let point = KernelRow("conv_f32_point", ["Conv"], .float32) { (conv: Conv, query) throws(OnyxError) in
    try pointConvolution(query, conv, activation: .none)
  }

  static let fusedPoint = KernelRow("fused_conv_f32_point", ["FusedConv"], domain: "onyx", .float32) {
    (fused: FusedConv, query) throws(OnyxError) in
    try pointConvolution(query, fused.conv, activation: Activation(fused.activation))
  }

  static let packed = KernelRow("conv_f32_packed", ["Conv"], .float32) { (conv: Conv, query) throws(OnyxError) in
    try convolution(query, conv, activation: .none)
  }

  static let fusedPacked = KernelRow("fused_conv_f32_packed", ["FusedConv"], domain: "onyx", .float32) {
    (fused: FusedConv, query) throws(OnyxError) in
    let activation = Activation(fused.activation)
    guard query.input(3) != nil else { return try convolution(query, fused.conv, activation: activation) }
    return try convolution(query, fused.conv, activation: .none).addingResidual(query, activation)
  }

  private static func convolution(_ query: KernelQuery, _ conv: Conv, activation: Activation) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.elementCount > 0 else { return .declined("the input is empty") }
    guard let w = query.constant(1), w.elementCount > 0, query.isFixed(2) else { return .declined(Preparation.needsConstantWeights) }
    let bias = query.constant(2)
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.isProportionate(planes: layout.channels, elements: x.elementCount) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let form = PackedConvolution.form(
      outputs: layout.filters / layout.groups, depth: layout.channels * geometry.tapCount, pixels: geometry.outputCount, isa: query.isa)
    let key = "conv_f32_\(query.isa.name)_\(form)"
    let packed = try query.packed(key) { (_) throws(OnyxError) in
      try unsafe PackedConvolution(
        direct: form == .direct ? w.elements(as: Float.self) : [],
        bias: bias?.elements(as: Float.self) ?? Array(repeating: 0, count: layout.filters),
        channelsPerGroup: layout.channels, groups: layout.groups, kernel: geometry.kernel, form: form, isa: query.isa
      ) { count, fill in unsafe query.packedFloats("\(key)/floats", count: count, from: [w], fill: fill) }
    }
    let convolution = Convolution(geometry: geometry, weights: packed)
    let batch = layout.batch
    return .run(absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(call.input(0), call.output(), batch: batch, activation: activation, pool: call.pool)
    }
  }

  /// A convolution of one group that sees all of its input at once is a product of rows: one for each image.
  private static func pointConvolution(_ query: KernelQuery, _ conv: Conv, activation: Activation) throws(OnyxError) -> Preparation {
    guard conv.group == 1 else { return .declined("there are \(conv.group) groups") }
    guard let w = query.constant(1), w.elementCount > 0, query.isFixed(2) else { return .declined(Preparation.needsConstantWeights) }
    guard let x = query.input(0)?.shape, x.elementCount > 0, x.rank == w.shape.rank, x.dropFirst().elementsEqual(w.shape.dropFirst()) else {
      return .declined("the window is not the whole input")
    }
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w.shape)
    guard layout.geometry.axes.allSatisfy({ $0.output == 1 && $0.padBefore == 0 && $0.padAfter == 0 }) else {
      return .declined("the window sees padding")
    }
    let form = LinearForm(
      m: x[0], n: w.shape[0], k: w.elementCount / w.shape[0], isTransposed: true, addend: query.input(3) == nil ? nil : 3,
      activation: activation)
    return try LinearRows.linear(query, form, bias: try query.constant(2)?.elements(as: Float.self))
  }
}

extension Preparation {
  static let needsConstantWeights = "the weights or the bias are no constants, or empty"

  /// y = activation(product + Z), Z as input 3: it is added when the product stands in the output.
  func addingResidual(_ query: KernelQuery, _ activation: Activation) -> Preparation {
    guard case .kernel(let product) = self, case .run(let body) = product.action else { return self }
    guard let count = query.outputs[0]?.shape.elementCount else { return .declined("the output is missing") }
    let isa = query.isa
    return .run(scratchByteCount: product.scratchByteCount, absorbedInputs: product.absorbedInputs) { (call) throws(OnyxError) in
      try body(call)
      unsafe Elementwise.binary(
        .add, call.output(), strides: [1], call.input(3), strides: [1], call.output(), shape: [count], isa: isa, pool: call.pool)
      unsafe activation.applyAny(call.output(), count: count, isa: isa, pool: call.pool)
    }
  }
}
