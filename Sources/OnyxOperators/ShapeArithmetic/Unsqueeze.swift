import OnyxGraph
import OnyxTensor

/// Inserts axes of extent 1 at the given positions of the result. ONNX: Unsqueeze (1, 11, 13, 21, 23, 24, 25).
package struct Unsqueeze: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Unsqueeze", versions: [1, 11, 13, 21, 23, 24, 25], inputs: [.required("data", "T"), .required("axes", "int64")],
      outputs: [.required("expanded", "T")], types: ["T": .all]), Unsqueeze())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    let element = try context.elementType(0)
    let count = try context.length(1, "axes")
    guard let shape = data.shape else { return [Inferred(element, nil)] }
    guard let given = try context.ints(1) else {
      guard let count, count <= KnownValue.largestElementCount else { return [Inferred(element, nil)] }
      return [Inferred(element, context.unknowns(shape.count + count))]
    }
    let rank = shape.count + given.count
    let axes = Set(try normalize(axes: given, rank: rank))
    var rest = shape.makeIterator()
    return [try data.reshaped(to: (0..<rank).map { axes.contains($0) ? 1 : rest.next() ?? 1 })]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).reshaped(to: try context.shape())]
  }
}
