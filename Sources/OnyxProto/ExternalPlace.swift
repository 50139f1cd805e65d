import OnyxTensor

/// Where a tensor's bytes are in an external file: the entries of `external_data`. Every other key is refused.
struct ExternalPlace {
  let location: String
  let offset: Int
  let length: Int?
  /// The SHA-1 of the whole file in hexadecimal digits.
  private let checksum: String?

  init(_ entries: [StringPair]) throws(OnyxError) {
    var found: [String: String] = [:]
    for entry in entries {
      guard ["location", "offset", "length", "checksum"].contains(entry.key) else {
        throw .invalid("The key '\(entry.key)' of its external data is not defined.")
      }
      guard found.updateValue(entry.value, forKey: entry.key) == nil else {
        throw .invalid("The key '\(entry.key)' of its external data occurs twice.")
      }
    }
    guard let location = found["location"] else { throw .invalid("Its external data has no location.") }
    self.location = location
    offset = try Self.number("offset", found["offset"]) ?? 0
    length = try Self.number("length", found["length"])
    checksum = found["checksum"]
    if let checksum, checksum.utf8.count != 40 || !checksum.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
      throw .invalid("The checksum of its external data is '\(checksum)', not the 40 hexadecimal digits of a SHA-1.")
    }
  }

  private static func number(_ key: String, _ text: String?) throws(OnyxError) -> Int? {
    guard let text else { return nil }
    guard let value = Int(text), value >= 0 else { throw .invalid("The \(key) of its external data is '\(text)', not a number from 0 up.") }
    return value
  }

  /// The bytes, of which `byteCount` are needed. Nothing is read yet.
  func bytes(in folder: ModelFolder?, needing byteCount: Int) throws(OnyxError) -> ByteSlice {
    guard let folder else {
      throw .usage(
        "Its data is in the external file '\(location)', but the model was given as bytes, without a folder.",
        remedy: "Load the model from its path, or pass the folder as the base directory.")
    }
    let file = try folder.file(at: location)
    if let checksum { try folder.check(location, checksum: checksum) }
    guard let slice = file.slice(offset: offset, count: length ?? byteCount) else {
      throw .invalid(
        "Its data should be \(length ?? byteCount) bytes from \(offset) on in '\(location)', which has \(file.count) bytes.",
        remedy: OnyxError.damaged)
    }
    return slice
  }
}
