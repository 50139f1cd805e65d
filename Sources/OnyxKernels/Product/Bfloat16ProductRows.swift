import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Matrix products with constant weights whose operands are rounded to bfloat16, for sessions that ask for it.
///
/// SAFETY: see `KernelCall`.
enum Bfloat16ProductRows {
  /// A product of several rows. One row alone is bounded by reading the weights and stays float32, as does a scaled product.
  static let linear = KernelRow(
    "linear_bf16",
    operators: [
      OperatorName("MatMul"), OperatorName("Gemm"), OperatorName("FusedMatMul", domain: "onyx"), OperatorName("FusedGemm", domain: "onyx"),
    ], .float32
  ) { (query) throws(OnyxError) in
    guard query.precision == .bfloat16 else { return .declined(Precision.isFloat32) }
    guard let weights = query.constant(1), weights.shape.rank == 2, let a = query.input(0)?.shape, a.rank > 0 else {
      return .declined("B is no constant matrix")
    }
    guard let linear = try LinearForm.of(query, a: a, b: weights.shape), linear.form.n > 0, linear.form.k > 0 else {
      return .declined("it is no product of rows with a constant bias, or empty")
    }
    guard linear.form.m > 1, linear.form.alpha == 1 else { return .declined("it has one row, or a factor") }
    let product = try Bfloat16Product(query, weights, linear.form, bias: linear.bias)
    let addend = linear.form.addend
    return .run(inPlaceInputs: addend.map { [$0] } ?? [], absorbedInputs: [1, 2]) { call in
      unsafe product.run(call.input(0), addend: addend.map { unsafe call.input($0) }, call.output(), pool: call.pool)
    }
  }
}
