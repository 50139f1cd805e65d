import COnnxProto
import OnyxTensor

// SAFETY: protobuf-c owns every message until `Unpacked` frees the root; counts and pointers are the pairs that it filled.

extension Unpacked {
  /// A TypeProto; `none` when it is not there or says nothing.
  func type(_ pointer: UnsafeMutablePointer<Onnx__TypeProto>?) throws(OnyxError) -> TypeMessage {
    guard let from = unsafe pointer?.pointee else { return .none }
    var found: [TypeMessage] = []
    if let tensor = unsafe from.tensor_type?.pointee {
      found.append(.tensor(unsafe tensor.elem_type, shape: try unsafe shape(tensor.shape)))
    }
    if let tensor = unsafe from.sparse_tensor_type?.pointee {
      found.append(.sparseTensor(unsafe tensor.elem_type, shape: try unsafe shape(tensor.shape)))
    }
    if let sequence = unsafe from.sequence_type?.pointee { found.append(.sequence(try unsafe type(sequence.elem_type))) }
    if let optional = unsafe from.optional_type?.pointee { found.append(.optional(try unsafe type(optional.elem_type))) }
    if let map = unsafe from.map_type?.pointee { found.append(.map(key: unsafe map.key_type, value: try unsafe type(map.value_type))) }
    if let opaque = unsafe from.opaque_type?.pointee {
      found.append(.opaque(domain: unsafe text(opaque.domain), name: unsafe text(opaque.name)))
    }
    guard found.count <= 1 else { throw .invalid("A type is of two kinds at once.", remedy: OnyxError.damaged) }
    return found.first ?? .none
  }

  private func shape(_ pointer: UnsafeMutablePointer<Onnx__TensorShapeProto>?) throws(OnyxError) -> [DimensionMessage]? {
    guard let shape = unsafe pointer?.pointee else { return nil }
    return try unsafe list(shape.n_dim, shape.dim) { (dimension) throws(OnyxError) in
      switch (unsafe dimension.has_dim_value != 0, unsafe dimension.has_dim_param != 0) {
      case (true, true): throw .invalid("A dimension has a value and a name.", remedy: OnyxError.damaged)
      case (true, false): .value(unsafe dimension.dim_value)
      case (false, true): .parameter(unsafe text(dimension.dim_param))
      case (false, false): .unknown
      }
    }
  }
}

extension Unpacked {
  func attribute(_ from: Onnx__AttributeProto) throws(OnyxError) -> AttributeMessage {
    let name = unsafe text(from.name)
    let reference = unsafe text(from.ref_attr_name)
    let candidates = try unsafe contents(of: from)
    let type = unsafe from.type
    // Models of IR version 1 do not say the type; the one field that is set tells it.
    if type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__UNDEFINED {
      if candidates.isEmpty, !reference.isEmpty { return AttributeMessage(name: name, reference: reference, content: .none) }
      guard candidates.count == 1 else { throw .invalid("The attribute '\(name)' has no type and \(candidates.count) values.") }
      return AttributeMessage(name: name, reference: reference, content: candidates[0].content)
    }
    if let content = candidates.first(where: { $0.type == type })?.content {
      return AttributeMessage(name: name, reference: reference, content: content)
    }
    if !reference.isEmpty { return AttributeMessage(name: name, reference: reference, content: .none) }
    guard let content = Self.empty(type) else { throw .invalid("The attribute '\(name)' has no value of its type (\(type.rawValue)).") }
    return AttributeMessage(name: name, content: content)
  }

  private typealias Candidate = (type: Onnx__AttributeProto__AttributeType, content: AttributeMessage.Content)

  /// Every value field that is set.
  private func contents(of from: Onnx__AttributeProto) throws(OnyxError) -> [Candidate] {
    var found: [Candidate] = []
    if unsafe from.has_f != 0 { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT, .float(unsafe from.f))) }
    if unsafe from.has_i != 0 { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, .int(unsafe from.i))) }
    if unsafe from.has_s != 0 { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, .string(unsafe bytes(from.s)))) }
    if unsafe from.n_floats > 0 {
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS, .floats(unsafe scalars(from.n_floats, from.floats))))
    }
    if unsafe from.n_ints > 0 { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS, .ints(unsafe scalars(from.n_ints, from.ints)))) }
    if unsafe from.n_strings > 0 {
      let strings = unsafe UnsafeBufferPointer(start: from.strings, count: from.n_strings).map { unsafe bytes($0) }
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS, .strings(strings)))
    }
    try unsafe addMessages(of: from, to: &found)
    return found
  }

  private func addMessages(of from: Onnx__AttributeProto, to found: inout [Candidate]) throws(OnyxError) {
    if let item = unsafe from.t?.pointee { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR, .tensor(try unsafe tensor(item)))) }
    if let item = unsafe from.g?.pointee { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH, .graph(try unsafe graph(item)))) }
    if let item = unsafe from.sparse_tensor?.pointee {
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSOR, .sparseTensor(try unsafe sparse(item))))
    }
    if let item = unsafe from.tp { found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TYPE_PROTO, .type(try unsafe type(item)))) }
    if unsafe from.n_tensors > 0 {
      let items = try unsafe list(from.n_tensors, from.tensors) { (item) throws(OnyxError) in try unsafe tensor(item) }
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSORS, .tensors(items)))
    }
    if unsafe from.n_graphs > 0 {
      let items = try unsafe list(from.n_graphs, from.graphs) { (item) throws(OnyxError) in try unsafe graph(item) }
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPHS, .graphs(items)))
    }
    if unsafe from.n_sparse_tensors > 0 {
      let items = try unsafe list(from.n_sparse_tensors, from.sparse_tensors) { (item) throws(OnyxError) in try unsafe sparse(item) }
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSORS, .sparseTensors(items)))
    }
    if unsafe from.n_type_protos > 0 {
      var items: [TypeMessage] = []
      for index in 0..<(unsafe from.n_type_protos) { items.append(try unsafe type(from.type_protos?[index])) }
      found.append((ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TYPE_PROTOS, .types(items)))
    }
  }

  /// The value of a typed attribute whose field is not on the wire: proto3 writers leave out zeros and empty lists.
  private static func empty(_ type: Onnx__AttributeProto__AttributeType) -> AttributeMessage.Content? {
    switch type {
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT: .float(0)
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT: .int(0)
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING: .string([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS: .floats([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS: .ints([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS: .strings([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSORS: .tensors([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPHS: .graphs([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__SPARSE_TENSORS: .sparseTensors([])
    case ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TYPE_PROTOS: .types([])
    default: nil
    }
  }
}
