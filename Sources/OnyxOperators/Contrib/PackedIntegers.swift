import OnyxTensor

/// Unsigned integers of 2, 4 or 8 bits in bytes, the first in the lowest bits.
struct PackedIntegers {
  let bits: Int
  let bytes: [UInt8]

  init(_ tensor: Tensor, bits: Int) throws(OnyxError) {
    self.bits = bits
    bytes = try tensor.elements(as: UInt8.self)
  }

  var perByte: Int { 8 / bits }

  /// The integer at `index` of the row that starts at byte `start`.
  func value(_ index: Int, from start: Int) -> Int {
    Int(bytes[start + index / perByte]) >> (index % perByte * bits) & (1 << bits - 1)
  }
}
