import OnyxTensor

extension TensorMessage {
  /// The message that stores a tensor: strings as `string_data`, everything else as `raw_data`.
  package init(_ tensor: Tensor, name: String) throws(OnyxError) {
    self.init()
    self.name = name
    dimensions = tensor.shape.map { Int64($0) }
    dataType = tensor.elementType.rawValue
    switch tensor.storage {
    case .strings(let strings): content = .strings(strings.map { Array($0.utf8) })
    case .bytes(let buffer, let offset):
      guard let slice = ByteSlice(buffer).slice(offset: offset, count: tensor.byteCount) else {
        throw .bug("A tensor is larger than its memory.")
      }
      let bits = tensor.elementType.bitsInFiles
      content = .raw(bits < 8 ? try slice.packed(bits: bits) : slice)
    }
  }

  /// Reads a file that holds one TensorProto. External data is looked up in the file's folder.
  package static func decode(contentsOf path: String) throws(OnyxError) -> (name: String, tensor: Tensor) {
    let bytes = try MappedFile.copy(path: path)
    do throws(OnyxError) {
      return try decode(bytes, folder: ModelFolder(ofTensorsAt: path))
    } catch { throw error.about("The file '\(path)'") }
  }

  /// Reads the bytes of one TensorProto; `folder` holds its external data.
  package static func decode(_ bytes: ByteSlice, folder: ModelFolder? = nil) throws(OnyxError) -> (name: String, tensor: Tensor) {
    guard bytes.count > 0 else { throw .invalid("It is empty.", remedy: OnyxError.damaged) }
    do throws(OnyxError) {
      let message = try Unpacked.tensor(bytes)
      return (message.name, try message.tensor(in: folder))
    } catch {
      // In a SequenceProto and an OptionalProto field 3 is the tensor; in a TensorProto it marks one part of several.
      guard WireCursor.hasField(3, in: bytes) else { throw error }
      throw .unsupported(
        "It holds a sequence, an optional or a part of a tensor, not one whole tensor.", remedy: "Give one TensorProto per file.")
    }
  }

  /// The bytes of a file that holds the tensor as a TensorProto.
  package static func encode(_ tensor: Tensor, name: String = "") throws(OnyxError) -> [UInt8] {
    var writer = WireWriter()
    try TensorMessage(tensor, name: name).write(to: &writer)
    return writer.bytes
  }
}

extension ModelMessage {
  /// Reads the bytes of a model; the tensors in it keep `bytes` alive. Throws `invalidModel` when it is no ModelProto.
  package static func decode(_ bytes: ByteSlice) throws(OnyxError) -> ModelMessage { try Unpacked.model(bytes) }
}
