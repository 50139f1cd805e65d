#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension UnaryMath {
  /// The members without parameters.
  static let functions: [Member] = [
    Member("Sqrt", [1, 6, 13], "X", "Y") { $0.squareRoot() },
    Member("Reciprocal", [1, 6, 13], "X", "Y") { 1 / $0 },
    Member("Exp", [1, 6, 13], "input", "output", .activation) { exp($0) },
    Member("Log", [1, 6, 13], "input", "output") { log($0) },
    Member("Sin", [7, 22], "input", "output") { sin($0) },
    Member("Cos", [7, 22], "input", "output") { cos($0) },
    Member("Tan", [7, 22], "input", "output") { tan($0) },
    Member("Asin", [7, 22], "input", "output") { asin($0) },
    Member("Acos", [7, 22], "input", "output") { acos($0) },
    Member("Atan", [7, 22], "input", "output") { atan($0) },
    Member("Sinh", [9, 22], "input", "output") { sinh($0) },
    Member("Cosh", [9, 22], "input", "output") { cosh($0) },
    Member("Tanh", [1, 6, 13], "input", "output", [.activation, .product, .blocks]) { tanh($0) },
    Member("Asinh", [9, 22], "input", "output") { asinh($0) },
    Member("Acosh", [9, 22], "input", "output") { acosh($0) },
    Member("Atanh", [9, 22], "input", "output") { atanh($0) },
    Member("Erf", [9, 13], "input", "output", .activation) { erf($0) },
    Member("Sigmoid", [1, 6, 13], "X", "Y", [.activation, .product, .blocks, .gate]) { 1 / (1 + exp(-$0)) },
    // ln(1 + e^x), without overflow for large x.
    Member("Softplus", [1, 22], "X", "Y", [.activation, .blocks]) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    // NaN for infinities, as PyTorch and ONNX Runtime have it.
    Member("Softsign", [1, 22], "input", "output", .activation) { $0 / (1 + abs($0)) },
    Member("Floor", [1, 6, 13], "X", "Y") { $0.rounded(.down) },
    Member("Ceil", [1, 6, 13], "X", "Y") { $0.rounded(.up) },
    Member("Round", [11, 22], "X", "Y") { $0.rounded(.toNearestOrEven) },
  ]
}
