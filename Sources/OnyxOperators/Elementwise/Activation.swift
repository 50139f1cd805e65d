#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Activation functions that have parameters or a formula of several steps. NaN stays NaN where the standard's formula keeps it:
/// ThresholdedRelu makes it 0. Infinities give what the formula gives, not its limit: Swish, Mish and HardSwish of −∞ are NaN, as in
/// PyTorch and ONNX Runtime.
///
/// A line says all that Onyx knows of an activation but its kernel: name and versions, the attributes with their defaults, its uses, the
/// reference. The kernel is the line of the same name in `ONYX_UNARY` of `onyx_elementwise.h`.
extension UnaryMath {
  static let activations: [Member] = [
    Member("LeakyRelu", [1, 6, 16], ["alpha": 0.01], [.activation, .product, .blocks]) { x, alpha, _ in x < 0 ? alpha * x : x },
    Member("Elu", [1, 6, 22], ["alpha": 1], [.activation, .blocks]) { x, alpha, _ in x < 0 ? alpha * expm1(x) : x },
    Member("Selu", [1, 6, 22], ["alpha": 1.67326319, "gamma": 1.05070102], [.activation, .blocks]) { x, alpha, gamma in
      x > 0 ? gamma * x : gamma * (alpha * exp(x) - alpha)
    },
    // max(0, x) + min(0, alpha · (e^(x / alpha) − 1))
    Member("Celu", [12, 28], ["alpha": 1], .activation) { x, alpha, _ in (x <= 0 ? 0 : x) + atMost(0, alpha * expm1(x / alpha)) },
    Member("HardSigmoid", [1, 6, 22], ["alpha": 0.2, "beta": 0.5], [.activation, .product, .blocks, .gate]) { x, alpha, beta in
      clamped(alpha * x + beta)
    },
    Member("HardSwish", [14, 22], [:], [.activation, .product, .blocks]) { x, _, _ in x * clamped(x / 6 + 0.5) },
    Member("Mish", [18, 22], [:], [.activation, .blocks]) { x, _, _ in x * tanhOfSoftplus(x) },
    Member("ThresholdedRelu", [10, 22], ["alpha": 1], .activation) { x, alpha, _ in x > alpha ? x : 0 },
    Member("Swish", [24], ["alpha": 1], [.activation, .plainProduct, .blocks]) { x, alpha, _ in x / (1 + exp(-alpha * x)) },
  ]

  /// tanh(ln(1 + e^x)) = ((1 + e^x)² − 1) / ((1 + e^x)² + 1), in powers that do not overflow.
  private static func tanhOfSoftplus(_ x: Double) -> Double {
    let power = exp(-abs(x))
    if x > 0 { return (1 + 2 * power) / (1 + 2 * power * (1 + power)) }
    let square = power * (power + 2)
    return square / (square + 2)
  }

  private static func clamped(_ value: Double) -> Double { value < 0 ? 0 : atMost(1, value) }
  private static func atMost(_ limit: Double, _ value: Double) -> Double { value > limit ? limit : value }
}
