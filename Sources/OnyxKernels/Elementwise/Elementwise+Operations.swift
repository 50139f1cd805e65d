/// Binary functions with vector kernels; raw values are the C indices.
package enum BinaryOperation: Int, Sendable, Hashable, CaseIterable {
  case add, subtract, multiply, divide
  /// NaN in either operand wins.
  case maximum, minimum
  /// C `powf`.
  case power
  /// `a < 0 ? a * b : a`.
  case prelu
}

/// Unary functions with vector kernels; raw values are the C indices. `p0` and `p1` are the parameters.
package enum UnaryOperation: Int, Sendable, Hashable, CaseIterable {
  case relu
  /// Slope p0 below zero.
  case leakyRelu
  /// Limits p0 and p1; NaN stays.
  case clip
  case sigmoid
  /// `clip(p0 * x + p1, 0, 1)`.
  case hardSigmoid
  case hardSwish
  /// `x * sigmoid(p0 * x)`.
  case silu
  case tanh, exp, log, sqrt, erf
  /// The erf form, and the tanh form.
  case gelu, geluTanh
  /// `x < 0 ? p0 * (exp(x) - 1) : x`.
  case elu
  case negate, abs, reciprocal, floor, ceil
  /// Half to even.
  case round
  case mish, softplus, softsign
  /// `p1 * (x <= 0 ? p0 * (exp(x) - 1) : x)`.
  case selu
  /// `x < 0 ? p0 * (exp(x / p0) - 1) : x`.
  case celu
  /// `x <= p0 ? 0 : x`.
  case thresholdedRelu
  /// `p0 * x + p1`, rounded after each step.
  case affine

  /// Least elements worth a thread, about 5 us of work.
  var grain: Int {
    switch self {
    case .relu, .leakyRelu, .clip, .hardSigmoid, .hardSwish, .negate, .abs, .reciprocal, .floor, .ceil, .round,
      .thresholdedRelu, .affine, .sqrt, .softsign:
      16384
    default: 4096
    }
  }
}
