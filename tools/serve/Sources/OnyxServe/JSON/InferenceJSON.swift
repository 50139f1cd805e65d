import NIOCore
import Onyx

/// Inference requests and answers as JSON, with or without bytes behind it.
package struct InferenceJSON: InferenceCodec {
  /// The JSON, and behind it the bytes of inputs.
  package let body: ByteBuffer
  /// The length of the JSON where bytes are behind it.
  package let headerLength: Int?

  /// Of a body as it came, unpacked.
  package init(body: ByteBuffer, headerLength: Int?) {
    self.body = body
    self.headerLength = headerLength
  }

  package func decode() throws(Failure) -> InferenceRequest {
    let length = headerLength ?? body.readableBytes
    guard let text = body.getBytes(at: body.readerIndex, length: length),
      let binary = body.getSlice(
        at: body.readerIndex + length, length: body.readableBytes - length)
    else {
      throw Failure(.badRequest, "Inference-Header-Content-Length is \(length), and the body has \(body.readableBytes) bytes.")
    }
    var reader = JSONReader(text)
    var request = InferenceRequest()
    var inputs: [InputJSON] = []
    try reader.object { (key, reader) throws(Failure) in
      switch key {
      case "id": request.id = try reader.string()
      case "parameters": try Self.parameters(&request, &reader)
      case "inputs": try reader.array { (reader) throws(Failure) in inputs.append(try InputJSON(&reader)) }
      case "outputs":
        var outputs: [InferenceRequest.Output] = []
        try reader.array { (reader) throws(Failure) in outputs.append(try Self.output(&reader)) }
        request.outputs = outputs
      default: try reader.skip()
      }
    }
    try reader.finish()
    var rest = binary
    for input in inputs { try request.add(input.name, try input.tensor(reader, &rest)) }
    guard rest.readableBytes == 0 else {
      throw Failure(.badRequest, "\(rest.readableBytes) bytes behind the JSON belong to no input; inputs say 'binary_data_size'.")
    }
    return request
  }

  private static func parameters(_ request: inout InferenceRequest, _ reader: inout JSONReader) throws(Failure) {
    try reader.object { (key, reader) throws(Failure) in
      switch key {
      case "binary_data_output": request.isBinary = try reader.bool()
      case "timeout":
        guard let number = try reader.integer() else { throw Failure(.badRequest, "The parameter 'timeout' is no integer.") }
        try request.take(key, timeoutMicroseconds: Int(number))
      case "attention":
        switch reader.peek() {
        case UInt8(ascii: "\""): request.attention = try AttentionChoice(parameter: try reader.string())
        default: request.attention = try reader.bool() ? .all : .none
        }
      default: try reader.skip()
      }
    }
  }

  private static func output(_ reader: inout JSONReader) throws(Failure) -> InferenceRequest.Output {
    var (name, isBinary): (String?, Bool?) = (nil, nil)
    try reader.object { (key, reader) throws(Failure) in
      switch key {
      case "name": name = try reader.string()
      case "parameters":
        try reader.object { (key, reader) throws(Failure) in
          switch key {
          case "binary_data": isBinary = try reader.bool()
          case "classification": throw Failure(.unimplemented, "The classification extension is not offered; take the scores.")
          default: try reader.skip()
          }
        }
      default: try reader.skip()
      }
    }
    guard let name else { throw Failure(.badRequest, "An output has no 'name'.") }
    return InferenceRequest.Output(name: name, isBinary: isBinary)
  }

  package func encode(_ result: InferenceResult) throws(Failure) -> EncodedAnswer {
    let elements = result.outputs.reduce(0) { $0 + ($1.isBinary ? 0 : $1.elements.count) }
    var writer = JSONWriter(capacity: 256 + elements * 12)
    try writer.object { (writer) throws(Failure) in
      writer.member("model_name", result.model)
      writer.member("model_version", result.version)
      if !result.id.isEmpty { writer.member("id", result.id) }
      if let attention = result.attention {
        writer.key("parameters")
        try writer.object { (writer) throws(Failure) in writer.member("attention", attention) }
      }
      writer.key("outputs")
      try writer.array { (writer) throws(Failure) in
        for output in result.outputs { try Self.write(output, &writer) }
      }
    }
    let binaryLength = result.outputs.reduce(0) { $0 + ($1.isBinary ? RawElements.byteCount($1) : 0) }
    var answer = ByteBuffer()
    answer.reserveCapacity(writer.bytes.count + binaryLength)
    answer.writeBytes(writer.bytes)
    for output in result.outputs where output.isBinary { RawElements.write(output, to: &answer) }
    return EncodedAnswer(body: answer, headerLength: result.outputs.contains(where: \.isBinary) ? writer.bytes.count : nil)
  }

  private static func write(_ output: OutputRows, _ writer: inout JSONWriter) throws(Failure) {
    try writer.object { (writer) throws(Failure) in
      writer.member("name", output.name)
      writer.member("datatype", try output.datatype)
      writer.member("shape", output.shape)
      if output.isBinary {
        writer.key("parameters")
        try writer.object { (writer) throws(Failure) in writer.member("binary_data_size", RawElements.byteCount(output)) }
      } else {
        writer.key("data")
        try ElementsJSON.write(output, &writer)
      }
    }
  }
}

/// One input as the JSON has it. Its elements are read last: what they are is said anywhere in the object.
private struct InputJSON {
  var name = ""
  private var type: ElementType?
  private var shape: Shape?
  /// Where its elements stand in the JSON.
  private var data: Range<Int>?
  /// Its elements, where all that they need stood before them.
  private var made: Tensor?
  /// Bytes that it takes of those behind the JSON.
  private var byteCount: Int?

  init(_ reader: inout JSONReader) throws(Failure) {
    var isNamed = false
    var (type, shape, data, byteCount): (ElementType?, Shape?, Range<Int>?, Int?) = (nil, nil, nil, nil)
    var made: Tensor?
    var name = ""
    try reader.object { (key, reader) throws(Failure) in
      switch key {
      case "name":
        name = try reader.string()
        isNamed = true
      case "datatype":
        let text = try reader.string()
        type = ElementType(datatype: text)
        guard type != nil else { throw Failure(.badRequest, "There is no datatype '\(text)'; \(Self.known).") }
      case "shape": shape = try Self.shape(&reader)
      case "data":
        if isNamed, let type, let shape {
          made = try ElementsJSON.read(name, &reader, type, shape)
        } else {
          data = try reader.skipArray()
        }
      case "parameters":
        try reader.object { (key, reader) throws(Failure) in
          guard key == "binary_data_size" else {
            guard !key.hasPrefix("shared_memory") else { throw Failure(.unimplemented, "Shared memory is not offered; send the bytes.") }
            try reader.skip()
            return
          }
          byteCount = try reader.integer().map { Int($0) }
          guard let size = byteCount, size >= 0 else { throw Failure(.badRequest, "A 'binary_data_size' is no number of bytes.") }
        }
      default: try reader.skip()
      }
    }
    guard isNamed else { throw Failure(.badRequest, "An input has no 'name'.") }
    (self.name, self.type, self.shape, self.data, self.byteCount, self.made) = (name, type, shape, data, byteCount, made)
  }

  private static let known = "those of the protocol are FP32, FP64, FP16, BF16, INT8 to INT64, UINT8 to UINT64, BOOL and BYTES"

  static func shape(_ reader: inout JSONReader) throws(Failure) -> Shape {
    var extents: [Int] = []
    try reader.array { (reader) throws(Failure) in
      guard let extent = try reader.integer() else { throw Failure(.badRequest, "A 'shape' holds something that is no integer.") }
      extents.append(Int(extent))
      guard extents.count <= 64 else { throw Failure(.badRequest, "A 'shape' has more than 64 extents.") }
    }
    do throws(OnyxError) { return try Shape(extents) } catch { throw Failure(.badRequest, error.reason) }
  }

  func tensor(_ reader: JSONReader, _ binary: inout ByteBuffer) throws(Failure) -> Tensor {
    guard let type else { throw Failure(.badRequest, "The input '\(name)' has no 'datatype'.") }
    guard let shape else { throw Failure(.badRequest, "The input '\(name)' has no 'shape'.") }
    if let byteCount {
      guard data == nil, made == nil else { throw Failure(.badRequest, "The input '\(name)' has 'data' and a 'binary_data_size'.") }
      guard let bytes = binary.readSlice(length: byteCount) else {
        throw Failure(.badRequest, "The input '\(name)' has \(byteCount) bytes behind the JSON, and \(binary.readableBytes) are left.")
      }
      return try RawElements.tensor(name, bytes, type, shape)
    }
    if let made { return made }
    guard let data else { throw Failure(.badRequest, "The input '\(name)' has no 'data'.") }
    var part = reader.part(data)
    return try ElementsJSON.read(name, &part, type, shape)
  }
}
