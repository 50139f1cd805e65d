import OnyxGraph
import OnyxTensor

/// The aggregated votes of decision trees for each target. ONNX: TreeEnsemble (ai.onnx.ml 5).
///
/// [N,F] → [N,targets]; [F] counts as one row. Both ends of a branch may be one leaf: a tree of one leaf is written so. The transforms have
/// the standard's numbers, of which ONNX Runtime swaps SOFTMAX (1) and LOGISTIC (2). float16 and float64 are summed in `Double`, float32
/// in float32.
package struct TreeEnsemble: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TreeEnsemble", domain: TraditionalML.domain, versions: [5], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": [.float16, .float32, .float64]]), TreeEnsemble.init)

  /// The checked trees.
  package let trees: TreeTable
  /// How the votes for a target are joined.
  package let aggregation: TreeAggregation
  /// What becomes of the sums.
  package let transform: PostTransform

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    aggregation = try attributes.numbered("aggregate_function", default: 1, [.average, .sum, .min, .max])
    transform = try attributes.numbered("post_transform", default: 0, [.none, .softmax, .logistic, .softmaxZero, .probit])
    _ = try attributes.tensor("nodes_hitrates")
    var forest = Forest()
    forest.targets = try attributes.int("n_targets") ?? 1
    guard forest.targets >= 1 else { throw .invalid("The attribute 'n_targets' is \(forest.targets).") }
    try Self.readLeaves(&attributes, &forest)
    try Self.readNodes(&attributes, &forest)
    trees = try TreeTable(forest)
  }

  private static func readLeaves(_ attributes: inout AttributeReader, _ forest: inout Forest) throws(OnyxError) {
    let targets = try attributes.required("leaf_targetids", try attributes.ints("leaf_targetids"))
    let weights = try attributes.required("leaf_weights", try attributes.tensor("leaf_weights")).doubles()
    guard targets.count == weights.count else { throw .invalid("There are \(weights.count) weights for \(targets.count) leaves.") }
    forest.leafCount = targets.count
    forest.votes = targets.indices.map { Forest.LeafVote(leaf: $0, target: targets[$0], weight: weights[$0]) }
  }

  private static func readNodes(_ attributes: inout AttributeReader, _ forest: inout Forest) throws(OnyxError) {
    let features = try attributes.required("nodes_featureids", try attributes.ints("nodes_featureids"))
    let modes = try attributes.required("nodes_modes", try attributes.tensor("nodes_modes")).ints()
    let splits = try attributes.required("nodes_splits", try attributes.tensor("nodes_splits")).doubles()
    let trueIDs = try attributes.required("nodes_truenodeids", try attributes.ints("nodes_truenodeids"))
    let falseIDs = try attributes.required("nodes_falsenodeids", try attributes.ints("nodes_falsenodeids"))
    let trueLeafs = try attributes.required("nodes_trueleafs", try attributes.ints("nodes_trueleafs"))
    let falseLeafs = try attributes.required("nodes_falseleafs", try attributes.ints("nodes_falseleafs"))
    let tracks = try attributes.ints("nodes_missing_value_tracks_true") ?? []
    let missing = tracks.isEmpty ? [Int](repeating: 0, count: features.count) : tracks
    let lengths = [modes, trueIDs, falseIDs, trueLeafs, falseLeafs, missing].map(\.count) + [splits.count]
    guard lengths.allSatisfy({ $0 == features.count }) else {
      throw .invalid("The attributes 'nodes_…' have different lengths; they must describe \(features.count) nodes each.")
    }
    let sets = try memberSets(attributes.tensor("membership_values"))
    for index in features.indices {
      guard let number = UInt8(exactly: modes[index]), let mode = TreeTable.Mode(rawValue: number) else {
        throw .invalid("The node \(index) has the mode \(modes[index]).", remedy: "Valid modes are 0 … 6.")
      }
      let isMember = mode == .member
      forest.branches.append(
        Forest.Branch(
          mode: mode, threshold: isMember ? Double(forest.members.count) : splits[index], feature: features[index],
          missingIsTrue: missing[index] != 0,
          whenTrue: trueLeafs[index] != 0 ? .leaf(trueIDs[index]) : .branch(trueIDs[index]),
          whenFalse: falseLeafs[index] != 0 ? .leaf(falseIDs[index]) : .branch(falseIDs[index])))
      guard isMember else { continue }
      guard forest.members.count < sets.count else { throw .invalid("The attribute 'membership_values' has too few sets of members.") }
      forest.members.append(sets[forest.members.count])
    }
    guard forest.members.count == sets.count else {
      throw .invalid("There are \(sets.count) sets of members for \(forest.members.count) nodes of the mode BRANCH_MEMBER.")
    }
    forest.roots = try attributes.required("tree_roots", try attributes.ints("tree_roots")).map { .branch($0) }
  }

  /// The sets that NaN separates; the one behind the last NaN counts when it has members.
  private static func memberSets(_ values: Tensor?) throws(OnyxError) -> [Set<Double>] {
    var sets: [Set<Double>] = []
    var open: Set<Double> = []
    for value in try values?.doubles() ?? [] {
      if value.isNaN {
        sets.append(open)
        open = []
      } else {
        open.insert(value)
      }
    }
    return open.isEmpty ? sets : sets + [open]
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try trees.check(context)
    let element = try context.elementType(0)
    return [Inferred(element, try [FeatureMatrix.rows(context), Dimension(trees.targets)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    var scores = try trees.scores(of: x, aggregation, base: [])
    transform.apply(&scores, rowsOf: trees.targets)
    return [try Tensor(floating: scores, as: x.elementType, shape: context.shape())]
  }
}

extension AttributeReader {
  /// One of several meanings by its number.
  fileprivate mutating func numbered<T>(_ name: String, default number: Int, _ meanings: [T]) throws(OnyxError) -> T {
    let given = try int(name, default: number)
    guard meanings.indices.contains(given) else {
      throw .invalid("The attribute '\(name)' is \(given).", remedy: "Valid values are 0 … \(meanings.count - 1).")
    }
    return meanings[given]
  }
}
