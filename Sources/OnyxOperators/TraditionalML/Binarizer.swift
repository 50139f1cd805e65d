import OnyxGraph
import OnyxTensor

/// 1 where an element is above the threshold, else 0. ONNX: Binarizer (ai.onnx.ml 1).
package struct Binarizer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Binarizer", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .features]), Binarizer.init)

  /// What elements are compared with.
  package let threshold: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) { threshold = try attributes.float("threshold", default: 0) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [try context.tensor(0).resized(context.shape(0))] }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let bound = Double(threshold)
    let isAbove = try x.doubles().map { $0 > bound }
    return [
      x.elementType.isFloating
        ? try Tensor(floating: isAbove.map { $0 ? 1 : 0 }, as: x.elementType, shape: x.shape)
        : try Tensor(integral: isAbove.map { $0 ? 1 : 0 }, as: x.elementType, shape: x.shape)
    ]
  }
}
