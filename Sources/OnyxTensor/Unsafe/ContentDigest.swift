/// 128 bits that stand for a sequence of bytes and numbers. Equal sequences have equal digests; others differ but by chance. It tells
/// what changed from what did not, and is no protection against somebody who looks for two sequences with one digest.
///
/// Products of 64 by 64 bits, both halves joined, are taken over 16 bytes in each of four lanes.
///
/// SAFETY: words are loaded inside the bytes that are given, aligned or not.
package struct ContentDigest: Hashable, Sendable {
  package private(set) var low: UInt64
  package private(set) var high: UInt64

  /// The digest of nothing.
  package init() { (low, high) = (Self.odd.0, Self.odd.1) }

  /// A digest that was written down.
  package init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

  /// Words of the fraction of pi: arbitrary ones.
  private static let odd: (UInt64, UInt64, UInt64, UInt64) = (
    0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D1, 0x082E_FA98_EC4E_6C89
  )

  @inline(__always) private static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// Adds one number.
  package mutating func add(_ number: UInt64) {
    let before = low
    low = Self.mixed(low ^ number, Self.odd.2) &+ high
    high = Self.mixed(high ^ number, Self.odd.3) &+ before
  }

  /// Adds text and its length.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { unsafe add(UnsafeRawBufferPointer($0)) }
  }

  /// Adds bytes and their count.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~63
    var lanes = Self.odd
    unsafe Self.absorb(bytes, 0, whole, &lanes)
    if whole < bytes.count {
      // SAFETY: the rest is shorter than the tail.
      unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { tail in
        unsafe tail.initializeMemory(as: UInt8.self, repeating: 0)
        unsafe tail.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[whole...]))
        unsafe Self.absorb(UnsafeRawBufferPointer(tail), 0, 64, &lanes)
      }
    }
    add(lanes.0)
    add(lanes.1)
    add(lanes.2)
    add(lanes.3)
    add(UInt64(bytes.count))
  }

  /// `end - start` is a multiple of 64.
  private static func absorb(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ lanes: inout (UInt64, UInt64, UInt64, UInt64)
  ) {
    var (a, b, c, d) = lanes
    var place = start
    while place < end {
      @inline(__always) func word(_ index: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8 * index, as: UInt64.self))
      }
      a = mixed(a ^ word(0), odd.1 ^ word(1)) &+ word(0)
      b = mixed(b ^ word(2), odd.2 ^ word(3)) &+ word(2)
      c = mixed(c ^ word(4), odd.3 ^ word(5)) &+ word(4)
      d = mixed(d ^ word(6), odd.0 ^ word(7)) &+ word(6)
      place += 64
    }
    lanes = (a, b, c, d)
  }
}

extension Tensor {
  /// Adds the element type, the shape and the elements. Elements that are computed from others when they are needed stand as these and the
  /// rule, so that nothing is computed.
  package func add(to digest: inout ContentDigest) {
    digest.add("\(elementType)")
    digest.add(UInt64(shape.rank))
    for extent in shape { digest.add(UInt64(bitPattern: Int64(extent))) }
    switch storage {
    case .bytes(let buffer, let offset): buffer.add(to: &digest, offset: offset, byteCount: elementCount * elementType.byteWidth)
    case .strings(let strings): for string in strings { digest.add(string) }
    }
  }

  /// Whether both are the same elements in one place: neither needs to be looked at when the other was.
  package func isSameMemory(as other: Tensor) -> Bool {
    guard case .bytes(let mine, let start) = storage, case .bytes(let theirs, let place) = other.storage else { return false }
    return mine === theirs && start == place && elementType == other.elementType && shape == other.shape
  }
}
