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
    return [try data.reshaped(to: try Self.inserting(given, in: shape))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).reshaped(to: try context.shape())]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    guard inputs.count == 2, let data = inputs[0], let axes = inputs[1]?.smallInts, inputs[1]?.shape.rank == 1 else { return nil }
    return try? data.reshaped(to: try Shape(Self.inserting(axes, in: data.shape.dimensions)))
  }

  /// The extents with a 1 at each of the axes, which are positions in the result. Throws for one outside it and for one given twice.
  private static func inserting<Extent: ExpressibleByIntegerLiteral>(_ given: [Int], in shape: [Extent]) throws(OnyxError) -> [Extent] {
    let rank = shape.count + given.count
    let axes = Set(try normalize(axes: given, rank: rank))
    var rest = shape.makeIterator()
    return (0..<rank).map { axes.contains($0) ? 1 : rest.next() ?? 1 }
  }
}
