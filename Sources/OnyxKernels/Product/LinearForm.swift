import OnyxGraph
import OnyxOperators
import OnyxTensor

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

extension LinearForm {
  /// Why a C of Gemm is no row.
  static let needsRow = "C is no constant that broadcasts as one row"

  /// The row that C of a Gemm adds to each row of its product, times beta; empty for none. nil when C is another thing.
  static func row(_ query: KernelQuery, _ gemm: OnyxOperators.Gemm, count n: Int) throws(OnyxError) -> [Float]? {
    guard query.input(2) != nil, gemm.beta != 0 else { return [] }
    guard let c = query.constant(2), c.elementCount == 1 || c.elementCount == n && c.shape.last == n else { return nil }
    let values = try c.elements(as: Float.self).map { $0 * gemm.beta }
    return values.count == n ? values : Array(repeating: values[0], count: n)
  }

  /// What the four operators compute, as rows of X by W, and the bias of each column; nil for forms that are no such product.
  static func of(_ query: KernelQuery, a: Shape, b: Shape) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    switch query.op {
    case is MatMul:
      guard b[0] > 0 else { return nil }
      return (LinearForm(m: a.elementCount / b[0], n: b[1], k: b[0]), nil)
    case let fused as FusedMatMul:
      guard b[0] > 0, query.isFixed(2) else { return nil }
      let form = LinearForm(
        m: a.elementCount / b[0], n: b[1], k: b[0], addend: query.input(3) == nil ? nil : 3, activation: Activation(fused.activation))
      return (form, try query.constant(2)?.elements(as: Float.self))
    case let gemm as OnyxOperators.Gemm: return try of(query, gemm, .none, a: a, b: b)
    case let fused as FusedGemm: return try of(query, fused.gemm, Activation(fused.activation), a: a, b: b)
    default: return nil
    }
  }

  private static func of(
    _ query: KernelQuery, _ gemm: OnyxOperators.Gemm, _ activation: Activation, a: Shape, b: Shape
  ) throws(OnyxError) -> (form: LinearForm, bias: [Float]?)? {
    guard !gemm.transposesA else { return nil }
    let n = b[gemm.transposesB ? 0 : 1]
    guard let row = try row(query, gemm, count: n) else { return nil }
    let form = LinearForm(
      m: a[0], n: n, k: a[1], isTransposed: gemm.transposesB, alpha: gemm.alpha, addend: query.input(3) == nil ? nil : 3,
      activation: activation)
    return (form, row.isEmpty ? nil : row)
  }
}
