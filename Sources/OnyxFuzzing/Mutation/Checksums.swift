import OnyxFiles
import OnyxImages

/// Checksums made right again, so that a change of what they guard is not the only thing that a reader sees.
package enum Checksums {
  /// The file with right checksums where its structure can be followed; as it is where not.
  package static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return png(bytes) }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) { return zip(bytes) }
    return bytes
  }

  private static func png(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    var place = 8
    while place + 12 <= bytes.count {
      let count = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard count <= bytes.count - place - 12 else { break }
      let sum = Codecs.crc32(bytes[place + 4..<place + 8 + count])
      for byte in 0..<4 { result[place + 8 + count + byte] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * byte)) }
      place += 12 + count
    }
    return result
  }

  /// Of members that are stored, in the local header and in the directory.
  private static func zip(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    func little(_ place: Int, _ count: Int) -> Int { bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) } }
    func write(_ sum: UInt32, at place: Int) {
      for byte in 0..<4 { result[place + byte] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * byte)) }
    }
    for place in bytes.indices.dropLast(46) where bytes[place..<place + 4].elementsEqual([0x50, 0x4B, 1, 2]) {
      let (method, size, header) = (little(place + 10, 2), little(place + 20, 4), little(place + 42, 4))
      guard method == 0, header + 30 <= bytes.count else { continue }
      let start = header + 30 + little(header + 26, 2) + little(header + 28, 2)
      guard start <= bytes.count, size <= bytes.count - start else { continue }
      let sum = Codecs.crc32(bytes[start..<start + size])
      write(sum, at: place + 16)
      write(sum, at: header + 14)
    }
    return result
  }
}
