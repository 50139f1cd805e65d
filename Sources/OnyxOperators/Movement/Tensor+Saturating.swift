import OnyxTensor

extension Tensor {
  /// A tensor of a floating, integer or bool type from numbers computed in `Double`. Floats are rounded to nearest even;
  /// integers are rounded as said and clamped to the range of their type, NaN becomes 0.
  init(
    saturating values: [Double], as type: ElementType, shape: Shape, _ rule: FloatingPointRoundingRule
  ) throws(OnyxError) {
    if type.isFloating {
      try self.init(floating: values, as: type, shape: shape)
      return
    }
    let bits = type == .bool ? 1 : type.bitsInFiles
    let isSigned = type.domain == .signed
    let lowest: Double = isSigned ? -Double(sign: .plus, exponent: bits - 1, significand: 1) : 0
    let limit = Double(sign: .plus, exponent: isSigned ? bits - 1 : bits, significand: 1)
    let integers = values.map { value -> Int64 in
      let rounded = value.rounded(rule)
      if rounded.isNaN { return 0 }
      if rounded <= lowest { return Int64(lowest) }
      // All ones: the largest value of `bits` bits, or of `bits - 1` behind a sign.
      if rounded >= limit { return Int64(bitPattern: UInt64.max >> UInt64(isSigned ? 65 - bits : 64 - bits)) }
      return isSigned ? Int64(rounded) : Int64(bitPattern: UInt64(rounded))
    }
    try self.init(integral: integers, as: type, shape: shape)
  }
}
