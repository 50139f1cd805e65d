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
}
