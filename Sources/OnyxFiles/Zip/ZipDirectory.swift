import OnyxTensor

/// Where the central directory of a ZIP archive is, and its records.
struct ZipDirectory {
  let offset: Int
  let count: Int

  /// Looks for the end record from the end of the file: a comment of at most 65535 bytes may follow it.
  init(_ bytes: ArraySlice<UInt8>) throws(OnyxError) {
    let signature: [UInt8] = [0x50, 0x4B, 5, 6]
    var start = bytes.count - 22
    let first = max(0, start - 65535)
    while start >= first, Array(bytes.dropFirst(start).prefix(4)) != signature { start -= 1 }
    guard start >= first else {
      throw .invalid("The archive has no directory: it is cut off or no ZIP file.", remedy: "Copy or save it again.")
    }
    var cursor = try ByteCursor(bytes, at: start + 8)
    _ = try cursor.integer(UInt16.self)
    let count = Int(try cursor.integer(UInt16.self))
    _ = try cursor.integer(UInt32.self)
    let offset = Int(try cursor.integer(UInt32.self))
    if let large = try Self.zip64(bytes, endRecord: start) {
      self = large
    } else {
      self.init(offset: offset, count: count)
    }
    // A record has 46 bytes at least.
    guard self.offset <= start, self.count <= (start - self.offset) / 46 else { throw .invalid("The archive's directory is broken.") }
  }

  private init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  private static func zip64(_ bytes: ArraySlice<UInt8>, endRecord: Int) throws(OnyxError) -> ZipDirectory? {
    guard endRecord >= 20 else { return nil }
    var locator = try ByteCursor(bytes, at: endRecord - 20)
    guard try locator.integer(UInt32.self) == 0x0706_4B50 else { return nil }
    _ = try locator.integer(UInt32.self)
    var record = try ByteCursor(bytes, at: try size(try locator.integer(UInt64.self)))
    guard try record.integer(UInt32.self) == 0x0606_4B50 else { throw .invalid("The archive's directory is broken.") }
    try record.skip(28)
    let count = try size(try record.integer(UInt64.self))
    try record.skip(8)
    return ZipDirectory(offset: try size(try record.integer(UInt64.self)), count: count)
  }

  private static func size(_ value: UInt64) throws(OnyxError) -> Int {
    guard let size = Int(exactly: value) else { throw .invalid("The archive's directory has an impossible size.") }
    return size
  }

  /// One record of the central directory.
  static func member(_ cursor: inout ByteCursor) throws(OnyxError) -> ZipArchive.Member {
    guard try cursor.integer(UInt32.self) == 0x0201_4B50 else { throw .invalid("The archive's directory is broken.") }
    try cursor.skip(4)
    let flags = try cursor.integer(UInt16.self)
    let method = try cursor.integer(UInt16.self)
    try cursor.skip(4)
    let crc = try cursor.integer(UInt32.self)
    let sizes = [try cursor.integer(UInt32.self), try cursor.integer(UInt32.self)]
    let counts = [try cursor.integer(UInt16.self), try cursor.integer(UInt16.self), try cursor.integer(UInt16.self)]
    try cursor.skip(8)
    let offset = try cursor.integer(UInt32.self)
    let name = String(decoding: try cursor.take(Int(counts[0])), as: UTF8.self)
    let extra = try cursor.take(Int(counts[1]))
    try cursor.skip(Int(counts[2]))
    guard flags & 1 == 0 else { throw .unsupported("The archive's member '\(name)' is encrypted.") }
    guard method == 0 || method == 8 else {
      throw .unsupported(
        "The archive's member '\(name)' has compression method \(method).", remedy: "Save it with numpy.savez or numpy.savez_compressed.")
    }
    // Uncompressed size, compressed size, offset: each stands in the extra field when its 32 bits are all ones.
    let large = try largeFields(extra, for: [sizes[1], sizes[0], offset])
    return ZipArchive.Member(
      name: name, isDeflated: method == 8, crc: crc, compressedCount: large[1], count: large[0], headerOffset: large[2])
  }

  private static func largeFields(_ extra: ArraySlice<UInt8>, for small: [UInt32]) throws(OnyxError) -> [Int] {
    var field: ByteCursor?
    var cursor = try ByteCursor(extra)
    while cursor.left >= 4, field == nil {
      let id = try cursor.integer(UInt16.self)
      let bytes = try cursor.take(Int(try cursor.integer(UInt16.self)))
      if id == 1 { field = try ByteCursor(bytes) }
    }
    var result: [Int] = []
    for value in small {
      guard value == .max else {
        result.append(Int(value))
        continue
      }
      guard let large = try field?.integer(UInt64.self) else { throw .invalid("The archive's directory lacks a 64-bit size.") }
      result.append(try size(large))
    }
    return result
  }
}
