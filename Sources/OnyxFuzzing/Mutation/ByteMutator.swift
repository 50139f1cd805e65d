import OnyxTestSupport

/// Changes of bytes that know nothing of what they mean: bits, numbers at the borders of types, lengths, pieces of other files.
package struct ByteMutator {
  package var generator: SeededGenerator

  package init(_ generator: SeededGenerator) { self.generator = generator }

  /// Numbers that lengths, extents and counts go wrong at.
  package static let oddNumbers: [UInt64] = [
    0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 1000, 4095, 4096, 32767, 32768, 65535, 65536, 1 << 20, 1 << 24,
    1 << 28,
    0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 40, 1 << 56, 1 << 60, (1 << 62) - 1, 1 << 62, (1 << 63) - 1, 1 << 63, .max - 1,
    .max,
  ]

  /// Longest input that is made.
  static let largest = 1 << 18

  /// `bytes` after one to six changes; `others` are files that pieces are taken from.
  package mutating func mutated(_ bytes: [UInt8], others: [[UInt8]]) -> [UInt8] {
    var result = bytes
    // One change as often as all other numbers of changes together.
    var count = 1
    while count < 6, generator.next() % 2 == 0 { count += 1 }
    for _ in 0..<count { change(&result, others) }
    return result.count > Self.largest ? Array(result.prefix(Self.largest)) : result
  }

  package mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(generator.next() % UInt64(bound)) }
  package mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  private mutating func range(in count: Int, atMost: Int) -> Range<Int> {
    let start = below(count)
    return start..<min(count, start + 1 + below(atMost))
  }

  private mutating func change(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
    guard !bytes.isEmpty else {
      bytes = (0..<1 + below(16)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      return
    }
    let place = below(bytes.count)
    switch below(13) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 2: bytes[place] = pick([0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x2D])
    case 3: bytes[place] &+= UInt8(truncatingIfNeeded: below(71) - 35)
    case 4: bytes.removeLast(below(bytes.count) + (generator.next() % 8 == 0 ? 1 : 0))
    case 5: bytes.removeSubrange(range(in: bytes.count, atMost: 32))
    case 6:
      let piece = Array(bytes[range(in: bytes.count, atMost: 64)])
      for _ in 0...below(generator.next() % 16 == 0 ? 200 : 3) where bytes.count < Self.largest {
        bytes.insert(contentsOf: piece, at: place)
      }
    case 7: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }, at: place)
    case 8, 9: overwrite(&bytes, at: place, with: number())
    case 10: replaceVarint(&bytes, at: place)
    case 11: writeDigits(&bytes, at: place)
    default: splice(&bytes, others)
    }
  }

  private mutating func number() -> [UInt8] {
    let value = pick(Self.oddNumbers)
    let width = pick([1, 2, 4, 4, 8])
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return generator.next() % 2 == 0 ? little : little.reversed()
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with piece: [UInt8]) {
    for (offset, byte) in piece.enumerated() where place + offset < bytes.count { bytes[place + offset] = byte }
  }

  /// A number or a length of protobuf becomes an odd one, of another number of bytes.
  private mutating func replaceVarint(_ bytes: inout [UInt8], at place: Int) {
    var end = place
    while end < bytes.count - 1, bytes[end] >= 0x80, end - place < 10 { end += 1 }
    var varint = Wire.varint(pick(Self.oddNumbers))
    if generator.next() % 8 == 0 { varint = varint.dropLast() + [varint[varint.count - 1] | 0x80, 0x80, 0x80] }
    bytes.replaceSubrange(place...end, with: varint)
  }

  /// Digits of a text become those of another number.
  private mutating func writeDigits(_ bytes: inout [UInt8], at place: Int) {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let text = pick([
      "-1", "0", "1", "2", "1e9", "1e999", "0.5", "00", "2147483648", "4294967296", "9223372036854775807", "18446744073709551616", "",
    ])
    bytes.replaceSubrange(start..<end, with: text.utf8)
  }

  private mutating func splice(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
    guard !others.isEmpty else { return }
    let other = pick(others)
    guard !other.isEmpty else { return }
    let piece = other[range(in: other.count, atMost: 256)]
    let place = below(bytes.count)
    if generator.next() % 2 == 0 {
      bytes.insert(contentsOf: piece, at: place)
    } else {
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
    }
  }
}
