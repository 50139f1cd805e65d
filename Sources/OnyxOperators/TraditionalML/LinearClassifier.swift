import OnyxGraph
import OnyxTensor

/// The class of each sample by sums of features times coefficients, and the score of each class. ONNX: LinearClassifier (ai.onnx.ml 1).
///
/// [N,F] → labels [N] and scores [N,classes]; [F] counts as one row. The label is that of the largest sum before the transform, the first
/// of equal ones. One row of coefficients for two classes gives the score of the second one, which wins above 0; the first one gets its
/// complement, as in ONNX Runtime. `multi_class` changes nothing. Computed in `Double`.
package struct LinearClassifier: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LinearClassifier", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T1")],
      outputs: [.required("Y", "T2"), .required("Z", "float32")], types: ["T1": .features, "T2": .labels]), LinearClassifier.init)

  /// The labels of the classes.
  package let labels: ClassLabels
  /// The coefficients.
  package let model: LinearModel
  /// What becomes of the scores, after the label is chosen.
  package let transform: PostTransform

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let coefficients = try attributes.required("coefficients", try attributes.floats("coefficients"))
    model = LinearModel(coefficients, try attributes.floats("intercepts") ?? [])
    labels = try ClassLabels(&attributes, ints: "classlabels_ints", strings: "classlabels_strings")
    transform = try attributes.choice("post_transform", default: .none)
    _ = try attributes.int("multi_class", default: 0)
    let count = model.intercepts.count
    guard count == 0 || count == labels.count || (count == 1 && labels.count == 2) else {
      throw .invalid("There are \(count) intercepts for \(labels.count) classes.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let rows = try FeatureMatrix.rows(context)
    return [Inferred(labels.elementType, [rows]), Inferred(.float32, try [rows, Dimension(labels.count)].checked())]
  }

  /// Whether there is one score for two classes, that of the second one.
  package func hasSingleScore(features: Int) -> Bool {
    labels.count == 2 && (model.intercepts.count == 1 || (model.intercepts.isEmpty && model.coefficients.count == features))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let matrix = try FeatureMatrix(x.shape)
    let count = labels.count
    let isSingle = hasSingleScore(features: matrix.features)
    var classes = try Shape([matrix.rows]).filled(with: 0)
    var scores = try model.scores(x, outputs: isSingle ? 1 : count)
    if isSingle {
      let single = scores
      scores = try Shape([matrix.rows, count]).filled(with: 0)
      for (row, score) in single.enumerated() {
        classes[row] = score > 0 ? 1 : 0
        (scores[2 * row], scores[2 * row + 1]) = transform.pair(score, isComplement: true)
      }
    } else {
      for row in 0..<matrix.rows { classes[row] = scores[row * count..<(row + 1) * count].firstOfLargest() }
      transform.apply(&scores, rowsOf: count)
    }
    let results = [try labels.tensor(classes), try .float32(scores, try Shape([matrix.rows, count]))]
    return Array(results.prefix(context.outputCount))
  }
}
