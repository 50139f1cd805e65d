import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Functions of one floating number, element by element; computed in `Double`, rounded once.
struct UnaryMath: Operator {
  /// One operator of the family: y = function(x).
  struct Row {
    let name: String
    let versions: [Int]
    /// Names of the formal input and output.
    let names: (input: String, output: String)
    let function: @Sendable (Double) -> Double

    init(_ name: String, _ versions: [Int], _ input: String, _ output: String, _ function: @escaping @Sendable (Double) -> Double) {
      self.name = name
      self.versions = versions
      self.names = (input, output)
      self.function = function
    }
  }

  static let rows: [Row] = [
    Row("Sqrt", [1, 6, 13], "X", "Y") { $0.squareRoot() },
    Row("Reciprocal", [1, 6, 13], "X", "Y") { 1 / $0 },
    Row("Exp", [1, 6, 13], "input", "output") { exp($0) },
    Row("Log", [1, 6, 13], "input", "output") { log($0) },
    Row("Sin", [7, 22], "input", "output") { sin($0) },
    Row("Cos", [7, 22], "input", "output") { cos($0) },
    Row("Tan", [7, 22], "input", "output") { tan($0) },
    Row("Asin", [7, 22], "input", "output") { asin($0) },
    Row("Acos", [7, 22], "input", "output") { acos($0) },
    Row("Atan", [7, 22], "input", "output") { atan($0) },
    Row("Sinh", [9, 22], "input", "output") { sinh($0) },
    Row("Cosh", [9, 22], "input", "output") { cosh($0) },
    Row("Tanh", [1, 6, 13], "input", "output") { tanh($0) },
    Row("Asinh", [9, 22], "input", "output") { asinh($0) },
    Row("Acosh", [9, 22], "input", "output") { acosh($0) },
    Row("Atanh", [9, 22], "input", "output") { atanh($0) },
    Row("Erf", [9, 13], "input", "output") { erf($0) },
    Row("Sigmoid", [1, 6, 13], "X", "Y") { 1 / (1 + exp(-$0)) },
    // ln(1 + e^x), without overflow for large x.
    Row("Softplus", [1, 22], "X", "Y") { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    Row("Softsign", [1, 22], "input", "output") { $0 / (1 + abs($0)) },
    Row("Floor", [1, 6, 13], "X", "Y") { $0.rounded(.down) },
    Row("Ceil", [1, 6, 13], "X", "Y") { $0.rounded(.up) },
    Row("Round", [11, 22], "X", "Y") { $0.rounded(.toNearestOrEven) },
  ]

  static let definitions = rows.map { row in
    OperatorDefinition(
      Signature(
        row.name, versions: row.versions, inputs: [.required(row.names.input, "T")], outputs: [.required(row.names.output, "T")],
        types: ["T": .floats])
    ) { _ in UnaryMath(function: row.function) }
  }

  let function: @Sendable (Double) -> Double

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    return [Inferred(type, value: context.smallConstant(self, type.shape))]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    return [try Tensor(floating: x.doubles().map(function), as: x.elementType, shape: x.shape)]
  }
}
