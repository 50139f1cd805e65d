import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The loss of labels for scores whose softmax over the classes are the probabilities. ONNX: SoftmaxCrossEntropyLoss (12, 13).
///
/// A label outside the classes is an error unless it is the ignored one.
package struct SoftmaxCrossEntropyLoss: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SoftmaxCrossEntropyLoss", versions: [12, 13],
      inputs: [.required("scores", "T"), .required("labels", "Tind"), .optional("weights", "T")],
      outputs: [.required("output", "T"), .optional("log_prob", "T")], types: ["T": .floats, "Tind": .indices]),
    SoftmaxCrossEntropyLoss.init)

  /// Reduction and ignored label.
  package let loss: ClassLoss

  init(_ attributes: inout AttributeReader) throws(OnyxError) { loss = try ClassLoss(&attributes) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let scores = try context.tensor(0)
    return Array([scores.resized(try loss.shape(context)), scores.resized(scores.shape)].prefix(context.outputCount))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let scores = try context.input(0)
    let logarithms = try Self.logarithms(scores.doubles(), scores.shape)
    let output = try loss.evaluate(logarithms, context)
    guard context.outputCount > 1 else { return [output] }
    return [output, try Tensor(floating: logarithms, as: scores.elementType, shape: scores.shape)]
  }

  /// x − max − ln Σ e^(x − max) over axis 1.
  private static func logarithms(_ scores: [Double], _ shape: Shape) -> [Double] {
    guard !scores.isEmpty else { return scores }
    let classes = shape[1]
    let inner = shape[2...].reduce(1, *)
    var result = scores
    for lane in 0..<scores.count / classes {
      let start = lane / inner * classes * inner + lane % inner
      var largest = -Double.infinity
      for k in 0..<classes { largest = max(largest, scores[start + k * inner]) }
      var sum = 0.0
      for k in 0..<classes { sum += exp(scores[start + k * inner] - largest) }
      let shift = largest + log(sum)
      for k in 0..<classes { result[start + k * inner] -= shift }
    }
    return result
  }
}
