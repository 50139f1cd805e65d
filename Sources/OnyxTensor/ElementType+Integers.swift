extension ElementType {
  /// Width of an integer's value, in bits; 1 for bool.
  package var integerBits: Int { self == .bool ? 1 : bitsInFiles }

  /// The bounds of an integer or bool type, as the 64 bits of two's complement.
  package var integerBounds: (lowest: Int64, highest: Int64) {
    let bits = integerBits
    if domain == .signed { return (Int64.min >> (64 - bits), Int64.max >> (64 - bits)) }
    return (0, Int64(bitPattern: UInt64.max >> (64 - bits)))
  }

  /// What turns the 64 bits of an integer into a number whose signed order is the order of the elements, and back, by exclusive or.
  package var orderingBits: Int64 { self == .uint64 ? .min : 0 }

  /// A float's integer part, held to the bounds of this integer type; NaN gives 0. The standard leaves such values undefined.
  package func truncating(_ value: Double) -> Int64 {
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
  /// Integers whose signed order is the order of the elements: uint64 is shifted by 2^63. `init(ordered:as:shape:)` undoes it.
  package func orderedIntegers() throws(OnyxError) -> [Int64] {
    let values = try integers()
    return elementType == .uint64 ? values.map { $0 ^ elementType.orderingBits } : values
  }

  /// A tensor of an integer or bool type from what `orderedIntegers()` returned.
  package init(ordered values: [Int64], as type: ElementType, shape: Shape) throws(OnyxError) {
    try self.init(integral: type == .uint64 ? values.map { $0 ^ type.orderingBits } : values, as: type, shape: shape)
  }
}
