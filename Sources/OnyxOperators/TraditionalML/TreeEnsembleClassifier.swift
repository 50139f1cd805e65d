import OnyxGraph
import OnyxTensor

/// The class of each sample by the votes of decision trees, and the score of each class. ONNX: TreeEnsembleClassifier (ai.onnx.ml 1, 3;
/// deprecated in 5, but written by all converters).
///
/// [N,F] → labels [N] and scores [N,classes]; [F] counts as one row. The label is that of the largest score, the first of equal ones.
/// With two classes of which the leaves vote for one only, there is a single score, and converters and ONNX Runtime agree on rules that
/// the standard does not tell: the second class wins when the score is above 0.5 where no weight is negative, above 0 otherwise; a score
/// of class 0 is that of the second class, and the first one gets its complement or opposite.
package struct TreeEnsembleClassifier: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TreeEnsembleClassifier", domain: TraditionalML.domain, versions: [1, 3], inputs: [.required("X", "T1")],
      outputs: [.required("Y", "T2"), .required("Z", "float32")], types: ["T1": .features, "T2": .labels]), TreeEnsembleClassifier.init)

  /// The checked trees; a target is a class.
  package let trees: TreeTable
  /// The labels of the classes.
  package let labels: ClassLabels
  /// Added to the score of each class; empty for 0.
  package let base: [Double]
  /// What becomes of the scores, after the label is chosen.
  package let transform: PostTransform
  /// How two classes are told from one score.
  package let single: SingleScore?

  /// The one class of two that leaves vote for.
  package struct SingleScore: Sendable {
    package let votedClass: Int
    /// No weight is negative: scores are probabilities.
    package let isProbability: Bool

    /// Above it the second class wins.
    package var threshold: Double { isProbability ? 0.5 : 0 }
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let nodes = try TreeNodes(&attributes, votesFor: "class")
    labels = try ClassLabels(&attributes, ints: "classlabels_int64s", strings: "classlabels_strings")
    transform = try attributes.choice("post_transform", default: .none)
    var forest = nodes.forest
    forest.targets = labels.count
    trees = try TreeTable(forest)
    let voted = Set(forest.votes.map(\.target))
    if labels.count == 2, voted.count == 1, let only = voted.first, nodes.base.count <= 1 {
      single = SingleScore(votedClass: only, isProbability: forest.votes.allSatisfy { $0.weight >= 0 })
      base = nodes.base.isEmpty ? [] : only == 0 ? [nodes.base[0], 0] : [0, nodes.base[0]]
    } else {
      single = nil
      base = nodes.base
      guard base.isEmpty || base.count == labels.count else {
        throw .invalid("There are \(base.count) base values for \(labels.count) classes.")
      }
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try trees.check(context)
    let rows = try FeatureMatrix.rows(context)
    return [Inferred(labels.elementType, [rows]), Inferred(.float32, try [rows, Dimension(labels.count)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    var scores = try trees.scores(of: context.input(0), .sum, base: base)
    let count = labels.count
    let rows = scores.count / count
    var classes = [Int](repeating: 0, count: rows)
    for row in 0..<rows {
      let places = row * count..<(row + 1) * count
      if let single {
        let score = scores[places.lowerBound + single.votedClass]
        classes[row] = score > single.threshold ? 1 : 0
        if single.votedClass == 0 {
          (scores[places.lowerBound], scores[places.lowerBound + 1]) = transform.pair(score, isComplement: single.isProbability)
          continue
        }
      } else {
        classes[row] = scores[places].firstOfLargest()
      }
      transform.apply(&scores, places)
    }
    let results = [try labels.tensor(classes), try .float32(scores, try Shape([rows, count]))]
    return Array(results.prefix(context.outputCount))
  }
}
