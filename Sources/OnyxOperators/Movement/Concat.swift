import OnyxGraph
import OnyxTensor

/// Joins tensors along `axis`. ONNX: Concat (1, 4, 11, 13).
struct Concat: Operator {
  static let definition = OperatorDefinition(
    Signature(
      "Concat", versions: [1, 4, 11, 13], inputs: [.variadic("inputs", "T")], outputs: [.required("concat_result", "T")], types: ["T": .all])
  ) { (attributes) throws(OnyxError) in Concat(axis: try attributes.required("axis", try attributes.int("axis"))) }

  let axis: Int

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let shapes = context.allShapes() else { return [Inferred(element, nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shapes[0].count)
    var result = shapes[0]
    for shape in shapes.dropFirst() {
      guard shape.count == result.count else { throw .invalid("The inputs of Concat have different ranks.") }
      for index in shape.indices where index != axis {
        if let a = shape[index].known, let b = result[index].known, a != b {
          throw .invalid("The inputs differ in axis \(index): \(a) and \(b).")
        }
        if result[index].known == nil { result[index] = shape[index] }
      }
      result[axis] = try result[axis] + shape[axis]
    }
    let parts = context.inputs.compactMap { $0?.dimensions }
    let value = parts.count == shapes.count && result.count == 1 ? KnownValue.dimensions(parts.flatMap { $0 }) : nil
    return [Inferred(.tensor(element, shape: result), value: value)]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.outputShape(by: self)
    let axis = try Shape.normalize(axis: axis, rank: shape.rank)
    let outer = shape[..<axis].reduce(1, *)
    let rows = context.given.map { $0.shape[axis...].reduce(1, *) }
    var starts = [0]
    for (tensor, _) in zip(context.given, rows) { starts.append(starts[starts.count - 1] + tensor.elementCount) }
    var indices: [Int] = []
    indices.reserveCapacity(shape.elementCount)
    for position in 0..<outer {
      for (start, row) in zip(starts, rows) { indices += (start + position * row)..<(start + (position + 1) * row) }
    }
    return [try Tensor.joined(context.given).gathering(indices, shape: shape)]
  }
}
