import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A function of a recurrent layer with its parameters. ONNX: the attributes `activations`, `activation_alpha`, `activation_beta`.
package struct RecurrentActivation: Sendable, Hashable {
  /// The functions that the standard lists.
  package enum Function: String, CaseIterable, Sendable {
    case relu = "Relu"
    case tanh = "Tanh"
    case sigmoid = "Sigmoid"
    case affine = "Affine"
    case leakyRelu = "LeakyRelu"
    case thresholdedRelu = "ThresholdedRelu"
    case scaledTanh = "ScaledTanh"
    case hardSigmoid = "HardSigmoid"
    case elu = "Elu"
    case softsign = "Softsign"
    case softplus = "Softplus"

    /// The default of `alpha`; nil when the function has none.
    var alpha: Float? {
      switch self {
      case .affine, .thresholdedRelu, .scaledTanh, .elu: 1
      case .leakyRelu: 0.01
      case .hardSigmoid: 0.2
      case .relu, .tanh, .sigmoid, .softsign, .softplus: nil
      }
    }

    /// The default of `beta`; nil when the function has none.
    var beta: Float? {
      switch self {
      case .affine: 0
      case .scaledTanh: 1
      case .hardSigmoid: 0.5
      default: nil
      }
    }
  }

  package let function: Function
  /// 0 where the function has none.
  package let alpha: Float
  /// 0 where the function has none.
  package let beta: Float

  /// The value at `x`.
  package func callAsFunction(_ x: Double) -> Double {
    let (alpha, beta) = (Double(alpha), Double(beta))
    return switch function {
    case .relu: x < 0 ? 0 : x
    case .tanh: tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .affine: alpha * x + beta
    case .leakyRelu: x < 0 ? alpha * x : x
    case .thresholdedRelu: x < alpha ? 0 : x
    case .scaledTanh: alpha * tanh(beta * x)
    case .hardSigmoid: Self.clamped(alpha * x + beta)
    case .elu: x < 0 ? alpha * expm1(x) : x
    case .softsign: x / (1 + abs(x))
    // ln(1 + e^x), without overflow for large x.
    case .softplus: x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
    }
  }

  /// To 0 … 1; NaN stays.
  private static func clamped(_ x: Double) -> Double { x < 0 ? 0 : (x > 1 ? 1 : x) }

  /// The functions of a layer in the order of `names`.
  ///
  /// As in ONNX Runtime, each function takes as many numbers of `alphas` and `betas` as it has parameters, and the case of the letters
  /// of a name does not count. When none are left it takes the defaults of the ONNX operator of its name, as the standard says; for Affine,
  /// ScaledTanh and ThresholdedRelu ONNX Runtime takes 0.
  /// Throws `invalidModel` for a name that is not in the list.
  static func list(_ names: [String], _ alphas: [Float], _ betas: [Float]) throws(OnyxError) -> [RecurrentActivation] {
    var (alphas, betas) = (alphas[...], betas[...])
    var result: [RecurrentActivation] = []
    for name in names {
      guard let function = Function.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
        throw .invalid(
          "The attribute 'activations' names '\(name)'.",
          remedy: "Valid values: \(Function.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      let alpha = function.alpha.map { alphas.popFirst() ?? $0 } ?? 0
      let beta = function.beta.map { betas.popFirst() ?? $0 } ?? 0
      result.append(RecurrentActivation(function: function, alpha: alpha, beta: beta))
    }
    return result
  }
}
