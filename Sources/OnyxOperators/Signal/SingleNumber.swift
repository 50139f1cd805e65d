import OnyxGraph
import OnyxTensor

// Inputs that hold one number: a scalar, or a tensor of any rank with one element.

extension InferenceContext {
  /// The number of integer input `index`; nil when it is omitted or not known. Throws when the input has another number of elements.
  func singleNumber(_ index: Int, _ name: String) throws(OnyxError) -> Dimension? {
    guard let input = optional(index) else { return nil }
    if let shape = input.shape, shape.contains(where: { $0.known.map { $0 != 1 } ?? false }) { throw notSingle(name) }
    guard let elements = try elements(index) else { return nil }
    guard elements.count == 1 else { throw notSingle(name) }
    return elements[0]
  }
}

extension EvaluationContext {
  /// The number of integer input `index`; nil when it is omitted.
  func singleInt(_ index: Int, _ name: String) throws(OnyxError) -> Int? {
    guard let values = try optional(index)?.ints() else { return nil }
    guard values.count == 1 else { throw notSingle(name) }
    return values[0]
  }

  /// The number of floating input `index`, which the signature requires.
  func singleDouble(_ index: Int, _ name: String) throws(OnyxError) -> Double {
    let values = try input(index).doubles()
    guard values.count == 1 else { throw notSingle(name) }
    return values[0]
  }
}

private func notSingle(_ name: String) -> OnyxError { .invalid("The input '\(name)' must hold one number.") }
