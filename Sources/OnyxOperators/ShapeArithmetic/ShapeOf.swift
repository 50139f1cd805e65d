import OnyxGraph
import OnyxTensor

/// The extents of a tensor from axis `start` up to `end`. ONNX: Shape (1, 13, 15, 19, 21, 23, 24, 25).
package struct ShapeOf: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Shape", versions: [1, 13, 15, 19, 21, 23, 24, 25], inputs: [.required("data", "T")], outputs: [.required("shape", "T1")],
      types: ["T": .all, "T1": [.int64]]), ShapeOf.init)

  /// The first axis; may count from the end, and is clamped.
  package let start: Int
  /// Behind the last axis; may count from the end, and is clamped. nil: the rank.
  package let end: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    start = try attributes.int("start", default: 0)
    end = try attributes.int("end")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    _ = try context.elementType(0)
    guard let shape = try context.shape(0) else { return [Inferred(.int64, start == 0 && end == nil ? [context.unknown("rank")] : nil)] }
    let range = range(rank: shape.count)
    return [Inferred(.tensor(.int64, shape: [Dimension(range.count)]), value: .dimensions(Array(shape[range])))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.input(0).shape
    return [try Tensor(Array(shape[range(rank: shape.rank)]))]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    inputs[0].flatMap { data in try? Tensor(Array(data.shape[range(rank: data.shape.rank)])) }
  }

  /// Negative positions count from the end, all are clamped; an end before the start gives an empty shape.
  private func range(rank: Int) -> Range<Int> {
    func clamped(_ position: Int) -> Int { min(max(position < 0 ? position + rank : position, 0), rank) }
    let start = clamped(start)
    return start..<max(start, clamped(end ?? rank))
  }
}
