import OnyxTensor

/// Small numbers by integers: open addressing, at most a quarter full.
struct NumberTable: Sendable {
  private var keys: [Int64]
  private var values: [Int32]
  private let shift: Int

  /// Stands for what is no key.
  static let none: Int32 = -1

  /// The values are below `Int32.max` and not negative.
  init(_ entries: some Collection<(key: Int64, value: Int)>) {
    var bits = 4
    while 1 << bits < 4 * entries.count { bits += 1 }
    shift = 64 - bits
    keys = [Int64](repeating: 0, count: 1 << bits)
    values = [Int32](repeating: Self.none, count: 1 << bits)
    for (key, value) in entries {
      var slot = place(key)
      while values[slot] != Self.none, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
      keys[slot] = key
      values[slot] = Int32(value)
    }
  }

  /// By Fibonacci hashing (Knuth 1973, 6.4).
  @inline(__always) private func place(_ key: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15) >> UInt64(shift))
  }

  /// The value of a key, or `none`.
  @inline(__always) subscript(key: Int64) -> Int32 {
    var slot = place(key)
    while values[slot] != Self.none {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & (keys.count - 1)
    }
    return Self.none
  }
}
