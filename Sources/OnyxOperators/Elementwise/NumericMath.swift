/// Functions of two floating numbers as the standard defines them.
enum NumericMath {
  /// The larger number; NaN when either is NaN, as in numpy.
  static let maximum: @Sendable (Double, Double) -> Double = { $0 >= $1 || $0.isNaN ? $0 : $1 }
  /// The smaller number; NaN when either is NaN, as in numpy.
  static let minimum: @Sendable (Double, Double) -> Double = { $0 <= $1 || $0.isNaN ? $0 : $1 }

  /// The remainder of truncating division: the sign of the dividend (C's fmod).
  static let remainder: @Sendable (Double, Double) -> Double = { $0.truncatingRemainder(dividingBy: $1) }

  /// The remainder of flooring division: the sign of the divisor, also for a zero (Python's %).
  static let modulo: @Sendable (Double, Double) -> Double = { (a, b) in
    let rest = a.truncatingRemainder(dividingBy: b)
    if rest == 0 { return b < 0 ? -0.0 : 0 }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }
}
