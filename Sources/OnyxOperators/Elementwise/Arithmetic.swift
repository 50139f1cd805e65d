import OnyxGraph
import OnyxTensor

/// Arithmetic on numbers with multidirectional broadcasting, folded over two or more inputs from the left. Floats are
/// computed in `Double` and rounded once; integers wrap, and dividing them by zero gives 0.
package struct Arithmetic: TensorOperator {
  /// One member of the family.
  package struct Function: Sendable {
    /// The member, for kernels.
    package let kind: Kind
    let floating: @Sendable (Double, Double) -> Double
    let signed: @Sendable (Int64, Int64) -> Int64
    let unsigned: @Sendable (Int64, Int64) -> Int64
    let symbolic: ShapeArithmetic.Binary
    /// Applied to the folded floating numbers and the number of inputs.
    var finish: (@Sendable (Double, Int) -> Double)?
  }

  /// The members. A modulo has the sign of the divisor, a remainder that of the dividend.
  package enum Kind: Sendable, Hashable { case add, subtract, multiply, divide, modulo, remainder, maximum, minimum, mean }

  static let definitions: [OperatorDefinition] = [
    OperatorDefinition(binary("Add", [1, 6, 7, 13, 14]), Arithmetic(function: add)),
    OperatorDefinition(binary("Sub", [1, 6, 7, 13, 14]), Arithmetic(function: subtract)),
    OperatorDefinition(binary("Mul", [1, 6, 7, 13, 14]), Arithmetic(function: multiply)),
    OperatorDefinition(binary("Div", [1, 6, 7, 13, 14]), Arithmetic(function: divide)),
    OperatorDefinition(binary("Mod", [10, 13, 28])) { (attributes) throws(OnyxError) in
      Arithmetic(function: try attributes.flag("fmod", default: false) ? remainder : modulo)
    },
    OperatorDefinition(variadic("Max", [1, 6, 8, 12, 13], "max", .numbers), Arithmetic(function: maximum)),
    OperatorDefinition(variadic("Min", [1, 6, 8, 12, 13], "min", .numbers), Arithmetic(function: minimum)),
    OperatorDefinition(variadic("Sum", [1, 6, 8, 13], "sum", .floats), Arithmetic(function: add)),
    OperatorDefinition(variadic("Mean", [1, 6, 8, 13], "mean", .floats), Arithmetic(function: mean)),
  ]

  private static let add = Function(
    kind: .add, floating: { $0 + $1 }, signed: { $0 &+ $1 }, unsigned: { $0 &+ $1 }, symbolic: { (a, b) throws(OnyxError) in try a + b })
  private static let subtract = Function(
    kind: .subtract, floating: { $0 - $1 }, signed: { $0 &- $1 }, unsigned: { $0 &- $1 },
    symbolic: { (a, b) throws(OnyxError) in try a - b })
  private static let multiply = Function(
    kind: .multiply, floating: { $0 * $1 }, signed: { $0 &* $1 }, unsigned: { $0 &* $1 },
    symbolic: { (a, b) throws(OnyxError) in try a * b })
  private static let divide = Function(
    kind: .divide, floating: { $0 / $1 }, signed: IntegerMath.divide, unsigned: IntegerMath.divideUnsigned,
    symbolic: ShapeArithmetic.divide)
  private static let modulo = Function(
    kind: .modulo, floating: NumericMath.modulo, signed: IntegerMath.modulo, unsigned: IntegerMath.remainderUnsigned,
    symbolic: ShapeArithmetic.remainder)
  private static let remainder = Function(
    kind: .remainder, floating: NumericMath.remainder, signed: IntegerMath.remainder, unsigned: IntegerMath.remainderUnsigned,
    symbolic: ShapeArithmetic.remainder)
  private static let maximum = Function(
    kind: .maximum, floating: NumericMath.maximum, signed: { max($0, $1) },
    unsigned: { UInt64(bitPattern: $0) < UInt64(bitPattern: $1) ? $1 : $0 }, symbolic: ShapeArithmetic.maximum)
  private static let minimum = Function(
    kind: .minimum, floating: NumericMath.minimum, signed: { min($0, $1) },
    unsigned: { UInt64(bitPattern: $1) < UInt64(bitPattern: $0) ? $1 : $0 }, symbolic: ShapeArithmetic.minimum)
  private static let mean = Function(
    kind: .mean, floating: { $0 + $1 }, signed: { $0 &+ $1 }, unsigned: { $0 &+ $1 },
    symbolic: { (a, b) throws(OnyxError) in try a + b }, finish: { $0 / Double($1) })

  private static func binary(_ name: String, _ versions: [Int]) -> Signature {
    Signature(
      name, versions: versions, inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("C", "T")], types: ["T": .numbers])
  }

  private static func variadic(_ name: String, _ versions: [Int], _ output: String, _ types: Set<ElementType>) -> Signature {
    Signature(name, versions: versions, inputs: [.variadic("data_0", "T")], outputs: [.required(output, "T")], types: ["T": types])
  }

  /// What two operands become.
  package let function: Function

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = ValueType.tensor(try context.elementType(0), shape: try context.broadcastShape())
    if let constant = context.smallConstant(self, type) { return [Inferred(type, value: constant)] }
    let value = context.dimensions(type.shape, type.elementType) { (operands) throws(OnyxError) in
      var result = operands[0]
      for operand in operands.dropFirst() {
        guard let next = try function.symbolic(result, operand) else { return nil }
        result = next
      }
      return result
    }
    return [Inferred(type, value: value)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let given = context.given
    let shape = try Broadcast(given).shape
    let type = try context.input(0).elementType
    if type.isFloating {
      let finish = function.finish.map { finish in { finish($0, given.count) } }
      return [try Tensor.foldFloats(given, in: shape, as: type, function.floating, finish: finish)]
    }
    return [try Tensor.foldIntegers(given, in: shape, as: type, type.domain == .unsigned ? function.unsigned : function.signed)]
  }
}
