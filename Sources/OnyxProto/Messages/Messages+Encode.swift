extension ModelMessage {
  /// The message as a file.
  package func encoded() -> [UInt8] {
    var writer = WireWriter()
    writer.varint(1, irVersion)
    writer.text(2, producerName)
    writer.text(3, producerVersion)
    writer.text(4, domain)
    if modelVersion != 0 { writer.varint(5, modelVersion) }
    writer.text(6, documentation)
    if let graph { writer.message(7, graph) { $0.write(to: &$1) } }
    writer.messages(8, opsets) { $0.write(to: &$1) }
    writer.messages(14, metadata) { $0.write(to: &$1) }
    writer.messages(25, functions) { $0.write(to: &$1) }
    return writer.bytes
  }
}

extension OpsetMessage {
  func write(to writer: inout WireWriter) {
    writer.text(1, domain)
    writer.varint(2, version)
  }
}

extension StringPair {
  func write(to writer: inout WireWriter) {
    writer.text(1, key)
    writer.text(2, value)
  }
}

extension FunctionMessage {
  func write(to writer: inout WireWriter) {
    writer.text(1, name)
    writer.texts(4, inputs)
    writer.texts(5, outputs)
    writer.texts(6, attributes)
    writer.messages(7, nodes) { $0.write(to: &$1) }
    writer.messages(9, opsets) { $0.write(to: &$1) }
    writer.text(10, domain)
    writer.messages(11, defaults) { $0.write(to: &$1) }
    writer.text(13, overload)
  }
}

extension GraphMessage {
  func write(to writer: inout WireWriter) {
    writer.messages(1, nodes) { $0.write(to: &$1) }
    writer.text(2, name)
    writer.messages(5, initializers) { $0.write(to: &$1) }
    writer.messages(11, inputs) { $0.write(to: &$1) }
    writer.messages(12, outputs) { $0.write(to: &$1) }
    writer.messages(13, valueInfos) { $0.write(to: &$1) }
    writer.messages(14, annotations) { annotation, writer in
      writer.text(1, annotation.name)
      writer.messages(2, annotation.parameters) { $0.write(to: &$1) }
    }
    writer.messages(15, sparseInitializers) { $0.write(to: &$1) }
    writer.messages(16, metadata) { $0.write(to: &$1) }
  }
}

extension NodeMessage {
  func write(to writer: inout WireWriter) {
    writer.texts(1, inputs)
    writer.texts(2, outputs)
    writer.text(3, name)
    writer.text(4, op)
    writer.messages(5, attributes) { $0.write(to: &$1) }
    writer.text(7, domain)
    writer.text(8, overload)
    writer.messages(9, metadata) { $0.write(to: &$1) }
  }
}

extension AttributeMessage {
  func write(to writer: inout WireWriter) {
    writer.text(1, name)
    writer.text(21, reference)
    // The numbers are those of AttributeProto.AttributeType.
    let type: Int64? =
      switch content {
      case .none: nil
      case .float: 1
      case .int: 2
      case .string: 3
      case .tensor: 4
      case .graph: 5
      case .floats: 6
      case .ints: 7
      case .strings: 8
      case .tensors: 9
      case .graphs: 10
      case .sparseTensor: 11
      case .sparseTensors: 12
      case .type: 13
      case .types: 14
      }
    if let type { writer.varint(20, type) }
    writeContent(to: &writer)
  }

  private func writeContent(to writer: inout WireWriter) {
    switch content {
    case .none: break
    case .float(let value): writer.float(2, value)
    case .int(let value): writer.varint(3, value)
    case .string(let bytes): writer.data(4, bytes)
    case .tensor(let tensor): writer.message(5, tensor) { $0.write(to: &$1) }
    case .graph(let graph): writer.message(6, graph) { $0.write(to: &$1) }
    case .floats(let values): for value in values { writer.float(7, value) }
    case .ints(let values): for value in values { writer.varint(8, value) }
    case .strings(let values): for value in values { writer.data(9, value) }
    case .tensors(let tensors): writer.messages(10, tensors) { $0.write(to: &$1) }
    case .graphs(let graphs): writer.messages(11, graphs) { $0.write(to: &$1) }
    case .type(let type): writer.message(14, type) { $0.write(to: &$1) }
    case .types(let types): writer.messages(15, types) { $0.write(to: &$1) }
    case .sparseTensor(let tensor): writer.message(22, tensor) { $0.write(to: &$1) }
    case .sparseTensors(let tensors): writer.messages(23, tensors) { $0.write(to: &$1) }
    }
  }
}

extension ValueInfoMessage {
  func write(to writer: inout WireWriter) {
    writer.text(1, name)
    if type != .none { writer.message(2, type) { $0.write(to: &$1) } }
  }
}

extension TypeMessage {
  func write(to writer: inout WireWriter) {
    func tensor(_ number: Int, _ element: Int32, _ shape: [DimensionMessage]?) {
      writer.message(number, shape) { shape, writer in
        writer.varint(1, Int64(element))
        guard let shape else { return }
        writer.message(2, shape) { shape, writer in writer.messages(1, shape) { $0.write(to: &$1) } }
      }
    }
    switch self {
    case .none: break
    case .tensor(let element, let shape): tensor(1, element, shape)
    case .sparseTensor(let element, let shape): tensor(8, element, shape)
    case .sequence(let element): writer.message(4, element) { $1.message(1, $0) { $0.write(to: &$1) } }
    case .optional(let element): writer.message(9, element) { $1.message(1, $0) { $0.write(to: &$1) } }
    case .map(let key, let value):
      writer.message(5, value) {
        $1.varint(1, Int64(key))
        $1.message(2, $0) { $0.write(to: &$1) }
      }
    case .opaque(let domain, let name):
      writer.message(7, name) {
        $1.text(1, domain)
        $1.text(2, $0)
      }
    }
  }
}

extension DimensionMessage {
  func write(to writer: inout WireWriter) {
    switch self {
    case .unknown: break
    case .value(let value): writer.varint(1, value)
    case .parameter(let name): writer.text(2, name)
    }
  }
}

extension SparseTensorMessage {
  func write(to writer: inout WireWriter) {
    writer.message(1, values) { $0.write(to: &$1) }
    writer.message(2, indices) { $0.write(to: &$1) }
    writer.varints(3, dimensions)
  }
}

extension TensorMessage {
  func write(to writer: inout WireWriter) {
    writer.varints(1, dimensions)
    writer.varint(2, Int64(dataType))
    writer.text(8, name)
    switch content {
    case .none: break
    case .raw(let slice): writer.data(9, slice)
    case .floats(let values): writer.floats(4, values)
    case .doubles(let values): writer.doubles(10, values)
    case .int32s(let values): writer.varints(5, values.map { Int64($0) })
    case .int64s(let values): writer.varints(7, values)
    case .uint64s(let values): writer.varints(11, values.map { Int64(bitPattern: $0) })
    case .strings(let values): for value in values { writer.data(6, value) }
    case .external(let entries):
      writer.messages(13, entries) { $0.write(to: &$1) }
      writer.varint(14, 1)
    }
  }
}
