import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// FusedConv and FusedGemm of the domain `onyx`: the product's kernel with an activation, after an optional residual.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let fusedRows = [
    KernelRow("fused_conv_f32_packed", ["FusedConv"], domain: "onyx") { (query) throws(OnyxError) in
      guard let fused = query.op as? FusedConv else { return nil }
      let activation = Activation(fused.activation)
      guard query.input(3) != nil else { return try convolution(query, fused.conv, activation: activation) }
      return withResidual(try convolution(query, fused.conv, activation: .none), query, activation)
    },
    KernelRow("fused_gemm_f32_packed", ["FusedGemm"], domain: "onyx") { (query) throws(OnyxError) in
      guard let fused = query.op as? FusedGemm else { return nil }
      let activation = Activation(fused.activation)
      if let kernel = try product(query, fused.gemm, activation: activation) { return kernel }
      guard query.input(3) != nil else { return nil }
      return withResidual(try product(query.withoutInput(3), fused.gemm, activation: .none), query, activation)
    },
  ]

  /// y = activation(product + Z): Z is added when the product stands in the output.
  private static func withResidual(_ product: PreparedKernel?, _ query: KernelQuery, _ activation: Activation) -> PreparedKernel? {
    guard let product, case .run(let body) = product.action, let y = query.outputs[0]?.shape else { return nil }
    let count = y.elementCount
    let isa = query.isa
    return PreparedKernel(scratchByteCount: product.scratchByteCount, absorbedInputs: product.absorbedInputs) { (call) throws(OnyxError) in
      try body(call)
      unsafe Elementwise.binary(
        .add, call.output(), strides: [1], call.input(3), strides: [1], call.output(), shape: [count], isa: isa, pool: call.pool)
      switch activation {
      case .none: break
      case .clamp(let low, let high):
        unsafe Elementwise.unary(.clip, call.output(), call.output(), count: count, p0: low, p1: high, isa: isa, pool: call.pool)
      case .unary(let operation, let p0, let p1):
        unsafe Elementwise.unary(operation, call.output(), call.output(), count: count, p0: p0, p1: p1, isa: isa, pool: call.pool)
      }
    }
  }
}
