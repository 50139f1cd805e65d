import OnyxGraph
import OnyxTensor

extension Signature {
  /// Checks arity and element types of a node's inputs and the number of its outputs. `nil` types are not known yet and
  /// pass. Throws `invalidModel`.
  package func check(inputs given: [ValueType?], isPresent: [Bool], outputCount: Int) throws(OnyxError) {
    try checkCount(isPresent.count, inputs, "inputs")
    try checkCount(outputCount, outputs, "outputs")
    var bound: [String: ElementType] = [:]
    for index in isPresent.indices {
      let parameter = inputs[min(index, inputs.count - 1)]
      guard isPresent[index] else {
        if case .optional = parameter.presence { continue }
        throw .invalid("The input '\(parameter.name)' is missing.")
      }
      guard let element = given[index]?.elementType else { continue }
      try checkType(element, parameter, &bound)
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

  private func checkType(_ element: ElementType, _ parameter: Parameter, _ bound: inout [String: ElementType]) throws(OnyxError) {
    guard let allowed = types[parameter.type] else {
      guard "\(element)" == parameter.type else {
        throw .invalid("The input '\(parameter.name)' is \(element); it must be \(parameter.type).")
      }
      return
    }
    guard allowed.contains(element) else {
      let names = allowed.sorted { $0.rawValue < $1.rawValue }.map(\.description).joined(separator: ", ")
      throw .invalid("The input '\(parameter.name)' is \(element), which the operator does not allow.", remedy: "Allowed: \(names).")
    }
    if !parameter.isHomogeneous { return }
    if let earlier = bound.updateValue(element, forKey: parameter.type), earlier != element {
      throw .invalid("The input '\(parameter.name)' is \(element), but another input of the same type \(parameter.type) is \(earlier).")
    }
  }
}
