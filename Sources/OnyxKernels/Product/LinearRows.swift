import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 products with constant weights: FusedMatMul, and convolutions whose window is the whole input.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let linearRows = [
    KernelRow("fused_matmul_f32_linear", ["FusedMatMul"], domain: "onyx") { (query) throws(OnyxError) in
      guard let fused = query.op as? FusedMatMul, query.isAll(.float32), let a = query.input(0)?.shape, let b = query.constant(1),
        b.shape.rank == 2,
        query.input(2) == nil || query.constant(2) != nil
      else { return nil }
      let (k, n) = (b.shape[0], b.shape[1])
      guard k > 0, n > 0, a.rank > 0 else { return nil }
      let form = LinearForm(
        m: a.elementCount / k, n: n, k: k, addend: query.input(3) == nil ? nil : 3, activation: Activation(fused.activation))
      return try linear(query, form, bias: try query.constant(2)?.elements(as: Float.self))
    },
    KernelRow("conv_f32_point", ["Conv"]) { (query) throws(OnyxError) in
      guard let conv = query.op as? Conv else { return nil }
      return try pointConvolution(query, conv, activation: .none)
    },
    KernelRow("fused_conv_f32_point", ["FusedConv"], domain: "onyx") { (query) throws(OnyxError) in
      guard let fused = query.op as? FusedConv else { return nil }
      return try pointConvolution(query, fused.conv, activation: Activation(fused.activation))
    },
    KernelRow("channels_last_depthwise_f32", ["ChannelsLastConv"], domain: "onyx") { (query) throws(OnyxError) in
      try channelsLastDepthwise(query)
    },
  ]

  /// A depthwise convolution with constant weights; its weights are put in blocks of 16 channels once for the session.
  private static func channelsLastDepthwise(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard let op = query.op as? ChannelsLastConv, query.isAll(.float32), let x = query.input(0)?.shape, x.rank == 4, x.elementCount > 0,
      let w = query.constant(1), w.shape.rank == 4, w.elementCount > 0, w.shape[1] == 1, w.shape[0] == x[3], op.conv.group == x[3],
      query.input(2) == nil || query.constant(2) != nil
    else { return nil }
    let layout = try ConvolutionLayout(op.conv.window, group: op.conv.group, input: try Shape([x[0], x[3], x[1], x[2]]), weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.outputCount > 0,
      geometry.isProportionate(planes: 16, elements: x.elementCount)
    else {
      return nil
    }
    let (channels, taps) = (x[3], geometry.tapCount)
    let blocks = (channels + 15) / 16
    let sources = [w] + (query.constant(2).map { [$0] } ?? [])
    let floats = unsafe query.packedFloats("channels_last", count: blocks * 16 * (taps + 1), from: sources) { target, sources, _ in
      unsafe ChannelsLastDepthwise.pack(
        sources[0], bias: sources.count > 1 ? sources[1] : nil, channels: channels, taps: taps, into: target)
    }
    let convolution = ChannelsLastDepthwise(geometry: geometry, batch: x[0], channels: channels, weights: floats, isa: query.isa)
    return PreparedKernel(absorbedInputs: [1, 2]) { call in unsafe convolution.run(call.input(0), call.output(), pool: call.pool) }
  }

  /// The shape of a product with the constant input 1 and what follows it.
  struct LinearForm {
    let m, n, k: Int
    /// Whether input 1 is [n, k] instead of [k, n].
    var isTransposed = false
    var alpha: Float = 1
    /// The input whose elements are added to those of the result.
    var addend: Int?
    var activation = Activation.none
  }

  /// Packs the weights once for the session; one row of X reads weights of shape [n, k] as they lie in the model.
  static func linear(_ query: KernelQuery, _ form: LinearForm, bias: [Float]?) throws(OnyxError) -> PreparedKernel? {
    guard let constant = query.constant(1), form.m > 0 else { return nil }
    let weights: LinearProduct.Weights
    if form.m == 1 && form.isTransposed {
      weights = .columns
    } else {
      weights = .packed(columns(of: constant, isTransposed: form.isTransposed, depth: form.k, lanes: form.n, query))
    }
    let product = LinearProduct(
      m: form.m, n: form.n, k: form.k, rowStride: form.k, alpha: form.alpha, activation: form.activation, isa: query.isa)
    let addend = form.addend
    var isInPlace = false
    if case .packed = weights { isInPlace = true }
    return PreparedKernel(inPlaceInputs: isInPlace ? addend.map { [$0] } ?? [] : [], absorbedInputs: isInPlace ? [1, 2] : [2]) { call in
      unsafe (bias ?? []).withUnsafeBufferPointer { row in
        unsafe product.run(
          .init(
            x: call.input(0), weights: call.optionalInput(1), bias: bias == nil ? nil : row.baseAddress,
            addend: addend.map { unsafe call.input($0) },
            y: call.output()), weights, pool: call.pool)
      }
    }
  }

  /// A constant right operand [depth, lanes], or its transpose, packed once for the session.
  private static func columns(of constant: Tensor, isTransposed: Bool, depth: Int, lanes: Int, _ query: KernelQuery) -> PackedMatrix {
    let isa = query.isa
    let count = PackedMatrix.floatCount(.columns, lanes: lanes, depth: depth, isa: isa)
    let floats = unsafe query.packedFloats("columns_f32_\(isa.name)_\(isTransposed)", count: count, from: [constant]) {
      target, sources, pool in
      let matrix = unsafe Matrix(sources[0], rowStride: isTransposed ? depth : lanes)
      unsafe PackedMatrix.pack(
        .columns, isTransposed ? matrix.transposed : matrix, lanes: lanes, depth: depth, isa: isa, into: target, pool)
    }
    return PackedMatrix(.columns, lanes: lanes, depth: depth, isa: isa, in: floats)
  }

  /// A convolution of one group that sees all of its input at once is a product of rows: one for each image.
  private static func pointConvolution(_ query: KernelQuery, _ conv: Conv, activation: Activation) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), conv.group == 1, let x = query.input(0)?.shape, let w = query.constant(1), w.elementCount > 0,
      x.elementCount > 0,
      x.rank == w.shape.rank, x.dropFirst().elementsEqual(w.shape.dropFirst()), query.input(2) == nil || query.constant(2) != nil
    else { return nil }
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w.shape)
    guard layout.geometry.axes.allSatisfy({ $0.output == 1 && $0.padBefore == 0 && $0.padAfter == 0 }) else { return nil }
    let form = LinearForm(
      m: x[0], n: w.shape[0], k: w.elementCount / w.shape[0], isTransposed: true, addend: query.input(3) == nil ? nil : 3,
      activation: activation)
    return try linear(query, form, bias: try query.constant(2)?.elements(as: Float.self))
  }
}
