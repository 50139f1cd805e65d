import OnyxImages
import OnyxTensor

/// Reads ZIP archives: stored and deflated members, ZIP64. Source: PKWARE APPNOTE 6.3.
///
/// The central directory decides; a local header only says where a member's bytes begin. Every offset and size is checked,
/// every member against its CRC.
struct ZipArchive {
  struct Member {
    let name: String
    let isDeflated: Bool
    let crc: UInt32
    let compressedCount: Int
    let count: Int
    let headerOffset: Int
  }

  let members: [Member]
  private let bytes: ArraySlice<UInt8>

  /// Deflate cannot shrink better than this; a member that claims more is a lie.
  private static let bestRatio = 1040

  /// Throws when the archive is broken or its members are larger than `limit` together.
  init(_ bytes: ArraySlice<UInt8>, limit: Int) throws(OnyxError) {
    self.bytes = bytes
    let directory = try ZipDirectory(bytes)
    var cursor = try ByteCursor(bytes, at: directory.offset)
    var members: [Member] = []
    var total = 0
    for _ in 0..<directory.count {
      let member = try ZipDirectory.member(&cursor)
      total = total.addingReportingOverflow(member.count).overflow ? .max : total + member.count
      guard total <= limit else { throw .budget("The archive holds more than \(limit) bytes.", remedy: "Read its members one by one.") }
      guard member.isDeflated ? member.count / Self.bestRatio <= member.compressedCount : member.count == member.compressedCount else {
        throw .invalid("The archive's member '\(member.name)' claims an impossible size.")
      }
      members.append(member)
    }
    self.members = members
  }

  /// The bytes of a member.
  func contents(of member: Member) throws(OnyxError) -> ArraySlice<UInt8> {
    var cursor = try ByteCursor(bytes, at: member.headerOffset)
    guard try cursor.integer(UInt32.self) == 0x0403_4B50 else { throw .invalid("The member has no header.") }
    try cursor.skip(22)
    let nameCount = try cursor.integer(UInt16.self)
    let extraCount = try cursor.integer(UInt16.self)
    try cursor.skip(Int(nameCount) + Int(extraCount))
    let stored = try cursor.take(member.compressedCount)
    let contents = member.isDeflated ? try Codecs.inflate(stored, count: member.count)[...] : stored
    guard Codecs.crc32(contents) == member.crc else { throw .invalid("The member is damaged: its checksum differs.") }
    return contents
  }
}
