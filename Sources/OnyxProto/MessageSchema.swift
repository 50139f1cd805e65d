import COnnxProto
import OnyxTensor

/// What the walker must know of each message: which fields it has, how they stand on the wire, and what a protobuf-c struct of
/// it costs. Read once from the tables that protoc-c generated, so it cannot differ from them.
struct MessageSchema: Sendable {
  enum Kind: Sendable, Equatable {
    case varint, fixed32, fixed64, bytes
    /// Index of the message in `messages`.
    case message(Int)
    /// Bytes that stay in the file: the skeleton gets their offset and length.
    case reference
  }

  struct Field: Sendable {
    let number: Int
    let name: String
    let kind: Kind
    let isRepeated: Bool
  }

  struct Message: Sendable {
    let name: String
    /// Indexed by field number; nil where the standard has none.
    let fields: [Field?]
    let structByteCount: Int
  }

  private(set) var messages: [Message] = []
  /// Indices of the messages that a file can consist of.
  private(set) var model = 0
  private(set) var tensor = 0

  static let onnx: MessageSchema = {
    var schema = MessageSchema()
    schema.readGenerated()
    return schema
  }()
}

extension MessageSchema {
  /// SAFETY: protoc-c's tables are constants of the program; each says how many fields it has.
  private mutating func readGenerated() {
    var indices: [String: Int] = [:]
    var pending: [UnsafePointer<ProtobufCMessageDescriptor>] = unsafe []
    func index(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> Int {
      let name = unsafe String(cString: descriptor.pointee.name)
      if let index = indices[name] { return index }
      unsafe pending.append(descriptor)
      indices[name] = indices.count
      return indices.count - 1
    }
    // No message holds a model, so the root needs no address.
    indices["onnx.ModelProto"] = 0
    unsafe messages.append(Self.message(onnx__model_proto__descriptor, index: index))
    var next = 0
    while unsafe next < pending.count {
      unsafe messages.append(Self.message(pending[next].pointee, index: index))
      next += 1
    }
    tensor = indices["onnx.TensorProto"] ?? model
  }

  private static func message(
    _ descriptor: ProtobufCMessageDescriptor, index: (UnsafePointer<ProtobufCMessageDescriptor>) -> Int
  ) -> Message {
    let name = unsafe String(cString: descriptor.short_name)
    var fields: [Field?] = []
    for position in 0..<Int(unsafe descriptor.n_fields) {
      let field = unsafe descriptor.fields[position]
      let number = unsafe Int(field.id)
      while fields.count <= number { fields.append(nil) }
      let fieldName = unsafe String(cString: field.name)
      let kind: Kind =
        switch unsafe field.type {
        case PROTOBUF_C_TYPE_FLOAT, PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32: .fixed32
        case PROTOBUF_C_TYPE_DOUBLE, PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64: .fixed64
        case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES: name == "TensorProto" && fieldName == "raw_data" ? .reference : .bytes
        case PROTOBUF_C_TYPE_MESSAGE:
          .message(unsafe index(field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)))
        default: .varint
        }
      fields[number] = Field(
        number: number, name: fieldName, kind: kind, isRepeated: unsafe field.label == PROTOBUF_C_LABEL_REPEATED)
    }
    return Message(name: name, fields: fields, structByteCount: unsafe descriptor.sizeof_message)
  }
}
