import OnyxGraph
import OnyxTensor

/// A formula over graph values, with two readings: `matches(at:)` finds it in a graph, `build` writes it into one.
///
/// Operators and number literals read as in a formula: `x * 0.5 * (1 + .op("Erf", x / sqrt2))`.
package indirect enum Expression: Sendable {
  /// Any value; the same name twice means the same value.
  case value(String)
  /// An optional input: a value that may be omitted.
  case optional(String)
  /// A value known before the run for which the condition holds.
  case constant(String, where: @Sendable (Tensor) -> Bool)
  /// A constant of one element, at most `ulps` units in the last place of its element type away from `value`.
  case number(Double, ulps: Double)
  case application(Application)
  /// The first alternative that fits; building takes the first.
  case anyOf([Expression])
  /// A formula with a name for its value: a later use of the name or of this expression means the same value.
  case bound(String, Expression)

  /// One operator applied to its inputs; the value is its first output.
  package struct Application: Sendable {
    package let op: OperatorName
    package let inputs: [Expression]
    package let attributes: [String: AttributePattern]
    /// Name by which conditions find the node.
    package let name: String?

    package init(op: OperatorName, inputs: [Expression], attributes: [String: AttributePattern] = [:], name: String? = nil) {
      self.op = op
      self.inputs = inputs
      self.attributes = attributes
      self.name = name
    }
  }
}

/// What a pattern asks of one attribute. Attributes without a pattern can be anything.
package enum AttributePattern: Sendable {
  case `is`(Attribute)
  /// The value is the attribute's default: the attribute may be absent.
  case isOrAbsent(Attribute)

  var attribute: Attribute {
    switch self {
    case .is(let attribute), .isOrAbsent(let attribute): attribute
    }
  }

  func accepts(_ found: Attribute?) -> Bool {
    guard let found else {
      if case .isOrAbsent = self { return true }
      return false
    }
    return found.isIdentical(to: attribute)
  }
}

extension Expression {
  package static func op(_ name: String, _ inputs: Expression..., attributes: [String: AttributePattern] = [:], named: String? = nil)
    -> Expression
  {
    .application(Application(op: OperatorName(name), inputs: inputs, attributes: attributes, name: named))
  }

  package static func onyx(_ name: String, _ inputs: Expression..., named: String? = nil) -> Expression {
    .application(Application(op: OperatorName(name, domain: "onyx"), inputs: inputs, name: named))
  }

  package static func anyOf(_ alternatives: Expression...) -> Expression { .anyOf(alternatives) }

  /// Any constant.
  package static func constant(_ name: String) -> Expression { .constant(name) { _ in true } }

  /// This formula, its value called `name`.
  package func named(_ name: String) -> Expression { .bound(name, self) }

  package static func + (left: Expression, right: Expression) -> Expression { .op("Add", left, right) }
  package static func - (left: Expression, right: Expression) -> Expression { .op("Sub", left, right) }
  package static func * (left: Expression, right: Expression) -> Expression { .op("Mul", left, right) }
  package static func / (left: Expression, right: Expression) -> Expression { .op("Div", left, right) }

  /// Operators that a matching node may have; nil when it may be any node.
  var rootOperators: Set<OperatorName>? {
    switch self {
    case .application(let application): [application.op]
    case .bound(_, let inner): inner.rootOperators
    case .anyOf(let alternatives):
      alternatives.reduce(into: Set<OperatorName>()) { $0.formUnion($1.rootOperators ?? []) }
    case .value, .optional, .constant, .number: []
    }
  }
}

extension Expression: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A number that must be met exactly, after rounding to the element type.
  package init(floatLiteral value: Double) { self = .number(value, ulps: 0) }
  package init(integerLiteral value: Int) { self = .number(Double(value), ulps: 0) }
}

/// Operators whose two inputs can be exchanged.
let commutative: Set<OperatorName> = Set(
  ["Add", "Mul", "And", "Or", "Xor", "Equal", "BitwiseAnd", "BitwiseOr", "BitwiseXor"].map { OperatorName($0) })
/// Operators whose chains can be bracketed in any way, up to rounding.
let associative: Set<OperatorName> = Set(["Add", "Mul"].map { OperatorName($0) })
