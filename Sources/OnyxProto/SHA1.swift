import OnyxTensor

/// The digest of FIPS 180-4 that ONNX names for files of external data. It finds damage, not deceit.
///
/// SAFETY: reads lie inside the slice, whose bytes stay while the closure runs.
enum SHA1 {
  /// Bytes between two questions whether the work goes on.
  private static let part = 1 << 20

  /// 40 hexadecimal digits, in lower case. Complexity: O(bytes).
  static func digest(of slice: ByteSlice) throws(OnyxError) -> String {
    try unsafe slice.withBytes { (bytes) throws(OnyxError) in
      var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
      var words = [UInt32](repeating: 0, count: 80)
      let whole = bytes.count / 64 * 64
      for start in stride(from: 0, to: whole, by: 64) {
        if start % part == 0 { try WorkLimits.check() }
        for index in 0..<16 {
          words[index] = unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self))
        }
        add(&words, to: &state)
      }
      // The rest, a 1, zeros and the length in bits.
      var tail = unsafe Array(bytes[whole...]) + [0x80]
      tail += Array(repeating: 0, count: (120 - tail.count) % 64)
      let length = UInt64(bytes.count) &* 8
      for shift in stride(from: 56, through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: length >> UInt64(shift))) }
      for start in stride(from: 0, to: tail.count, by: 64) {
        for index in 0..<16 {
          words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(tail[start + 4 * index + $1]) }
        }
        add(&words, to: &state)
      }
      return state.map { word in
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }.joined()
    }
  }

  /// One block of 16 words; the others are room.
  private static func add(_ words: inout [UInt32], to state: inout [UInt32]) {
    func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }
    for index in 16..<80 { words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1) }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for index in 0..<80 {
      let (mixed, constant): (UInt32, UInt32) =
        switch index / 20 {
        case 0: (b & c | ~b & d, 0x5A82_7999)
        case 1: (b ^ c ^ d, 0x6ED9_EBA1)
        case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      (a, b, c, d, e) = (rotated(a, 5) &+ mixed &+ e &+ constant &+ words[index], a, rotated(b, 30), c, d)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
  }
}
