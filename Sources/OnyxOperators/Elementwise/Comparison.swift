import OnyxGraph
import OnyxTensor

/// Comparisons with multidirectional broadcasting. A comparison with NaN is false.
package struct Comparison: TensorOperator {
  /// The relation in each domain of elements.
  package enum Relation: Sendable {
    case equal, less, greater, lessOrEqual, greaterOrEqual

    func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch self {
      case .equal: a == b
      case .less: a < b
      case .greater: a > b
      case .lessOrEqual: a <= b
      case .greaterOrEqual: a >= b
      }
    }

    /// Whether it holds for every binding of the symbols; nil when that depends on the binding.
    func holds(_ a: Dimension, _ b: Dimension) throws(OnyxError) -> Bool? {
      switch self {
      case .equal: return try ShapeArithmetic.isEqual(a, b)
      case .less: return try ShapeArithmetic.isLess(a, b)
      case .greater: return try ShapeArithmetic.isLess(b, a)
      case .lessOrEqual: return try ShapeArithmetic.isLess(b, a).map { !$0 }
      case .greaterOrEqual: return try ShapeArithmetic.isLess(a, b).map { !$0 }
      }
    }
  }

  static let definitions = [
    definition("Equal", [1, 7, 11, 13, 19], .numbers.union([.bool, .string]), .equal),
    definition("Less", [1, 7, 9, 13], .numbers, .less),
    definition("Greater", [1, 7, 9, 13], .numbers, .greater),
    definition("LessOrEqual", [12, 16], .numbers, .lessOrEqual),
    definition("GreaterOrEqual", [12, 16], .numbers, .greaterOrEqual),
  ]

  private static func definition(_ name: String, _ versions: [Int], _ types: Set<ElementType>, _ relation: Relation) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: versions, inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("C", "T1")],
        types: ["T": types, "T1": [.bool]]),
      Comparison(relation: relation))
  }

  /// What must hold between the operands.
  package let relation: Relation

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = ValueType.tensor(.bool, shape: try context.broadcastShape())
    return [Inferred(type, value: context.smallConstant(self, type) ?? context.truths(type.shape, relation.holds))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    let broadcast = try Broadcast([a, b])
    switch a.elementType.domain {
    // Only Equal takes strings. They are equal when their bytes are, not when they look alike.
    case .string:
      let truths = broadcast.combine(try a.strings(), a.shape, try b.strings(), b.shape) { $0.utf8.elementsEqual($1.utf8) }
      return [try Tensor(truths, shape: broadcast.shape)]
    case .floating:
      return [try Tensor.combineFloats(a, b, in: broadcast.shape, toIntegers: .bool) { relation.holds($0, $1) ? 1 : 0 }]
    default:
      let turn = a.elementType.orderingBits
      return [try Tensor.foldIntegers([a, b], in: broadcast.shape, as: .bool) { relation.holds($0 ^ turn, $1 ^ turn) ? 1 : 0 }]
    }
  }
}
