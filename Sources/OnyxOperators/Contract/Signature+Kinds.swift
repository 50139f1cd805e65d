import OnyxTensor

/// The sets of values that are no tensors, as the standard's type constraints use them.
extension Set<ValueKind> {
  package static func sequences(of elements: Set<ElementType>) -> Self { Set(elements.map { .sequence(.tensor($0)) }) }
  package static func optionals(of elements: Set<ElementType>) -> Self { Set(elements.map { .optional(.tensor($0)) }) }
  package static func optionalSequences(of elements: Set<ElementType>) -> Self { Set(elements.map { .optional(.sequence(.tensor($0))) }) }

  /// Everything besides tensors that If and Loop pass on.
  package static let everyOther =
    sequences(of: .all).union(optionals(of: .all)).union(optionalSequences(of: .sequenceElements.union([.bfloat16])))
  /// What Identity passes on besides tensors.
  package static let identityOthers =
    sequences(of: .sequenceElements).union(optionals(of: .sequenceElements)).union(optionalSequences(of: .sequenceElements))
  /// What an Optional of opset 28 holds besides tensors.
  package static let optionalContents = sequences(of: .everyTensor)
  /// The optionals of opset 28.
  package static let everyOptional = optionals(of: .everyTensor).union(optionalSequences(of: .everyTensor))
  /// The same, and what they hold besides tensors: since version 18 values that are no optionals are taken too.
  package static let optionalOrContents = everyOptional.union(optionalContents)
}

extension Set<ElementType> {
  /// What the operators on sequences of opset 11 know: ONNX `all_tensor_types`.
  package static let sequenceElements = numbers.subtracting([.bfloat16]).union(complexes).union([.bool, .string])
  /// Every type, those of 6 bits included.
  package static let everyTensor = all.union(floats6)
}
