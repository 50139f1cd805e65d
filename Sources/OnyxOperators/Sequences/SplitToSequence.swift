import OnyxGraph
import OnyxTensor

/// A tensor cut along an axis into a sequence: into parts of the given lengths, of one length (the last may be shorter), or of one
/// element, whose axis goes unless `keepdims`. ONNX: SplitToSequence (11, 24).
package struct SplitToSequence: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SplitToSequence", versions: [11, 24], inputs: [.required("input", "T"), .optional("split", "I")],
      outputs: [.required("output_sequence", "S")],
      types: ["T": .sequenceElements.union([.bfloat16]), "I": .indices],
      others: ["S": .sequences(of: .sequenceElements.union([.bfloat16]))]), SplitToSequence.init)

  package let axis: Int
  package let keepdims: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 0)
    keepdims = try attributes.flag("keepdims", default: true)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    guard let element = input.elementType else { throw .invalid("Input 0 is no tensor.") }
    guard var shape = input.shape else { return [Inferred(.sequence(.tensor(element, shape: nil)))] }
    let axis = try Shape.normalize(axis: axis, rank: shape.count)
    if context.has(1) { return [Inferred(.sequence(.tensor(element, shape: nil)))] }
    if keepdims { shape[axis] = 1 } else { shape.remove(at: axis) }
    return [Inferred(.sequence(.tensor(element, shape: shape)))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let input = try context.tensor(0)
    let axis = try Shape.normalize(axis: axis, rank: input.shape.rank)
    let lengths = try lengths(context, input.shape[axis])
    let dropsAxis = !keepdims && context.optional(1) == nil
    // One part behind the other is a row of the tensor whose first axis is the one that is cut.
    var tensors: [Tensor] = []
    var start = 0
    for length in lengths {
      var part = try input.slice(axis: axis, from: start, count: length)
      if dropsAxis {
        var dimensions = part.shape.dimensions
        dimensions.remove(at: axis)
        part = try part.reshaped(to: try Shape(dimensions))
      }
      tensors.append(part)
      start += length
    }
    return [try .tensors(tensors, of: input.elementType)]
  }

  /// The lengths of the parts, which together make `extent`.
  private func lengths(_ context: ValueContext, _ extent: Int) throws(OnyxError) -> [Int] {
    guard context.optional(1) != nil else {
      try Self.check(parts: extent)
      return Array(repeating: 1, count: extent)
    }
    let split = try context.tensor(1)
    let numbers = try split.ints()
    if split.shape.rank == 0 {
      guard numbers[0] > 0 else { throw .invalid("The length of the parts is \(numbers[0]); it must be positive.") }
      let length = min(numbers[0], max(1, extent))
      try Self.check(parts: extent / length)
      return stride(from: 0, to: extent, by: length).map { min(length, extent - $0) }
    }
    var sum = 0
    for length in numbers {
      let (next, overflow) = sum.addingReportingOverflow(length)
      guard length >= 0, !overflow else { throw .invalid("The lengths \(numbers.prefix(8)) are no lengths of parts.") }
      sum = next
    }
    guard split.shape.rank == 1, sum == extent else {
      throw .invalid("The parts have \(sum) elements along the axis; the input has \(extent).")
    }
    return numbers
  }

  /// Throws `budgetExceeded` for more parts than fit in memory: those of a tensor without elements take none of their own.
  private static func check(parts: Int) throws(OnyxError) { try ReferenceMemory.check(parts, width: 128) }
}
