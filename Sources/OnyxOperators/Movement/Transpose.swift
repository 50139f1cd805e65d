import OnyxGraph
import OnyxTensor

/// Puts the axes in another order: reversed, or as `perm` says. ONNX: Transpose (1, 13, 21, 23, 24, 25).
package struct Transpose: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Transpose", versions: [1, 13, 21, 23, 24, 25], inputs: [.required("data", "T")], outputs: [.required("transposed", "T")],
      types: ["T": .all]), Transpose.init)

  /// The source axis of each result axis; nil: the axes are reversed.
  package let permutation: [Int]?

  /// `permutation` is that of the attribute `perm`.
  package init(permutation: [Int]?) { self.permutation = permutation }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    permutation = try attributes.ints("perm")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.tensor(0)
    guard let shape = data.shape else { return [data.resized(permutation.flatMap { context.unknowns($0.count) })] }
    let axes = try axes(rank: shape.count)
    return [try data.moved(to: axes.map { shape[$0] }) { (source, _) throws(OnyxError) in try IndexMap.transposed(source, axes) }]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let axes = try axes(rank: data.shape.rank)
    return [try data.gathering(try IndexMap.transposed(data.shape, axes), shape: try Shape(axes.map { data.shape[$0] }))]
  }

  /// The source axis of each result axis. Throws `invalidModel` when the permutation is none of `rank` axes.
  package func axes(rank: Int) throws(OnyxError) -> [Int] {
    guard let permutation else { return Array((0..<rank).reversed()) }
    guard permutation.sorted() == Array(0..<rank) else {
      throw .invalid("The attribute 'perm' is \(permutation), which is no order of the \(rank) axes.")
    }
    return permutation
  }
}
