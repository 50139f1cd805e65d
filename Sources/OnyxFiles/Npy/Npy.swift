import OnyxTensor

/// numpy's .npy files, versions 1 to 3.
package enum Npy {
  /// The array of a file. Fortran order becomes row-major, big-endian numbers are swapped.
  package static func decode(_ bytes: ArraySlice<UInt8>) throws(OnyxError) -> Tensor {
    var cursor = try ByteCursor(bytes)
    let header = try NpyHeader(&cursor)
    let type = try NpyType(descriptor: header.descriptor)
    let stored = try Shape(header.isFortranOrder ? header.shape.reversed() : header.shape)
    let count = try Tensor.byteCount(stored.elementCount, width: type.width)
    guard cursor.left >= count else {
      throw .invalid(
        "The array of shape \(stored) needs \(count) bytes, and the file has \(cursor.left).", remedy: "Copy or save it again.")
    }
    guard cursor.left == count else {
      throw .invalid("\(cursor.left - count) bytes follow the array.", remedy: "Save one array to a file, or several as .npz.")
    }
    let tensor = try elements(type, stored, cursor.rest)
    return header.isFortranOrder ? try transposed(tensor) : tensor
  }

  /// A file of version 1 in row-major order, little-endian. Element types that numpy lacks are written under the names that
  /// Python's ml_dtypes gives them; numpy reads them once that module is imported. Zeros at the end of strings are lost.
  package static func encode(_ tensor: Tensor) throws(OnyxError) -> [UInt8] {
    if tensor.elementType == .string { return try encode(strings: tensor) }
    guard let descriptor = NpyType.descriptor(of: tensor.elementType) else { throw .bug("\(tensor.elementType) has no numpy type.") }
    return NpyHeader(descriptor: descriptor, isFortranOrder: false, shape: tensor.shape.dimensions).encoded + RawElements.bytes(of: tensor)
  }

  private static func elements(_ type: NpyType, _ shape: Shape, _ bytes: ArraySlice<UInt8>) throws(OnyxError) -> Tensor {
    switch type.kind {
    case .numbers(let element):
      let unit = element.domain == .complex ? type.width / 2 : type.width
      let native = type.isBigEndian && unit > 1 ? swapped(bytes, unit)[...] : bytes
      return try RawElements.tensor(element, shape: shape, bytes: native)
    case .unicode, .bytes:
      // Elements of no width claim any count without having a byte.
      guard type.width > 0 || shape.elementCount <= 1 << 20 else { throw .budget("The array has \(shape.elementCount) empty strings.") }
      var strings: [String] = []
      strings.reserveCapacity(shape.elementCount)
      for index in 0..<shape.elementCount {
        let start = bytes.startIndex + index * type.width
        strings.append(try string(bytes[start..<start + type.width], type))
      }
      return try Tensor(strings, shape: shape)
    }
  }

  private static func string(_ bytes: ArraySlice<UInt8>, _ type: NpyType) throws(OnyxError) -> String {
    if type.kind == .bytes {
      let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
      guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
        throw .unsupported("A byte string of the array is not UTF-8.", remedy: "Save it as str, or the bytes as uint8.")
      }
      return text
    }
    var cursor = try ByteCursor(type.isBigEndian ? swapped(bytes, 4)[...] : bytes)
    var scalars = String.UnicodeScalarView()
    var zeros = 0
    while cursor.left > 0 {
      guard let scalar = Unicode.Scalar(try cursor.integer(UInt32.self)) else {
        throw .invalid("A string of the array has a broken character.")
      }
      if scalar.value == 0 {
        zeros += 1
      } else {
        for _ in 0..<zeros { scalars.append("\0") }
        zeros = 0
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  private static func encode(strings tensor: Tensor) throws(OnyxError) -> [UInt8] {
    let strings = try tensor.strings()
    let width = strings.map(\.unicodeScalars.count).max() ?? 0
    let count = try Tensor.byteCount(strings.count, width: 4 * max(width, 1))
    guard count <= Buffer.largestByteCount else {
      throw .budget("The longest string has \(width) characters, and numpy gives every string that size.", remedy: "Write .json instead.")
    }
    var bytes = NpyHeader(descriptor: "<U\(width)", isFortranOrder: false, shape: tensor.shape.dimensions).encoded
    bytes.reserveCapacity(bytes.count + count)
    for string in strings {
      for scalar in string.unicodeScalars { bytes.append(littleEndian: scalar.value) }
      bytes += repeatElement(0, count: 4 * (width - string.unicodeScalars.count))
    }
    return bytes
  }

  /// Bytes of each unit of `size` bytes in reverse.
  private static func swapped(_ bytes: ArraySlice<UInt8>, _ size: Int) -> [UInt8] {
    var result = Array(bytes)
    for start in stride(from: 0, through: result.count - size, by: size) { result[start..<start + size].reverse() }
    return result
  }

  /// All axes in reverse order: the row-major form of what was stored with the first axis innermost.
  private static func transposed(_ tensor: Tensor) throws(OnyxError) -> Tensor {
    let shape = try Shape(tensor.shape.reversed())
    guard shape.rank > 1 else { return tensor }
    let strides = Array(tensor.shape.strides.reversed())
    var indices: [Int] = []
    indices.reserveCapacity(shape.elementCount)
    var position = [Int](repeating: 0, count: shape.rank)
    var offset = 0
    for _ in 0..<shape.elementCount {
      indices.append(offset)
      for axis in (0..<shape.rank).reversed() {
        position[axis] += 1
        offset += strides[axis]
        if position[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        position[axis] = 0
      }
    }
    return try tensor.gathering(indices, shape: shape)
  }
}
