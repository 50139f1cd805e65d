import NIOCore
import Onyx

/// Inference requests and answers as messages of the protocol's gRPC service: ModelInferRequest and ModelInferResponse.
package struct InferenceMessages: InferenceCodec {
  /// A ModelInferRequest.
  package let message: ByteBuffer

  /// Of the bytes of one.
  package init(message: ByteBuffer) { self.message = message }

  /// Model and version that a request names, without reading the rest; the version is nil where it says none.
  package static func target(_ message: ByteBuffer) throws(Failure) -> (name: String, version: String?) {
    var reader = WireReader(message)
    var (name, version) = ("", "")
    while let (field, value) = try reader.next() {
      if field == 1 { name = try value.text() }
      if field == 2 { version = try value.text() }
    }
    return (name, version.isEmpty ? nil : version)
  }

  /// An InferInputTensor as it comes.
  private struct Input {
    var name = ""
    var datatype = ""
    var extents: [Int] = []
    var contents: ByteBuffer?
  }

  package func decode() throws(Failure) -> InferenceRequest {
    var reader = WireReader(message)
    var request = InferenceRequest()
    var inputs: [Input] = []
    var raw: [ByteBuffer] = []
    var outputs: [InferenceRequest.Output] = []
    while let (field, value) = try reader.next() {
      switch field {
      case 3: request.id = try value.text()
      case 4: try Self.take(try Parameter(try value.message()), &request)
      case 5: inputs.append(try Self.input(try value.message()))
      case 6: outputs.append(try Self.output(try value.message()))
      case 7: raw.append(try value.bytes())
      default: continue
      }
    }
    guard raw.isEmpty || raw.count == inputs.count else {
      throw Failure(.badRequest, "There are \(inputs.count) inputs and \(raw.count) raw_input_contents.")
    }
    for (index, input) in inputs.enumerated() {
      guard let type = ElementType(datatype: input.datatype) else {
        throw Failure(.badRequest, "The input '\(input.name)' has the datatype '\(input.datatype)', which the protocol lacks.")
      }
      let shape: Shape
      do throws(OnyxError) { shape = try Shape(input.extents) } catch { throw Failure(.badRequest, error.reason) }
      if !raw.isEmpty {
        guard input.contents == nil else { throw Failure(.badRequest, "The input '\(input.name)' has contents and raw_input_contents.") }
        try request.add(input.name, try RawElements.tensor(input.name, raw[index], type, shape))
      } else {
        let contents = TypedContents(name: input.name, bytes: input.contents ?? ByteBuffer())
        try request.add(input.name, try contents.tensor(type, shape))
      }
    }
    if !outputs.isEmpty { request.outputs = outputs }
    return request
  }

  private static func take(_ parameter: Parameter, _ request: inout InferenceRequest) throws(Failure) {
    switch (parameter.name, parameter.value) {
    case ("timeout", .number(let microseconds)): try request.take("timeout", timeoutMicroseconds: microseconds)
    case ("attention", .text(let text)): request.attention = try AttentionChoice(parameter: text)
    case ("attention", .bool(let isWanted)): request.attention = isWanted ? .all : .none
    default: return
    }
  }

  private static func input(_ message: WireReader) throws(Failure) -> Input {
    var reader = message
    var input = Input()
    while let (field, value) = try reader.next() {
      switch field {
      case 1: input.name = try value.text()
      case 2: input.datatype = try value.text()
      case 3: try value.append(to: &input.extents) { Int(truncatingIfNeeded: $0) }
      case 4:
        let parameter = try Parameter(try value.message())
        guard !parameter.name.hasPrefix("shared_memory") else {
          throw Failure(.unimplemented, "Shared memory is not offered; send the bytes.")
        }
      case 5: input.contents = try value.bytes()
      default: continue
      }
    }
    return input
  }

  private static func output(_ message: WireReader) throws(Failure) -> InferenceRequest.Output {
    var reader = message
    var name = ""
    while let (field, value) = try reader.next() {
      switch field {
      case 1: name = try value.text()
      case 2 where try Parameter(try value.message()).name == "classification":
        throw Failure(.unimplemented, "The classification extension is not offered; take the scores.")
      default: continue
      }
    }
    return InferenceRequest.Output(name: name)
  }

  package func encode(_ result: InferenceResult) throws(Failure) -> EncodedAnswer {
    var writer = WireWriter()
    let sizes = result.outputs.map(RawElements.byteCount)
    writer.reserve(256 + sizes.reduce(0, +))
    writer.text(1, result.model)
    writer.text(2, result.version)
    writer.text(3, result.id)
    if let attention = result.attention {
      try writer.message(4) { (writer) throws(Failure) in
        writer.text(1, "attention")
        try writer.message(2) { (writer) throws(Failure) in writer.text(3, attention) }
      }
    }
    for output in result.outputs {
      let datatype = try output.datatype
      try writer.message(5) { (writer) throws(Failure) in
        writer.text(1, output.name)
        writer.text(2, datatype)
        writer.integers(3, output.shape)
      }
    }
    for (output, size) in zip(result.outputs, sizes) {
      writer.raw(6, count: size) { RawElements.write(output, to: &$0) }
    }
    return EncodedAnswer(body: writer.bytes)
  }
}

/// An entry of a map of parameters.
package struct Parameter {
  package enum Value {
    case bool(Bool)
    case number(Int)
    case text(String)
    case other
  }

  package var name = ""
  package var value = Value.other

  package init(_ entry: WireReader) throws(Failure) {
    var entry = entry
    while let (field, content) = try entry.next() {
      if field == 1 { name = try content.text() }
      guard field == 2 else { continue }
      var parameter = try content.message()
      while let (field, content) = try parameter.next() {
        switch field {
        case 1: value = .bool(try content.number() != 0)
        case 2, 5: value = .number(Int(truncatingIfNeeded: try content.number()))
        case 3: value = .text(try content.text())
        default: value = .other
        }
      }
    }
  }
}

/// An InferTensorContents: elements by their kind rather than as bytes.
package struct TypedContents {
  package let name: String
  package let bytes: ByteBuffer

  /// The tensor. Throws `badRequest` for another number of elements than the shape has and for elements that the type cannot hold.
  package func tensor(_ type: ElementType, _ shape: Shape) throws(Failure) -> Tensor {
    switch type {
    case .bool: return try made(try numbers(1) { $0 != 0 }, shape)
    case .int8: return try integers(2, shape, Int8.self)
    case .int16: return try integers(2, shape, Int16.self)
    case .int32: return try integers(2, shape, Int32.self)
    case .int64: return try made(try numbers(3) { Int64(bitPattern: $0) }, shape)
    case .uint8: return try integers(4, shape, UInt8.self)
    case .uint16: return try integers(4, shape, UInt16.self)
    case .uint32: return try integers(4, shape, UInt32.self)
    case .uint64: return try made(try numbers(5) { $0 }, shape)
    case .float32: return try made(try floats(), shape)
    case .float64: return try made(try doubles(), shape)
    case .string: return try strings(shape)
    default: throw Failure(.badRequest, "The input '\(name)' is \(type.datatype ?? "\(type)"), which goes by raw_input_contents only.")
    }
  }

  private func made<T: TensorElement>(_ elements: [T], _ shape: Shape) throws(Failure) -> Tensor {
    do throws(OnyxError) { return try Tensor(elements, shape: shape) } catch {
      throw Failure(.badRequest, "The input '\(name)': \(error.reason)")
    }
  }

  private func numbers<T>(_ wanted: Int, _ convert: (UInt64) -> T) throws(Failure) -> [T] {
    var reader = WireReader(bytes)
    var elements: [T] = []
    while let (field, value) = try reader.next() { if field == wanted { try value.append(to: &elements, convert) } }
    return elements
  }

  private func integers<T: TensorElement & FixedWidthInteger>(_ field: Int, _ shape: Shape, _ type: T.Type) throws(Failure) -> Tensor {
    let wide = try numbers(field) { Int64(bitPattern: $0) }
    var elements: [T] = []
    elements.reserveCapacity(wide.count)
    for number in wide {
      guard let element = T(exactly: number) else {
        throw Failure(.badRequest, "The input '\(name)' holds \(number), which is no \(T.elementType).")
      }
      elements.append(element)
    }
    return try made(elements, shape)
  }

  private func floats() throws(Failure) -> [Float] {
    var reader = WireReader(bytes)
    var elements: [Float] = []
    while let (field, value) = try reader.next() {
      guard field == 6 else { continue }
      switch value {
      case .fixed32(let bits): elements.append(Float(bitPattern: bits))
      case .bytes(var packed):
        while let bits = packed.readInteger(endianness: .little, as: UInt32.self) { elements.append(Float(bitPattern: bits)) }
      default: throw WireReader.broken
      }
    }
    return elements
  }

  private func doubles() throws(Failure) -> [Double] {
    var reader = WireReader(bytes)
    var elements: [Double] = []
    while let (field, value) = try reader.next() {
      guard field == 7 else { continue }
      switch value {
      case .fixed64(let bits): elements.append(Double(bitPattern: bits))
      case .bytes(var packed):
        while let bits = packed.readInteger(endianness: .little, as: UInt64.self) { elements.append(Double(bitPattern: bits)) }
      default: throw WireReader.broken
      }
    }
    return elements
  }

  private func strings(_ shape: Shape) throws(Failure) -> Tensor {
    var reader = WireReader(bytes)
    var strings: [String] = []
    while let (field, value) = try reader.next() { if field == 8 { strings.append(try value.text()) } }
    do throws(OnyxError) { return try Tensor(strings, shape: shape) } catch {
      throw Failure(.badRequest, "The input '\(name)': \(error.reason)")
    }
  }
}
