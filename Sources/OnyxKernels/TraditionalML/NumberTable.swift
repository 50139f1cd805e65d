import OnyxTensor

/// Small numbers by integers: a list by key where the keys lie close together, else open addressing, at most a quarter full.
///
/// The factor of the hash is drawn once in a process: a model that chooses its keys cannot make them meet.
struct NumberTable: Sendable {
  private var keys: [Int64]
  private var values: [Int32]
  private let shift: Int
  private let factor: UInt64
  /// The least key when `values` is a list from it on.
  private let least: Int64?

  /// Stands for what is no key.
  static let none: Int32 = -1

  /// The values are below `Int32.max` and not negative.
  init(_ entries: some Collection<(key: Int64, value: Int)>) {
    factor = Self.drawnFactor
    if let least = entries.lazy.map({ $0.key }).min(), let most = entries.lazy.map({ $0.key }).max() {
      let (span, overflow) = most.subtractingReportingOverflow(least)
      if !overflow, Int(span) < 8 * entries.count {
        (self.least, shift, keys) = (least, 0, [])
        values = [Int32](repeating: Self.none, count: Int(span) + 1)
        for (key, value) in entries { values[Int(key - least)] = Int32(value) }
        return
      }
    }
    least = nil
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

  private static let drawnFactor = UInt64.random(in: .min ... .max) | 1

  /// Multiplicative hashing, which is universal for random odd factors (Dietzfelbinger et al. 1997).
  @inline(__always) private func place(_ key: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* factor) >> UInt64(shift))
  }

  /// The value of a key, or `none`.
  @inline(__always) subscript(key: Int64) -> Int32 {
    if let least {
      let offset = UInt64(bitPattern: key &- least)
      return offset < UInt64(values.count) ? values[Int(offset)] : Self.none
    }
    var slot = place(key)
    while values[slot] != Self.none {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & (keys.count - 1)
    }
    return Self.none
  }
}
