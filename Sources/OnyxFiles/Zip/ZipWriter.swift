import OnyxImages
import OnyxTensor

/// Writes ZIP archives below 4 GiB. Equal members give equal bytes: the date is fixed.
struct ZipWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Throws `unsupported` when the archive outgrows 32-bit offsets.
  mutating func append(_ name: String, _ contents: [UInt8], compressed: Bool) throws(OnyxError) {
    let body = compressed ? try Codecs.deflate(contents) : contents
    let name = Array(name.utf8)
    guard name.count < 1 << 16, count < 1 << 16 - 1, bytes.count + body.count + name.count + 30 < 1 << 32 - 1, contents.count < 1 << 32 - 1
    else {
      throw .unsupported("The archive would be larger than 4 GiB or have more than 65534 members.", remedy: "Write .npy files instead.")
    }
    let offset = bytes.count
    var common: [UInt8] = []
    common.append(littleEndian: UInt16(20))
    common.append(littleEndian: UInt16(1 << 11))  // names are UTF-8
    common.append(littleEndian: UInt16(compressed ? 8 : 0))
    common.append(littleEndian: UInt16(0))
    common.append(littleEndian: UInt16(0x21))  // 1980-01-01
    common.append(littleEndian: Codecs.crc32(contents[...]))
    common.append(littleEndian: UInt32(body.count))
    common.append(littleEndian: UInt32(contents.count))
    common.append(littleEndian: UInt16(name.count))
    common.append(littleEndian: UInt16(0))
    bytes.append(littleEndian: UInt32(0x0403_4B50))
    bytes += common + name + body
    directory.append(littleEndian: UInt32(0x0201_4B50))
    directory.append(littleEndian: UInt16(20))
    directory += common + [UInt8](repeating: 0, count: 10)
    directory.append(littleEndian: UInt32(offset))
    directory += name
    count += 1
  }

  consuming func finish() throws(OnyxError) -> [UInt8] {
    guard bytes.count + directory.count < 1 << 32 - 1 else { throw .unsupported("The archive would be larger than 4 GiB.") }
    let offset = bytes.count
    bytes += directory
    bytes.append(littleEndian: UInt32(0x0605_4B50))
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: UInt16(count))
    bytes.append(littleEndian: UInt16(count))
    bytes.append(littleEndian: UInt32(directory.count))
    bytes.append(littleEndian: UInt32(offset))
    bytes.append(littleEndian: UInt16(0))
    return bytes
  }
}
