import OnyxGraph
import OnyxTensor

/// A body run once for each element of a sequence; its results make sequences. Further inputs are sequences as long as the first, whose
/// elements go in step, or tensors, which every iteration gets. ONNX: SequenceMap (17).
package struct SequenceMap: BodyOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SequenceMap", versions: [17],
      inputs: [.required("input_sequence", "S"), .variadic("additional_inputs", "V", atLeast: 0, homogeneous: false)],
      outputs: [.variadic("out_sequence", "S", homogeneous: false)], types: ["V": .sequenceElements],
      others: ["S": .sequences(of: .sequenceElements), "V": .sequences(of: .sequenceElements)]), SequenceMap.init)

  package let body: Graph
  package var bodies: [Graph] { [body] }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    body = try attributes.required("body", try attributes.graph("body"))
    guard body.inputs.count == attributes.inputCount, attributes.outputCount <= body.outputs.count else {
      throw .invalid(
        "The node has \(attributes.inputCount) inputs and \(attributes.outputCount) outputs; its body has \(body.inputs.count) and "
          + "\(body.outputs.count).")
    }
  }

  package func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    var formals: [Inferred] = []
    for index in body.inputs.indices {
      let input = try context.input(index)
      if case .sequence(let element) = input.type { formals.append(Inferred(element)) } else { formals.append(input) }
    }
    return formals
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    // Elements differ in extents, so what one iteration says of them does not hold for all.
    return try context.infer(body, formals(context)).map { (result) throws(OnyxError) in
      guard case .tensor(let element, let shape) = result.type else {
        throw .invalid("The body gives \(result.type); a sequence holds tensors.")
      }
      return Inferred(.sequence(.tensor(element, shape: shape?.allKnown == nil ? nil : shape)))
    }
  }

  package func run(_ context: BodyContext) throws(OnyxError) -> [Value] {
    let inputs = try context.values(from: 0)
    guard case .sequence(_, let first)? = inputs.first else { throw .invalid("The first input is no sequence.") }
    var byteCount = 0
    var results = [[Value]](repeating: [], count: body.outputs.count)
    for index in first.indices {
      var elements: [Value] = []
      for input in inputs {
        guard case .sequence(_, let values) = input else {
          elements.append(input)
          continue
        }
        guard values.count == first.count else {
          throw .invalid("The sequences have \(first.count) and \(values.count) elements; they must be equally long.")
        }
        elements.append(values[index])
      }
      for (output, result) in try context.call(0, &elements).enumerated() {
        byteCount &+= result.heldByteCount
        results[output].append(result)
      }
      try context.hold(byteCount)
    }
    let types = try context.outputTypes()
    return zip(results, types).map { results, type in
      guard case .sequence(let element) = type.kind else { return .sequence(of: type.kind, results) }
      return .sequence(of: element, results)
    }
  }
}
