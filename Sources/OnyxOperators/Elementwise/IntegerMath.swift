/// Integer functions on the 64 bits of two's complement. Nothing traps: overflow wraps and a division by zero gives 0, as in
/// numpy (the standard leaves it undefined).
enum IntegerMath {
  /// Truncates towards zero.
  static let divide: @Sendable (Int64, Int64) -> Int64 = { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
  static let divideUnsigned: @Sendable (Int64, Int64) -> Int64 = {
    $1 == 0 ? 0 : Int64(bitPattern: UInt64(bitPattern: $0) / UInt64(bitPattern: $1))
  }

  /// The remainder with the sign of the dividend.
  static let remainder: @Sendable (Int64, Int64) -> Int64 = { $1 == 0 ? 0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue }
  static let remainderUnsigned: @Sendable (Int64, Int64) -> Int64 = {
    $1 == 0 ? 0 : Int64(bitPattern: UInt64(bitPattern: $0) % UInt64(bitPattern: $1))
  }

  /// The remainder with the sign of the divisor, as Python's.
  static let modulo: @Sendable (Int64, Int64) -> Int64 = { (a, b) in
    let rest = remainder(a, b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
  }

  /// By repeated squaring, wrapping; `exponent` is not negative.
  static func power(_ base: Int64, _ exponent: UInt64) -> Int64 {
    var (result, square, rest) = (Int64(1), base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result &* square }
      square = square &* square
      rest >>= 1
    }
    return result
  }
}
