import OnyxGraph
import OnyxTensor

/// Puts the axes in another order: reversed, or as `perm` says. ONNX: Transpose (1, 13, 21, 23, 24, 25).
struct Transpose: Operator {
  static let definition = OperatorDefinition(
    Signature(
      "Transpose", versions: [1, 13, 21, 23, 24, 25], inputs: [.required("data", "T")], outputs: [.required("transposed", "T")],
      types: ["T": .all])
  ) { (attributes) throws(OnyxError) in Transpose(permutation: try attributes.ints("perm")) }

  let permutation: [Int]?

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    guard let shape = data.shape else { return [Inferred(try context.elementType(0), permutation.flatMap { context.unknowns($0.count) })] }
    let axes = try axes(rank: shape.count)
    return [try data.moved(to: axes.map { shape[$0] }) { (source, _) throws(OnyxError) in try IndexMap.transposed(source, axes) }]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let axes = try axes(rank: data.shape.rank)
    return [try data.gathering(try IndexMap.transposed(data.shape, axes), shape: try Shape(axes.map { data.shape[$0] }))]
  }

  /// The source axis of each result axis.
  private func axes(rank: Int) throws(OnyxError) -> [Int] {
    guard let permutation else { return Array((0..<rank).reversed()) }
    guard permutation.sorted() == Array(0..<rank) else {
      throw .invalid("The attribute 'perm' is \(permutation), which is no order of the \(rank) axes.")
    }
    return permutation
  }
}
