import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A graph, or a piece of one, to which nodes can be added.
package protocol ExpressionTarget {
  mutating func addNode(_ op: OperatorName, _ inputs: [ValueID?], _ attributes: [String: Attribute]) -> ValueID
  mutating func addConstant(_ tensor: Tensor) -> ValueID
}

extension GraphBuilder: ExpressionTarget {
  package mutating func addNode(_ op: OperatorName, _ inputs: [ValueID?], _ attributes: [String: Attribute]) -> ValueID {
    nodes(op.name, inputs, outputs: 1, attributes: attributes, domain: op.domain)[0]
  }
  package mutating func addConstant(_ tensor: Tensor) -> ValueID { constant(tensor) }
}

extension Expression {
  /// Writes the formula into `target` and returns its value. Names are looked up in `values`; numbers become scalars of
  /// the type `scalars`. Throws `internalBug` for a name without a value.
  package func build(
    into target: inout some ExpressionTarget, values: inout [String: ValueID], scalars: ElementType
  ) throws(OnyxError) -> ValueID {
    switch self {
    case .value(let name), .optional(let name), .constant(let name, _):
      guard let value = values[name] else { throw .bug("The formula's name '\(name)' stands for no value.") }
      return value
    case .number(let number, _):
      return target.addConstant(try Tensor(number: number, as: scalars))
    case .anyOf(let alternatives):
      guard let first = alternatives.first else { throw .bug("A choice without alternatives cannot be built.") }
      return try first.build(into: &target, values: &values, scalars: scalars)
    case .bound(let name, let inner):
      if let value = values[name] { return value }
      let value = try inner.build(into: &target, values: &values, scalars: scalars)
      values[name] = value
      return value
    case .application(let application):
      var inputs: [ValueID?] = []
      for input in application.inputs {
        if case .optional(let name) = input, values[name] == nil {
          inputs.append(nil)
        } else {
          inputs.append(try input.build(into: &target, values: &values, scalars: scalars))
        }
      }
      while inputs.last == .some(nil) { inputs.removeLast() }
      return target.addNode(application.op, inputs, application.attributes.mapValues(\.attribute))
    }
  }
}
