import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Convolutions and matrix products with constant weights whose operands are rounded to bfloat16: rows for sessions that ask for it.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts taken from it stay inside.
extension KernelTable {
  static let bfloat16Rows = [
    KernelRow("blocked_conv_bf16", ["BlockedConv"], domain: "onyx") { (query) throws(OnyxError) in
      guard query.precision == .bfloat16 else { return nil }
      return try roundedConvolution(query)
    },
    KernelRow(
      "linear_bf16",
      operators: [
        OperatorName("MatMul"), OperatorName("Gemm"), OperatorName("FusedMatMul", domain: "onyx"),
        OperatorName("FusedGemm", domain: "onyx"),
      ]
    ) { (query) throws(OnyxError) in
      guard query.precision == .bfloat16 else { return nil }
      return try roundedProduct(query)
    },
  ]

  /// A dense convolution over channel blocks. The few channels of a first layer over a plain image stay float32.
  private static func roundedConvolution(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard let site = try BlockedConvSite(query), site.isBlocked, site.layout.groups == 1,
      site.geometry.isProportionate(planes: ChannelBlocks.count(site.layout.channels) * ChannelBlocks.size, elements: site.inputCount)
    else { return nil }
    let convolution = try Bfloat16Convolution(query, site, bias: site.bias.map { floats($0) })
    let batch = site.layout.batch
    return PreparedKernel(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(
        call.input(0), factors: call.optionalInput(4), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }

  /// A product of several rows. One row alone is bounded by reading the weights and stays float32, as does a scaled product.
  private static func roundedProduct(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard query.isAll(.float32), let weights = query.constant(1), weights.shape.rank == 2, let a = query.input(0)?.shape, a.rank > 0,
      let linear = try linearForm(query, a: a, b: weights.shape), linear.form.m > 1, linear.form.n > 0, linear.form.k > 0,
      linear.form.alpha == 1
    else { return nil }
    let product = try Bfloat16Product(query, weights, linear.form, bias: linear.bias)
    let addend = linear.form.addend
    return PreparedKernel(inPlaceInputs: addend.map { [$0] } ?? [], absorbedInputs: [1, 2]) { call in
      unsafe product.run(call.input(0), addend: addend.map { unsafe call.input($0) }, call.output(), pool: call.pool)
    }
  }

  /// What the four operators compute, as rows of X by W, and the bias of each column; nil for forms that are no such product.
  private static func linearForm(_ query: KernelQuery, a: Shape, b: Shape) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    switch query.op {
    case is MatMul:
      guard b[0] > 0 else { return nil }
      return (LinearForm(m: a.elementCount / b[0], n: b[1], k: b[0]), nil)
    case let fused as FusedMatMul:
      guard b[0] > 0, query.input(2) == nil || query.constant(2) != nil else { return nil }
      let form = LinearForm(
        m: a.elementCount / b[0], n: b[1], k: b[0], addend: query.input(3) == nil ? nil : 3, activation: Activation(fused.activation))
      return (form, try query.constant(2)?.elements(as: Float.self))
    case let gemm as OnyxOperators.Gemm: return try linearForm(query, gemm, .none, a: a, b: b)
    case let fused as FusedGemm: return try linearForm(query, fused.gemm, Activation(fused.activation), a: a, b: b)
    default: return nil
    }
  }

  /// As `product` has it: C is absent or a constant that broadcasts as one row.
  private static func linearForm(
    _ query: KernelQuery, _ gemm: OnyxOperators.Gemm, _ activation: Activation, a: Shape, b: Shape
  ) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    guard !gemm.transposesA else { return nil }
    let n = b[gemm.transposesB ? 0 : 1]
    let form = LinearForm(
      m: a[0], n: n, k: a[1], isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3,
      activation: activation)
    guard query.input(2) != nil, gemm.beta != 0 else { return (form, nil) }
    guard let c = query.constant(2), c.elementCount == 1 || c.elementCount == n && c.shape.last == n else { return nil }
    let values = try c.elements(as: Float.self).map { $0 * gemm.beta }
    return (form, values.count == n ? values : Array(repeating: values[0], count: n))
  }
}
