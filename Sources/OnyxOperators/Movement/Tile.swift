import OnyxGraph
import OnyxTensor

/// Repeats a tensor along each axis. ONNX: Tile (1, 6, 13).
package struct Tile: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Tile", versions: [1, 6, 13], inputs: [.required("input", "T"), .required("repeats", "T1")], outputs: [.required("output", "T")],
      types: ["T": .unpacked, "T1": [.int64]]), Tile())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    let length = try context.length(1, "repeats")
    guard let shape = input.shape else { return [input.resized(length.flatMap(context.unknowns))] }
    if let length, length != shape.count { throw .invalid("\(length) repeats are given for a tensor of rank \(shape.count).") }
    guard let repeats = try context.elements(1) else { return [input.resized(context.unknowns(shape.count))] }
    var result: [Dimension] = []
    for (extent, count) in zip(shape, repeats) {
      if let count = count.known, count < 0 { throw .invalid("The repeats \(repeats) have a negative entry.") }
      result.append(try extent * count)
    }
    return [try input.moved(to: result, Self.indices)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    return [try input.gathering(Self.indices(source: input.shape, result: shape), shape: shape)]
  }

  private static func indices(source: Shape, result: Shape) -> AxisSums {
    let strides = source.strides
    return AxisSums(result) { axis, coordinate in coordinate % source[axis] * strides[axis] }
  }
}
