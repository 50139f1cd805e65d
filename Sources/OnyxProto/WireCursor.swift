import OnyxTensor

/// Reads the protobuf wire format forwards. Every read is checked against `bytes`; a read that fails throws `invalidModel`.
///
/// SAFETY: used only inside `ByteSlice.withBytes`, which keeps the bytes alive; indices are checked before each access.
@safe struct WireCursor {
  @unsafe let bytes: UnsafeRawBufferPointer
  var position = 0

  /// The wire types of protobuf.
  enum WireType: UInt64 { case varint, fixed64, lengthDelimited, groupStart, groupEnd, fixed32 }

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

  /// A varint that ends before `end`; at most 10 bytes.
  mutating func varint(end: Int, _ place: WirePlace) throws(OnyxError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      guard position < end else { throw Self.cutOff(place) }
      let byte = unsafe bytes[position]
      position += 1
      // The tenth byte has room for one bit.
      if shift == 63 && byte > 1 { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    throw .invalid("A number in \(place) is longer than 64 bits.", remedy: OnyxError.damaged)
  }

  /// A field's number and wire type.
  mutating func tag(end: Int, _ place: WirePlace) throws(OnyxError) -> (number: Int, type: WireType) {
    let key = try varint(end: end, place)
    guard let type = WireType(rawValue: key & 7), key >> 3 > 0, key >> 3 < 1 << 29 else {
      throw .invalid("There is no field with the tag \(key) in \(place).", remedy: OnyxError.damaged)
    }
    return (Int(key >> 3), type)
  }

  /// The length before the content of a field, checked against what is left.
  mutating func length(end: Int, _ place: WirePlace) throws(OnyxError) -> Int {
    let length = try varint(end: end, place)
    guard length <= UInt64(end - position) else {
      throw .invalid(
        "\(place) says that it has \(length) bytes, but only \(end - position) are left.", remedy: OnyxError.damaged)
    }
    return Int(length)
  }

  /// Passes over `count` bytes.
  mutating func skip(_ count: Int, end: Int, _ place: WirePlace) throws(OnyxError) {
    guard count <= end - position else { throw Self.cutOff(place) }
    position += count
  }

  /// Whether the outermost message is well formed up to a field with this number that holds a message or bytes.
  static func hasField(_ wanted: Int, in source: ByteSlice) -> Bool {
    unsafe source.withBytes { bytes in
      var cursor = unsafe WireCursor(bytes)
      let place = WirePlace(message: "message")
      do throws(OnyxError) {
        while true {
          let (number, type) = try cursor.tag(end: bytes.count, place)
          switch type {
          case .lengthDelimited where number == wanted: return true
          case .lengthDelimited: cursor.position += try cursor.length(end: bytes.count, place)
          case .varint: _ = try cursor.varint(end: bytes.count, place)
          case .fixed32: try cursor.skip(4, end: bytes.count, place)
          case .fixed64: try cursor.skip(8, end: bytes.count, place)
          case .groupStart, .groupEnd: return false
          }
        }
      } catch { return false }
    }
  }

  static func cutOff(_ place: WirePlace) -> OnyxError { .invalid("The file ends in the middle of \(place).", remedy: OnyxError.damaged) }
}

/// Where the cursor is, for messages.
struct WirePlace: CustomStringConvertible {
  let message: String
  var field = ""
  var description: String { field.isEmpty ? message : "\(message).\(field)" }
}

extension OnyxError {
  static let damaged = "The file is cut off or damaged: download or export it again."
}
