import OnyxGraph
import OnyxTensor

/// The prediction of a support vector machine for each sample, or with `one_class` whether the sample belongs to the class (1) or not
/// (−1). ONNX: SVMRegressor (ai.onnx.ml 1).
///
/// [N,F] → [N,1]; [F] counts as one row. Without support vectors the coefficients are those of the features, and the kernel is linear.
/// Computed in `Double`. ONNX Runtime passes over `post_transform`; the standard does not.
package struct SVMRegressor: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SVMRegressor", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "float32")],
      types: ["T": .features]), SVMRegressor.init)

  /// Whether the sign alone is given.
  package let isOneClass: Bool
  private let kernel: SVMKernel
  private let coefficients: [Double]
  private let rho: Double
  private let supports: Int
  private let transform: PostTransform

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    kernel = try SVMKernel(&attributes)
    coefficients = (try attributes.floats("coefficients") ?? []).map(Double.init)
    rho = Double(try attributes.floats("rho")?.first ?? 0)
    supports = try attributes.int("n_supports", default: 0)
    isOneClass = try attributes.flag("one_class", default: false)
    transform = try attributes.choice("post_transform", default: .none)
    guard supports >= 0, supports == 0 || coefficients.count == supports else {
      throw .invalid("There are \(coefficients.count) coefficients for \(supports) support vectors.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [Inferred(.float32, [try FeatureMatrix.rows(context, features: supports == 0 ? coefficients.count : nil), 1])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let matrix = try FeatureMatrix(x.shape)
    var scores: [Double]
    if supports == 0 {
      scores = try LinearModel(coefficients, [rho]).scores(x, outputs: 1)
    } else {
      try kernel.check(vectors: supports, features: matrix.features)
      let values = try x.doubles()
      var kernels = [Double](repeating: 0, count: supports)
      scores = try Shape([matrix.rows]).filled(with: rho)
      for row in 0..<matrix.rows {
        kernel.evaluate(values, at: row * matrix.features, features: matrix.features, into: &kernels)
        for (coefficient, kernel) in zip(coefficients, kernels) { scores[row] += coefficient * kernel }
      }
    }
    if isOneClass {
      for row in scores.indices { scores[row] = scores[row] > 0 ? 1 : -1 }
    } else {
      transform.apply(&scores, rowsOf: 1)
    }
    return [try .float32(scores, context.shape())]
  }
}
