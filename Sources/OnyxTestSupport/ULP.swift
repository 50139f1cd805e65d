/// How many representable numbers lie between two: 0 for equal numbers, for +0 and -0, and for two NaNs; `UInt64.max` when
/// one of them is NaN. Infinity follows the largest finite number.
package func ulpDistance(_ a: Double, _ b: Double) -> UInt64 {
  distance(a.isNaN, b.isNaN, signed(a.bitPattern, signBit: 1 << 63), signed(b.bitPattern, signBit: 1 << 63))
}

package func ulpDistance(_ a: Float, _ b: Float) -> UInt64 {
  distance(a.isNaN, b.isNaN, signed(UInt64(a.bitPattern), signBit: 1 << 31), signed(UInt64(b.bitPattern), signBit: 1 << 31))
}

package func ulpDistance(_ a: Float16, _ b: Float16) -> UInt64 {
  distance(a.isNaN, b.isNaN, signed(UInt64(a.bitPattern), signBit: 1 << 15), signed(UInt64(b.bitPattern), signBit: 1 << 15))
}

/// The bits of the magnitude count up from zero; a negative number counts down. No magnitude has the top bit set, so the
/// negation cannot overflow.
private func signed(_ bits: UInt64, signBit: UInt64) -> Int64 {
  let magnitude = Int64(bitPattern: bits & (signBit - 1))
  return bits & signBit == 0 ? magnitude : -magnitude
}

private func distance(_ aIsNaN: Bool, _ bIsNaN: Bool, _ a: Int64, _ b: Int64) -> UInt64 {
  if aIsNaN || bIsNaN { return aIsNaN && bIsNaN ? 0 : .max }
  return a > b ? UInt64(bitPattern: a &- b) : UInt64(bitPattern: b &- a)
}
