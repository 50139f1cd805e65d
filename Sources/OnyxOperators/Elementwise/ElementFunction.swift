import OnyxGraph

/// An operator whose results depend on one element of each input: what rewrites, kernels and pictures know of it beside its definition.
/// The facts stand with the operator's own: a line of `UnaryMath` or `UnaryNumeric`, or below.
package struct ElementFunction: Sendable {
  /// What may be done with a function.
  package struct Uses: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Pictures show it as an activation.
    package static let activation = Uses(rawValue: 1)
    /// The kernel of a product may apply it to its results, with any parameters: an attribute `activation` of the domain `onyx`.
    package static let product = Uses(rawValue: 2)
    /// The same, but only when all attributes have their defaults.
    package static let plainProduct = Uses(rawValue: 4)
    /// It may work on channel blocks: what it makes of the zeros of padding lanes is finite, and stays so when applied again.
    package static let blocks = Uses(rawValue: 8)
    /// Its results lie in 0 … 1.
    package static let gate = Uses(rawValue: 16)
  }

  /// The operator's name in the standard.
  package let name: String
  /// The parameters and their defaults: float attributes, but the other inputs of Clip.
  package let parameters: KeyValuePairs<String, Float>
  package let uses: Uses
  /// Inputs that vary: 1 or 2.
  package let operands: Int

  init(_ name: String, _ parameters: KeyValuePairs<String, Float>, _ uses: Uses, operands: Int = 1) {
    (self.name, self.parameters, self.uses, self.operands) = (name, parameters, uses, operands)
  }

  /// All functions.
  package static let all: [ElementFunction] =
    UnaryMath.members.map { ElementFunction($0.name, $0.parameters, $0.uses) }
    + UnaryNumeric.members.map { ElementFunction($0.name, [:], $0.uses) }
    + [
      ElementFunction("Gelu", [:], [.activation, .plainProduct, .blocks]),
      ElementFunction("PRelu", [:], .activation, operands: 2),
      ElementFunction("SwiGLU", ["alpha": 1], .activation, operands: 2),
      ElementFunction("Clip", ["min": -.infinity, "max": .infinity], [.activation, .product, .blocks]),
    ]

  private static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })

  package static func named(_ name: String) -> ElementFunction? { byName[name] }

  /// The names of the functions of one operand with any of these uses.
  package static func names(for uses: Uses) -> [String] {
    all.filter { $0.operands == 1 && !$0.uses.isDisjoint(with: uses) }.map(\.name)
  }

  /// How the attribute `activation` spells the function: "hardSigmoid" for HardSigmoid.
  var spelling: String { name.prefix(1).lowercased() + name.dropFirst() }

  /// The parameters of a node of this operator; nil for Clip, whose parameters are inputs, and for another form of the operator
  /// than the one that its name alone says.
  func parameters(of node: Node) -> [Float]? {
    switch name {
    case "Clip": return nil
    case "Gelu" where node.text("approximate", default: Gelu.Approximation.none.rawValue) != Gelu.Approximation.none.rawValue: return nil
    default: return parameters.map { node.float($0.key, default: $0.value) }
    }
  }
}

/// An operator of one or two elements whose kernel takes numbers beside them.
package protocol ParametricOperator: TensorOperator {
  /// The values of the parameters, in the order of the operator's definition.
  var parameters: [Float] { get }
}
