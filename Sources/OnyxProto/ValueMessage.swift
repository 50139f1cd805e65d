import OnyxTensor

// SAFETY: the bytes of a slice are read inside the closure that lends them, by a cursor that checks every access.

/// SequenceProto, OptionalProto and MapProto of onnx-data: values in files. A file does not say which message it holds, so the reader
/// has to know the kind.
package enum ValueMessage {
  /// Reads a file that holds one value of this kind. External data of tensors is looked up in the file's folder.
  ///
  /// Throws `missingFile`, and `invalidModel` when the file holds something else.
  package static func decode(contentsOf path: String, as kind: ValueKind) throws(OnyxError) -> (name: String, value: Value) {
    let bytes = try MappedFile.copy(path: path)
    do throws(OnyxError) {
      return try decode(bytes, as: kind, folder: ModelFolder(ofTensorsAt: path))
    } catch { throw error.about("The file '\(path)'") }
  }

  /// Reads the bytes of one value. Nesting is bounded by that of `kind`.
  package static func decode(
    _ bytes: ByteSlice, as kind: ValueKind, folder: ModelFolder? = nil
  ) throws(OnyxError) -> (name: String, value: Value) {
    if case .tensor = kind {
      let (name, tensor) = try TensorMessage.decode(bytes, folder: folder)
      return (name, .tensor(tensor))
    }
    let fields = try ValueFields(bytes)
    let name = String(decoding: fields.contents(1).last?.prefix(.max) ?? [], as: UTF8.self)
    switch kind {
    case .tensor, .sequence: return (name, try sequence(fields, kind, folder))
    case .optional(let content): return (name, .optional(of: content, try optional(fields, content, folder)))
    case .map: return (name, .map(try map(fields, kind, folder)))
    }
  }

  /// The field of SequenceProto that holds values of a kind.
  private static func sequenceField(of kind: ValueKind) -> Int {
    switch kind {
    case .tensor: 3
    case .sequence: 5
    case .map: 6
    case .optional: 7
    }
  }

  private static func sequence(_ fields: ValueFields, _ kind: ValueKind, _ folder: ModelFolder?) throws(OnyxError) -> Value {
    guard case .sequence(let element) = kind else { throw .bug("A value of kind \(kind) was read as a sequence.") }
    var values: [Value] = []
    for content in fields.contents(sequenceField(of: element)) { values.append(try decode(content, as: element, folder: folder).value) }
    try check(values, element)
    return .sequence(of: element, values)
  }

  /// Fields 3, 5, 6 and 7 hold a tensor, a sequence, a map and an optional.
  private static func optional(_ fields: ValueFields, _ kind: ValueKind, _ folder: ModelFolder?) throws(OnyxError) -> Value? {
    guard let content = fields.contents(sequenceField(of: kind)).last else { return nil }
    let value = try decode(content, as: kind, folder: folder).value
    try check([value], kind)
    return value
  }

  /// `keys` or `string_keys`, and the values as a sequence of scalars or as one tensor.
  private static func map(_ fields: ValueFields, _ kind: ValueKind, _ folder: ModelFolder?) throws(OnyxError) -> MapValue {
    guard case .map(let key, .tensor(let type)) = kind else { throw .unsupported("Maps of \(kind) cannot be read.") }
    let keys =
      key == .string
      ? try Tensor(fields.contents(4).map { String(decoding: $0.prefix(.max), as: UTF8.self) }) : try Tensor(try fields.integers(3))
    var values: [Tensor] = []
    for content in fields.contents(5) {
      for value in try decode(content, as: .sequence(.tensor(type)), folder: folder).value.sequence() {
        let tensor = try value.tensor()
        values.append(try tensor.reshaped(to: try Shape([tensor.elementCount])))
      }
    }
    let joined = try values.isEmpty ? Tensor.zeros(type, shape: [0]) : Tensor.concatenated(values, axis: 0)
    guard joined.elementCount == keys.elementCount else {
      throw .invalid("A map has \(keys.elementCount) keys and \(joined.elementCount) values.", remedy: OnyxError.damaged)
    }
    return try MapValue(keys: keys, values: joined)
  }

  private static func check(_ values: [Value], _ kind: ValueKind) throws(OnyxError) {
    for value in values where value.kind != kind { throw .invalid("It holds \(value) where \(kind) was expected.") }
  }
}

extension ValueMessage {
  /// The bytes of a file that holds the value as the message of its kind.
  package static func encode(_ value: Value, name: String = "") throws(OnyxError) -> [UInt8] {
    var writer = WireWriter()
    try write(value, name, to: &writer)
    return writer.bytes
  }

  private static func write(_ value: Value, _ name: String, to writer: inout WireWriter) throws(OnyxError) {
    switch value {
    case .tensor(let tensor): try TensorMessage(tensor, name: name).write(to: &writer)
    case .sequence(let element, let values):
      writer.text(1, name)
      writer.varint(2, elementNumber(of: element))
      for value in values { writer.data(sequenceField(of: element), try encode(value)) }
    case .optional(let content, let value):
      writer.text(1, name)
      writer.varint(2, elementNumber(of: content))
      if let value { writer.data(sequenceField(of: content), try encode(value)) }
    case .map(let map):
      writer.text(1, name)
      writer.varint(2, Int64(map.keys.elementType.rawValue))
      if map.keys.elementType == .string { writer.texts(4, try map.keys.strings()) } else { writer.varints(3, try map.keys.integers()) }
      writer.data(5, try encode(.tensors([map.values], of: map.values.elementType)))
    }
  }

  /// SequenceProto.DataType and OptionalProto.DataType.
  private static func elementNumber(of kind: ValueKind) -> Int64 {
    switch kind {
    case .tensor: 1
    case .sequence: 3
    case .map: 4
    case .optional: 5
    }
  }
}

/// The fields of one message, whatever it is.
private struct ValueFields {
  private var slices: [Int: [ByteSlice]] = [:]
  private var numbers: [Int: [Int64]] = [:]

  /// Throws `invalidModel` for bytes that are no message.
  init(_ source: ByteSlice) throws(OnyxError) {
    var (slices, numbers): ([Int: [ByteSlice]], [Int: [Int64]]) = ([:], [:])
    try unsafe source.withBytes { (bytes) throws(OnyxError) in
      var cursor = unsafe WireCursor(bytes)
      let place = WirePlace(message: "value")
      while cursor.position < bytes.count {
        let (number, type) = try cursor.tag(end: bytes.count, place)
        switch type {
        case .lengthDelimited:
          let length = try cursor.length(end: bytes.count, place)
          guard let slice = source.slice(offset: cursor.position, count: length) else { throw WireCursor.cutOff(place) }
          slices[number, default: []].append(slice)
          cursor.position += length
        case .varint: numbers[number, default: []].append(Int64(bitPattern: try cursor.varint(end: bytes.count, place)))
        case .fixed32: try cursor.skip(4, end: bytes.count, place)
        case .fixed64: try cursor.skip(8, end: bytes.count, place)
        case .groupStart, .groupEnd: throw .invalid("A value holds a group.", remedy: OnyxError.damaged)
        }
      }
    }
    (self.slices, self.numbers) = (slices, numbers)
  }

  func contents(_ field: Int) -> [ByteSlice] { slices[field] ?? [] }

  /// Numbers one by one or packed.
  func integers(_ field: Int) throws(OnyxError) -> [Int64] {
    var values = numbers[field] ?? []
    for slice in contents(field) {
      try unsafe slice.withBytes { (bytes) throws(OnyxError) in
        var cursor = unsafe WireCursor(bytes)
        while cursor.position < bytes.count {
          values.append(Int64(bitPattern: try cursor.varint(end: bytes.count, WirePlace(message: "value"))))
        }
      }
    }
    return values
  }
}
