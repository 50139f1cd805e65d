/// The upper half of a `Float`: 8 exponent bits, 7 mantissa bits (ONNX BFLOAT16).
public struct BFloat16: FloatingElement {
  /// Sign, exponent and mantissa, from the highest bit down.
  public let bits: UInt16
  /// The element with these bits.
  public init(bits: UInt16) { self.bits = bits }

  /// Rounds to nearest even; NaN stays NaN.
  public init(_ value: Float) {
    let pattern = value.bitPattern
    if value.isNaN {
      bits = UInt16(pattern >> 16) | 0x40
    } else {
      let odd = (pattern >> 16) & 1
      bits = UInt16((UInt64(pattern) + 0x7FFF + UInt64(odd)) >> 16)
    }
  }

  /// The same number as a `Float`, exactly.
  public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
  /// Stores `bfloat16`.
  public static var storage: ElementStorage<Self> { ElementStorage(.bfloat16) }
  package var wide: Double { Double(float) }

  /// Rounds once: the last bit of the `Float` in between says whether anything was cut off, so that its own rounding cannot
  /// make or break a tie ("round to odd").
  package init(rounding value: Double) {
    var float = Float(value)
    if Double(float) != value && !value.isNaN {
      if Double(float.magnitude) > value.magnitude { float = float.sign == .minus ? float.nextUp : float.nextDown }
      float = Float(bitPattern: float.bitPattern | 1)
    }
    self.init(float)
  }
}
