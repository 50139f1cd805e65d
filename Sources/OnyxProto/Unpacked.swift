import COnnxProto
import OnyxTensor

/// Turns the structs that protobuf-c unpacked from a skeleton into messages.
///
/// SAFETY: protobuf-c made every struct from a checked skeleton: each `n_x` is the length of the array `x`, pointers to messages
/// are valid or nil, and all of it lives until the unpacked root is freed, which happens after the last read here.
/// The nesting of calls is bounded by `Skeleton.deepestNesting`.
struct Unpacked {
  /// What the offsets in the skeleton count from.
  let source: ByteSlice

  /// Unpacks and reads a whole model.
  static func model(_ source: ByteSlice) throws(OnyxError) -> ModelMessage {
    let skeleton = try Skeleton(of: source, message: MessageSchema.onnx.model)
    guard let root = unsafe onnx__model_proto__unpack(nil, skeleton.bytes.count, skeleton.bytes) else { throw refused }
    defer { unsafe onnx__model_proto__free_unpacked(root, nil) }
    var model = try unsafe Unpacked(source: source).model(root.pointee)
    model.unknownFieldCount = skeleton.unknownFieldCount
    return model
  }

  /// Unpacks and reads a whole tensor file.
  static func tensor(_ source: ByteSlice) throws(OnyxError) -> TensorMessage {
    let skeleton = try Skeleton(of: source, message: MessageSchema.onnx.tensor)
    guard let root = unsafe onnx__tensor_proto__unpack(nil, skeleton.bytes.count, skeleton.bytes) else { throw refused }
    defer { unsafe onnx__tensor_proto__free_unpacked(root, nil) }
    return try unsafe Unpacked(source: source).tensor(root.pointee)
  }

  private static let refused = OnyxError.bug("protobuf-c refused a file that had passed the checks.")
}

extension Unpacked {
  func text(_ data: ProtobufCBinaryData) -> String {
    unsafe String(decoding: UnsafeBufferPointer(start: data.data, count: data.len), as: UTF8.self)
  }

  func bytes(_ data: ProtobufCBinaryData) -> [UInt8] { unsafe Array(UnsafeBufferPointer(start: data.data, count: data.len)) }

  func scalars<T>(_ count: Int, _ start: UnsafeMutablePointer<T>?) -> [T] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

  func texts(_ count: Int, _ start: UnsafeMutablePointer<ProtobufCBinaryData>?) -> [String] {
    unsafe UnsafeBufferPointer(start: start, count: count).map { unsafe text($0) }
  }

  func list<C, M>(
    _ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ read: (C) throws(OnyxError) -> M
  ) throws(OnyxError) -> [M] {
    var result: [M] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      if let item = unsafe start?[index] { result.append(try unsafe read(item.pointee)) }
    }
    return result
  }

  func pairs(_ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__StringStringEntryProto>?>?) throws(OnyxError)
    -> [StringPair]
  {
    try unsafe list(count, start) { unsafe StringPair(text($0.key), text($0.value)) }
  }
}

extension Unpacked {
  func model(_ from: Onnx__ModelProto) throws(OnyxError) -> ModelMessage {
    var model = ModelMessage()
    model.irVersion = unsafe from.ir_version
    model.producerName = unsafe text(from.producer_name)
    model.producerVersion = unsafe text(from.producer_version)
    model.domain = unsafe text(from.domain)
    model.modelVersion = unsafe from.model_version
    model.documentation = unsafe text(from.doc_string)
    model.opsets = try unsafe opsets(from.n_opset_import, from.opset_import)
    model.metadata = try unsafe pairs(from.n_metadata_props, from.metadata_props)
    model.functions = try unsafe list(from.n_functions, from.functions) { (item) throws(OnyxError) in try unsafe function(item) }
    if let graph = unsafe from.graph { model.graph = try unsafe self.graph(graph.pointee) }
    return model
  }

  func opsets(_ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<Onnx__OperatorSetIdProto>?>?) throws(OnyxError)
    -> [OpsetMessage]
  {
    try unsafe list(count, start) { unsafe OpsetMessage(domain: text($0.domain), version: $0.version) }
  }

  func function(_ from: Onnx__FunctionProto) throws(OnyxError) -> FunctionMessage {
    var function = FunctionMessage()
    function.name = unsafe text(from.name)
    function.domain = unsafe text(from.domain)
    function.overload = unsafe text(from.overload)
    function.inputs = unsafe texts(from.n_input, from.input)
    function.outputs = unsafe texts(from.n_output, from.output)
    function.attributes = unsafe texts(from.n_attribute, from.attribute)
    function.defaults = try unsafe list(from.n_attribute_proto, from.attribute_proto) { (item) throws(OnyxError) in
      try unsafe attribute(item)
    }
    function.nodes = try unsafe list(from.n_node, from.node) { (item) throws(OnyxError) in try unsafe node(item) }
    function.opsets = try unsafe opsets(from.n_opset_import, from.opset_import)
    return function
  }
}

extension Unpacked {
  func graph(_ from: Onnx__GraphProto) throws(OnyxError) -> GraphMessage {
    var graph = GraphMessage()
    graph.name = unsafe text(from.name)
    graph.nodes = try unsafe list(from.n_node, from.node) { (item) throws(OnyxError) in try unsafe node(item) }
    graph.initializers = try unsafe list(from.n_initializer, from.initializer) { (item) throws(OnyxError) in try unsafe tensor(item) }
    graph.sparseInitializers = try unsafe list(from.n_sparse_initializer, from.sparse_initializer) { (item) throws(OnyxError) in
      try unsafe sparse(item)
    }
    graph.inputs = try unsafe list(from.n_input, from.input) { (item) throws(OnyxError) in try unsafe valueInfo(item) }
    graph.outputs = try unsafe list(from.n_output, from.output) { (item) throws(OnyxError) in try unsafe valueInfo(item) }
    graph.valueInfos = try unsafe list(from.n_value_info, from.value_info) { (item) throws(OnyxError) in try unsafe valueInfo(item) }
    graph.annotations = try unsafe list(from.n_quantization_annotation, from.quantization_annotation) { (item) throws(OnyxError) in
      AnnotationMessage(
        name: unsafe text(item.tensor_name),
        parameters: try unsafe pairs(item.n_quant_parameter_tensor_names, item.quant_parameter_tensor_names))
    }
    graph.metadata = try unsafe pairs(from.n_metadata_props, from.metadata_props)
    return graph
  }

  func node(_ from: Onnx__NodeProto) throws(OnyxError) -> NodeMessage {
    var node = NodeMessage()
    node.name = unsafe text(from.name)
    node.op = unsafe text(from.op_type)
    node.domain = unsafe text(from.domain)
    node.overload = unsafe text(from.overload)
    node.inputs = unsafe texts(from.n_input, from.input)
    node.outputs = unsafe texts(from.n_output, from.output)
    node.attributes = try unsafe list(from.n_attribute, from.attribute) { (item) throws(OnyxError) in try unsafe attribute(item) }
    node.metadata = try unsafe pairs(from.n_metadata_props, from.metadata_props)
    return node
  }

  func valueInfo(_ from: Onnx__ValueInfoProto) throws(OnyxError) -> ValueInfoMessage {
    ValueInfoMessage(name: unsafe text(from.name), type: try unsafe type(from.type))
  }
}
