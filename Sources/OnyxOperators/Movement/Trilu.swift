import OnyxGraph
import OnyxTensor

/// Keeps the upper or lower triangle of each matrix, clears the rest. ONNX: Trilu (14).
package struct Trilu: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Trilu", versions: [14], inputs: [.required("input", "T"), .optional("k", "int64")], outputs: [.required("output", "T")],
      types: ["T": .unpacked]), Trilu.init)

  /// Whether the upper triangle is kept, not the lower one.
  package let isUpper: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    isUpper = try attributes.flag("upper", default: true)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape, shape.count < 2 { throw .invalid("The input has rank \(shape.count); Trilu needs rank 2 or more.") }
    if context.has(1), let count = try context.length(1, "k"), count != 1 {
      throw .invalid("The input 'k' has \(count) elements; it must have one.")
    }
    return [try context.tensor(0).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    try ReferenceMemory.check(shape.elementCount)
    let diagonal = try context.optional(1)?.ints()[0] ?? 0
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let indices = (0..<shape.elementCount).lazy.map { position in
      let distance = position % columns - position / columns % rows
      return (isUpper ? distance >= diagonal : distance <= diagonal) ? position : IndexMap.outside
    }
    return [try input.gathering(indices, shape: shape, fill: try .blank(input.elementType))]
  }
}
