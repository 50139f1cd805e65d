import OnyxGraph
import OnyxTensor

/// Removes axes of extent 1: the given ones, else all. ONNX: Squeeze (1, 11, 13, 21, 23, 24, 25).
package struct Squeeze: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Squeeze", versions: [1, 11, 13, 21, 23, 24, 25], inputs: [.required("data", "T"), .optional("axes", "int64")],
      outputs: [.required("squeezed", "T")], types: ["T": .all]), Squeeze())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    let element = try context.elementType(0)
    guard context.has(1) else {
      // A symbolic extent may turn out to be 1: then not even the rank is known.
      guard let shape = data.shape, shape.allKnown != nil else { return [Inferred(element, nil)] }
      return [try data.reshaped(to: shape.filter { $0 != 1 })]
    }
    let count = try context.length(1, "axes")
    guard let shape = data.shape else { return [Inferred(element, nil)] }
    guard let given = try context.ints(1) else {
      return [Inferred(element, count.flatMap { $0 <= shape.count ? context.unknowns(shape.count - $0) : nil })]
    }
    let axes = try normalize(axes: given, rank: shape.count)
    for axis in axes {
      if let extent = shape[axis].known, extent != 1 {
        throw .invalid("Axis \(axis) has the extent \(extent); only an axis of 1 can be removed.")
      }
    }
    return [try data.reshaped(to: shape.indices.filter { !axes.contains($0) }.map { shape[$0] })]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).reshaped(to: try context.shape())]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    guard let data = inputs[0] else { return nil }
    let shape = data.shape
    guard inputs.count > 1, let given = inputs[1] else { return try? data.reshaped(to: try Shape(shape.filter { $0 != 1 })) }
    guard given.shape.rank == 1, let axes = given.smallInts.flatMap({ try? normalize(axes: $0, rank: shape.rank) }),
      axes.allSatisfy({ shape[$0] == 1 })
    else { return nil }
    return try? data.reshaped(to: try Shape(shape.indices.filter { !axes.contains($0) }.map { shape[$0] }))
  }
}
