import Onyx

/// The elements of a tensor as the JSON of the protocol has them: one array, flat or nested, in row-major order.
package enum ElementsJSON {
  /// Reads them. Throws `badRequest` for another number of elements than the shape has and for one that its type cannot hold.
  package static func read(_ name: String, _ reader: inout JSONReader, _ type: ElementType, _ shape: Shape) throws(Failure) -> Tensor {
    // An element takes two characters at least: a shape alone asks for no memory.
    guard shape.elementCount <= reader.remaining / 2 + 1 else { throw Self.miscounted(name, shape, nil) }
    switch type {
    case .float32: return try tensor(name, &reader, shape) { (reader) throws(Failure) in try reader.float() }
    case .float64: return try tensor(name, &reader, shape) { (reader) throws(Failure) in try reader.double() }
    case .float16, .bfloat16:
      let wide = try tensor(name, &reader, shape) { (reader) throws(Failure) in try reader.float() }
      do throws(OnyxError) { return try wide.converted(to: type) } catch { throw Failure(error) }
    case .int8: return try integers(name, &reader, shape, Int8.self)
    case .int16: return try integers(name, &reader, shape, Int16.self)
    case .int32: return try integers(name, &reader, shape, Int32.self)
    case .int64: return try integers(name, &reader, shape, Int64.self)
    case .uint8: return try integers(name, &reader, shape, UInt8.self)
    case .uint16: return try integers(name, &reader, shape, UInt16.self)
    case .uint32: return try integers(name, &reader, shape, UInt32.self)
    case .uint64:
      return try tensor(name, &reader, shape) { (reader) throws(Failure) -> UInt64 in
        guard let number = try reader.unsigned() else { throw Failure(.badRequest, "The input '\(name)' holds what is no UINT64.") }
        return number
      }
    case .bool: return try tensor(name, &reader, shape) { (reader) throws(Failure) in try Self.bool(&reader) }
    case .string:
      let strings = try elements(name, &reader, shape) { (reader) throws(Failure) in try reader.string() }
      do throws(OnyxError) { return try Tensor(strings, shape: shape) } catch { throw Failure(error) }
    default: throw Failure(.unimplemented, "The protocol lacks the type \(type).")
    }
  }

  private static func bool(_ reader: inout JSONReader) throws(Failure) -> Bool {
    switch reader.peek() {
    case UInt8(ascii: "0"), UInt8(ascii: "1"): try reader.integer() == 1
    default: try reader.bool()
    }
  }

  private static func integers<T: TensorElement & FixedWidthInteger>(
    _ name: String, _ reader: inout JSONReader, _ shape: Shape, _ type: T.Type
  ) throws(Failure) -> Tensor {
    try tensor(name, &reader, shape) { (reader) throws(Failure) -> T in
      guard let number = try reader.integer(), let element = T(exactly: number) else {
        throw Failure(.badRequest, "The input '\(name)' holds what is no \(T.elementType), before byte \(reader.position) of the JSON.")
      }
      return element
    }
  }

  private static func tensor<T: TensorElement>(
    _ name: String, _ reader: inout JSONReader, _ shape: Shape, _ read: (inout JSONReader) throws(Failure) -> T
  ) throws(Failure) -> Tensor {
    let elements = try elements(name, &reader, shape, read)
    do throws(OnyxError) { return try Tensor(elements, shape: shape) } catch { throw Failure(error) }
  }

  private static func elements<T>(
    _ name: String, _ reader: inout JSONReader, _ shape: Shape, _ read: (inout JSONReader) throws(Failure) -> T
  ) throws(Failure) -> [T] {
    var elements: [T] = []
    elements.reserveCapacity(shape.elementCount)
    try reader.leaves { (reader) throws(Failure) in
      guard elements.count < shape.elementCount else { throw Self.miscounted(name, shape, nil) }
      elements.append(try read(&reader))
    }
    guard elements.count == shape.elementCount else { throw Self.miscounted(name, shape, elements.count) }
    return elements
  }

  private static func miscounted(_ name: String, _ shape: Shape, _ count: Int?) -> Failure {
    let given = count.map { "\($0)" } ?? "another number of"
    return Failure(.badRequest, "The input '\(name)' of shape \(shape) has \(given) elements, and \(shape.elementCount) belong to it.")
  }

  /// Writes them as one flat array. Throws `unimplemented` for a type that the protocol lacks.
  package static func write(_ rows: OutputRows, _ writer: inout JSONWriter) throws(Failure) {
    let (tensor, range) = (rows.tensor, rows.elements)
    func each<T: TensorElement>(_ type: T.Type, _ write: (inout JSONWriter, T) -> Void) throws(Failure) {
      try writer.array { (writer) throws(Failure) in
        do throws(OnyxError) {
          try tensor.withElements(of: type) { (elements) throws(OnyxError) in
            for index in range { write(&writer, elements[index]) }
          }
        } catch { throw Failure(error) }
      }
    }
    switch tensor.elementType {
    case .float32: try each(Float.self) { $0.number($1) }
    case .float64: try each(Double.self) { $0.number($1) }
    case .bool: try each(Bool.self) { $0.bool($1) }
    case .int8: try each(Int8.self) { $0.integer($1) }
    case .int16: try each(Int16.self) { $0.integer($1) }
    case .int32: try each(Int32.self) { $0.integer($1) }
    case .int64: try each(Int64.self) { $0.integer($1) }
    case .uint8: try each(UInt8.self) { $0.integer($1) }
    case .uint16: try each(UInt16.self) { $0.integer($1) }
    case .uint32: try each(UInt32.self) { $0.integer($1) }
    case .uint64: try each(UInt64.self) { $0.integer($1) }
    case .float16, .bfloat16:
      let wide: Tensor
      do throws(OnyxError) { wide = try tensor.converted(to: .float32) } catch { throw Failure(error) }
      try write(OutputRows(name: rows.name, tensor: wide, shape: rows.shape, elements: range), &writer)
    case .string:
      let strings = (try? tensor.strings()) ?? []
      try writer.array { (writer) throws(Failure) in for string in strings[range] { writer.string(string) } }
    default: throw Failure(.unimplemented, "The protocol lacks the type \(tensor.elementType).")
    }
  }
}
