import OnyxGraph
import OnyxTensor

/// Functions of one floating number, element by element; computed in `Double`, rounded once.
struct UnaryMath: Operator {
  /// One operator of the family: y = function(x).
  struct Row {
    let name: String
    let versions: [Int]
    let types: Set<ElementType>
    let function: @Sendable (Double) -> Double

    init(_ name: String, _ versions: [Int], _ types: Set<ElementType> = .floats, _ function: @escaping @Sendable (Double) -> Double) {
      self.name = name
      self.versions = versions
      self.types = types
      self.function = function
    }
  }

  static let rows: [Row] = [
    Row("Sqrt", [1, 6, 13]) { $0.squareRoot() },
    Row("Reciprocal", [1, 6, 13]) { 1 / $0 },
  ]

  static let definitions = rows.map { row in
    OperatorDefinition(
      Signature(row.name, versions: row.versions, inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": row.types])
    ) { _ in UnaryMath(function: row.function) }
  }

  let function: @Sendable (Double) -> Double

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [Inferred(try context.input(0).type)] }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    return [try Tensor(floating: x.doubles().map(function), as: x.elementType, shape: x.shape)]
  }
}
