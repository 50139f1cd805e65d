import OnyxGraph
import OnyxTensor

extension Signature {
  /// Checks arity and types of a node's inputs and the number of its outputs. `nil` types are not known yet and
  /// pass. Throws `invalidModel`.
  package func check(inputs given: [ValueType?], isPresent: [Bool], outputCount: Int) throws(OnyxError) {
    try checkCount(isPresent.count, inputs, "inputs")
    try checkCount(outputCount, outputs, "outputs")
    var bound: [String: ValueKind] = [:]
    for index in isPresent.indices {
      let parameter = inputs[min(index, inputs.count - 1)]
      guard isPresent[index] else {
        if case .optional = parameter.presence { continue }
        throw .invalid("The input '\(parameter.name)' is missing.")
      }
      guard let type = given[index] else { continue }
      try checkType(type, parameter, &bound)
    }
  }

  private func checkCount(_ count: Int, _ parameters: [Parameter], _ what: String) throws(OnyxError) {
    var least = 0
    var most: Int? = parameters.count
    for (index, parameter) in parameters.enumerated() {
      switch parameter.presence {
      case .required: least = index + 1
      case .optional: break
      case .variadic(let atLeast):
        least = atLeast == 0 ? least : index + atLeast
        most = nil
      }
    }
    guard count >= least, most.map({ count <= $0 }) ?? true else {
      let range = most == least ? "\(least)" : most.map { "\(least) to \($0)" } ?? "at least \(least)"
      throw .invalid("The node has \(count) \(what); the operator takes \(range).")
    }
  }

  private func checkType(_ type: ValueType, _ parameter: Parameter, _ bound: inout [String: ValueKind]) throws(OnyxError) {
    let kind = type.kind
    let (elements, others) = (types[parameter.type], others[parameter.type])
    guard elements != nil || others != nil else {
      guard "\(kind)" == parameter.type else {
        throw .invalid("The input '\(parameter.name)' is \(kind); it must be \(parameter.type).")
      }
      return
    }
    let isAllowed = type.elementType.map { elements?.contains($0) ?? false } ?? others?.contains(kind) ?? false
    guard isAllowed else {
      throw .invalid(
        "The input '\(parameter.name)' is \(kind), which the operator does not allow.", remedy: Self.remedy(elements ?? [], others ?? []))
    }
    if !parameter.isHomogeneous { return }
    if let earlier = bound.updateValue(kind, forKey: parameter.type), earlier != kind {
      throw .invalid("The input '\(parameter.name)' is \(kind), but another input of the same type \(parameter.type) is \(earlier).")
    }
  }

  /// Tensors by their element types; of other kinds only a few, since there are many.
  private static func remedy(_ elements: Set<ElementType>, _ others: Set<ValueKind>) -> String {
    let tensors = elements.sorted { $0.rawValue < $1.rawValue }.map(\.description)
    let kinds = others.map(\.description).sorted()
    return "Allowed: " + (tensors + (kinds.count > 4 ? kinds.prefix(4) + ["and so on"] : kinds)).joined(separator: ", ") + "."
  }
}
