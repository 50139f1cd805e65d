import OnyxTensor

/// The header of an .npy file: a Python dictionary literal with the keys descr, fortran_order and shape.
/// Source: NEP 1, numpy.lib.format (versions 1.0, 2.0, 3.0).
struct NpyHeader: Hashable {
  let descriptor: String
  let isFortranOrder: Bool
  let shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  init(descriptor: String, isFortranOrder: Bool, shape: [Int]) {
    self.descriptor = descriptor
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// Reads magic, version and dictionary, and leaves the cursor at the first byte of the elements.
  init(_ cursor: inout ByteCursor) throws(OnyxError) {
    guard cursor.left >= 10, Array(try cursor.take(Self.magic.count)) == Self.magic else { throw .invalid("The file is no .npy file.") }
    let major = try cursor.integer(UInt8.self)
    _ = try cursor.integer(UInt8.self)
    guard (1...3).contains(major) else { throw .unsupported("The file has .npy version \(major); 1, 2 and 3 are known.") }
    let length = major == 1 ? Int(try cursor.integer(UInt16.self)) : Int(try cursor.integer(UInt32.self))
    var parser = PythonLiteral(try cursor.take(length))
    try self.init(dictionary: parser.dictionary())
  }

  private init(dictionary: [String: PythonLiteral.Value]) throws(OnyxError) {
    switch dictionary["descr"] {
    case .text(let text): descriptor = text
    case .list, .tuple:
      throw .unsupported("The array has a structured type, which ONNX has not.", remedy: "Save one field of it.")
    default: throw .invalid("The .npy header has no 'descr'.")
    }
    guard case .bool(let isFortranOrder)? = dictionary["fortran_order"] else { throw .invalid("The .npy header has no 'fortran_order'.") }
    self.isFortranOrder = isFortranOrder
    guard case .tuple(let items)? = dictionary["shape"] else { throw .invalid("The .npy header has no 'shape'.") }
    var shape: [Int] = []
    for item in items {
      guard case .int(let dimension) = item else { throw .invalid("The 'shape' of the .npy header is not made of integers.") }
      shape.append(dimension)
    }
    self.shape = shape
  }

  /// Magic, version, dictionary and padding, so that the elements begin at a multiple of 64 bytes as numpy has it.
  var encoded: [UInt8] {
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = Array("{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), 'shape': (\(dimensions)), }".utf8)
    let isShort = text.count + 64 < 1 << 16
    let start = Self.magic.count + 2 + (isShort ? 2 : 4)
    text += [UInt8](repeating: 0x20, count: 63 - (start + text.count) % 64) + [0x0A]
    var bytes = Self.magic + [isShort ? 1 : 2, 0]
    if isShort { bytes.append(littleEndian: UInt16(text.count)) } else { bytes.append(littleEndian: UInt32(text.count)) }
    return bytes + text
  }
}
