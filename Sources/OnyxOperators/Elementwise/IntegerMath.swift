import OnyxTensor

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

extension ElementType {
  /// Width of an integer's value, in bits.
  var integerBits: Int { self == .bool ? 1 : bitsInFiles }

  /// The bounds of an integer or bool type, as the 64 bits of two's complement.
  var integerBounds: (lowest: Int64, highest: Int64) {
    let bits = integerBits
    if domain == .signed { return (Int64.min >> (64 - bits), Int64.max >> (64 - bits)) }
    return (0, Int64(bitPattern: UInt64.max >> (64 - bits)))
  }

  /// A float's integer part, held to the bounds of this integer type; NaN gives 0. The standard leaves such values undefined.
  func truncating(_ value: Double) -> Int64 {
    if value.isNaN { return 0 }
    let (lowest, highest) = integerBounds
    if domain != .signed {
      let limit = UInt64(bitPattern: highest)
      if value <= 0 { return 0 }
      return value >= Double(limit) ? highest : Int64(bitPattern: UInt64(value))
    }
    if value <= Double(lowest) { return lowest }
    return value >= Double(highest) ? highest : Int64(value)
  }
}

extension Tensor {
  /// Integers whose signed order is the order of the elements: uint64 is shifted by 2^63. `init(ordered:)` undoes it.
  func orderedIntegers() throws(OnyxError) -> [Int64] {
    let values = try integers()
    return elementType == .uint64 ? values.map { $0 ^ .min } : values
  }

  init(ordered values: [Int64], as type: ElementType, shape: Shape) throws(OnyxError) {
    try self.init(integral: type == .uint64 ? values.map { $0 ^ .min } : values, as: type, shape: shape)
  }
}
