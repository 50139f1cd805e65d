import OnyxTensor

/// The bytes of a file, read at any place; nothing past the end.
struct ImageBytes {
  let bytes: [UInt8]
  /// For messages: "BMP".
  let format: String

  init(_ bytes: [UInt8], format: String) {
    self.bytes = bytes
    self.format = format
  }

  var count: Int { bytes.count }

  func invalid(_ what: String) -> OnyxError { .invalid("The \(format) image cannot be read: \(what).", remedy: "Save the image again.") }

  func byte(at place: Int) throws(OnyxError) -> Int { Int(try part(at: place, 1)[place]) }

  /// An unsigned number of 1 … 4 bytes, the lowest first.
  func little(at place: Int, _ width: Int) throws(OnyxError) -> Int {
    try part(at: place, width).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// An unsigned number of 1 … 4 bytes, the highest first.
  func big(at place: Int, _ width: Int) throws(OnyxError) -> Int { try part(at: place, width).reduce(0) { $0 << 8 | Int($1) } }

  func part(at place: Int, _ width: Int) throws(OnyxError) -> ArraySlice<UInt8> {
    guard place >= 0, width >= 0, place <= bytes.count, width <= bytes.count - place else { throw invalid("the file ends early") }
    return bytes[place..<place + width]
  }
}
