import OnyxTensor

extension TensorMessage {
  /// The tensor. Elements of `raw_data` and of external files stay where they are: a tensor whose bytes are aligned for its
  /// type views them, one whose bytes are not copies them at its first use.
  ///
  /// Throws `invalidModel` when type, shape and data do not fit, before any memory is taken for the elements.
  package func tensor(in folder: ModelFolder?) throws(OnyxError) -> Tensor {
    do throws(OnyxError) {
      guard !isSegment else { throw .unsupported("It is one segment of a tensor in several parts.", remedy: "Save the tensor as a whole.") }
      let type = try ElementType(inFiles: dataType)
      let shape = try self.shape()
      switch content {
      case .none:
        guard shape.elementCount == 0 else { throw .invalid("It has no data for its shape \(type)\(shape).", remedy: OnyxError.damaged) }
        if type == .string { return try Tensor([String](), shape: shape) }
        return Tensor(elementType: type, shape: shape, storage: .bytes(try Buffer(byteCount: 0), offset: 0))
      case .raw(let slice): return try Self.tensor(type, shape, raw: slice)
      case .external(let entries):
        let place = try ExternalPlace(entries)
        let bytes = try place.bytes(in: folder, needing: try Self.byteCountInFiles(type, shape))
        guard let folder, folder.copiesElements else { return try Self.tensor(type, shape, raw: bytes) }
        return try FileMapping.checking(folder.mappings) { () throws(OnyxError) in try Self.tensor(type, shape, raw: try bytes.copied()) }
      default: return try typedTensor(type, shape)
      }
    } catch { throw error.about(name.isEmpty ? "A tensor without a name" : "The tensor '\(name)'") }
  }

  private func shape() throws(OnyxError) -> Shape {
    guard dimensions.count <= 255 else { throw .unsupported("It has \(dimensions.count) dimensions; 255 are the most.") }
    return try Shape(dimensions.map { Int($0) })
  }

  /// The number of bytes of `raw_data`. Throws for strings, which have none, and on overflow.
  static func byteCountInFiles(_ type: ElementType, _ shape: Shape) throws(OnyxError) -> Int {
    guard type != .string else { throw .invalid("Strings cannot be stored as raw or external data.") }
    let (bits, overflow) = shape.elementCount.multipliedReportingOverflow(by: type.bitsInFiles)
    guard !overflow else { throw .invalid("The shape \(shape) has more elements than fit in memory.") }
    return bits / 8 + (bits % 8 == 0 ? 0 : 1)
  }

  private static func tensor(_ type: ElementType, _ shape: Shape, raw slice: ByteSlice) throws(OnyxError) -> Tensor {
    let needed = try byteCountInFiles(type, shape)
    guard slice.count == needed else {
      throw .invalid("It has \(slice.count) bytes of data; \(type)\(shape) needs \(needed).", remedy: OnyxError.damaged)
    }
    if type.bitsInFiles < 8 { return Tensor(elementType: type, shape: shape, storage: .bytes(try slice.unpacked(type, shape), offset: 0)) }
    if type == .bool, !slice.isNormalized {
      return Tensor(elementType: type, shape: shape, storage: .bytes(try slice.normalized(), offset: 0))
    }
    // Data movement looks at elements as words of at most 8 bytes.
    if slice.isAligned(to: min(type.byteWidth, 8)) {
      return Tensor(elementType: type, shape: shape, storage: .bytes(slice.buffer, offset: slice.offset))
    }
    return Tensor(elementType: type, shape: shape, storage: .bytes(try slice.aligned(), offset: 0))
  }

  private func typedTensor(_ type: ElementType, _ shape: Shape) throws(OnyxError) -> Tensor {
    let count = shape.elementCount
    func make<T: BitwiseCopyable>(_ words: [T]) throws(OnyxError) -> Tensor {
      Tensor(elementType: type, shape: shape, storage: .bytes(try ByteSlice(copying: words).buffer, offset: 0))
    }
    switch (content, type) {
    case (.floats(let values), .float32): return try make(try check(values, count))
    case (.floats(let values), .complex64): return try make(try check(values, count, perElement: 2))
    case (.doubles(let values), .float64): return try make(try check(values, count))
    case (.doubles(let values), .complex128): return try make(try check(values, count, perElement: 2))
    case (.int64s(let values), .int64): return try make(try check(values, count))
    case (.uint64s(let values), .uint64): return try make(try check(values, count))
    case (.uint64s(let values), .uint32): return try make(try check(values, count).map { UInt32(truncatingIfNeeded: $0) })
    case (.int32s(let values), .int32): return try make(try check(values, count))
    case (.int32s(let values), .bool): return try make(try check(values, count).map { $0 == 0 ? UInt8(0) : 1 })
    case (.int32s(let values), .int16), (.int32s(let values), .uint16), (.int32s(let values), .float16), (.int32s(let values), .bfloat16):
      return try make(try check(values, count).map { UInt16(truncatingIfNeeded: $0) })
    case (.int32s(let values), _) where type.bitsInFiles == 8:
      return try make(try check(values, count).map { UInt8(truncatingIfNeeded: $0) })
    case (.int32s(let values), .float6e2m3), (.int32s(let values), .float6e3m2):
      return try make(try check(values, count).map { UInt8(truncatingIfNeeded: $0) & 0x3F })
    case (.int32s(let values), _) where type.bitsInFiles < 8 && type != .string:
      let bytes = try check(values, try Self.byteCountInFiles(type, shape)).map { UInt8(truncatingIfNeeded: $0) }
      return try Self.tensor(type, shape, raw: try ByteSlice(copying: bytes))
    case (.strings(let values), .string):
      return try Tensor(try check(values, count).map { String(decoding: $0, as: UTF8.self) }, shape: shape)
    default: throw .invalid("Its \(type) elements cannot be stored in the field \(content.field).")
    }
  }

  private func check<T>(_ values: [T], _ count: Int, perElement: Int = 1) throws(OnyxError) -> [T] {
    guard values.count % perElement == 0, values.count / perElement == count else {
      throw .invalid("The field \(content.field) has \(values.count) values; the shape \(dimensions) needs \(count) × \(perElement).")
    }
    return values
  }
}

extension ElementType {
  /// The element type with this number in a file.
  package init(inFiles number: Int32) throws(OnyxError) {
    if let type = ElementType(rawValue: number) {
      self = type
      return
    }
    switch number {
    case 0: throw .invalid("The element type is undefined.")
    default:
      throw .unsupported("There is no element type with the number \(number).", remedy: "The model may be newer than this version of Onyx.")
    }
  }
}

extension OnyxError {
  /// The same error with a subject before its reason.
  package func about(_ subject: String) -> OnyxError { OnyxError(code, "\(subject): \(reason)", remedy: remedy) }
}
