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
    guard let linear = try form(query, a: a, b: weights.shape), linear.form.n > 0, linear.form.k > 0 else {
      return .declined("it is no product of rows with a constant bias, or empty")
    }
    guard linear.form.m > 1, linear.form.alpha == 1 else { return .declined("it has one row, or a factor") }
    let product = try Bfloat16Product(query, weights, linear.form, bias: linear.bias)
    let addend = linear.form.addend
    return .run(inPlaceInputs: addend.map { [$0] } ?? [], absorbedInputs: [1, 2]) { call in
      unsafe product.run(call.input(0), addend: addend.map { unsafe call.input($0) }, call.output(), pool: call.pool)
    }
  }

  /// What the four operators compute, as rows of X by W, and the bias of each column; nil for forms that are no such product.
  private static func form(_ query: KernelQuery, a: Shape, b: Shape) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    switch query.op {
    case is MatMul:
      guard b[0] > 0 else { return nil }
      return (LinearForm(m: a.elementCount / b[0], n: b[1], k: b[0]), nil)
    case let fused as FusedMatMul:
      guard b[0] > 0, query.isFixed(2) else { return nil }
      let form = LinearForm(
        m: a.elementCount / b[0], n: b[1], k: b[0], addend: query.input(3) == nil ? nil : 3, activation: Activation(fused.activation))
      return (form, try query.constant(2)?.elements(as: Float.self))
    case let gemm as OnyxOperators.Gemm: return try form(query, gemm, .none, a: a, b: b)
    case let fused as FusedGemm: return try form(query, fused.gemm, Activation(fused.activation), a: a, b: b)
    default: return nil
    }
  }

  private static func form(
    _ query: KernelQuery, _ gemm: OnyxOperators.Gemm, _ activation: Activation, a: Shape, b: Shape
  ) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    guard !gemm.transposesA else { return nil }
    let n = b[gemm.transposesB ? 0 : 1]
    guard let row = try LinearForm.row(query, gemm, count: n) else { return nil }
    let form = LinearForm(
      m: a[0], n: n, k: a[1], isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3,
      activation: activation)
    return (form, row.isEmpty ? nil : row)
  }
}
