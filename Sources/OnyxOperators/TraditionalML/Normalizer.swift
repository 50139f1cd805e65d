import OnyxGraph
import OnyxTensor

/// Each row divided by its norm; a row of norm 0 stays. ONNX: Normalizer (ai.onnx.ml 1).
///
/// [N,C] or [C] → float32 of the same shape. MAX divides by the largest element, whose sign counts. L1 divides by the sum of absolute
/// values, as scikit-learn, ONNX Runtime and the reference evaluator do; the standard's formula says the sum. Computed in `Double`.
package struct Normalizer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Normalizer", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "float32")],
      types: ["T": .features]), Normalizer.init)

  /// What a row is divided by.
  package enum Norm: String, CaseIterable, Sendable {
    case max = "MAX"
    case l1 = "L1"
    case l2 = "L2"

    func of(_ row: ArraySlice<Double>) -> Double {
      switch self {
      case .max: row.max() ?? 0
      case .l1: row.reduce(0) { $0 + abs($1) }
      case .l2: row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    }
  }

  /// The norm of the rows.
  package let norm: Norm

  init(_ attributes: inout AttributeReader) throws(OnyxError) { norm = try attributes.choice("norm", default: .max) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    _ = try FeatureMatrix.rows(context)
    return [Inferred(.float32, try context.shape(0))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let matrix = try FeatureMatrix(x.shape)
    var values = try x.doubles()
    for row in 0..<(values.isEmpty ? 0 : matrix.rows) {
      let places = row * matrix.features..<(row + 1) * matrix.features
      let divisor = norm.of(values[places])
      if divisor != 0 { for index in places { values[index] /= divisor } }
    }
    return [try .float32(values, x.shape)]
  }
}
