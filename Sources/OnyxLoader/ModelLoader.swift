import OnyxGraph
import OnyxOperators
import OnyxProto
import OnyxTensor

/// Reads ONNX models: a file or bytes become a graph that is checked, free of functions and in today's operator forms.
///
/// A model that cannot be run can be loaded and looked at: whether Onyx has its operators is what `OperatorSupport` checks. Nodes
/// of a standard newer than the catalog's stay as the file has them.
package enum ModelLoader {
  /// Maps the file; the tensors of the graph view it. External data is looked up in its folder.
  package static func load(contentsOf path: String, options: LoadOptions = LoadOptions()) throws(OnyxError) -> ModelGraph {
    let file = try MappedFile(path: path)
    let folder = ModelFolder(ofModelAt: path, refusesHardLinks: options.refusesHardLinks)
    return try checked(folder, file.mapping) { () throws(OnyxError) in
      try load(ByteSlice(file.buffer), folder, options, subject: "The file '\(path)'")
    }
  }

  /// Copies the bytes once. `baseDirectory` is the folder of the model's external data; without it a model that has some is
  /// refused.
  package static func load(
    bytes: [UInt8], baseDirectory: String? = nil, options: LoadOptions = LoadOptions()
  ) throws(OnyxError) -> ModelGraph {
    let folder = baseDirectory.map { ModelFolder(path: $0, refusesHardLinks: options.refusesHardLinks) }
    return try checked(folder) { () throws(OnyxError) in try load(try ByteSlice(copying: bytes), folder, options, subject: "The data") }
  }

  /// The model that `load` makes, with the files that it views. Throws `missingFile` when one of them was cut short meanwhile.
  private static func checked(
    _ folder: ModelFolder?, _ file: FileMapping? = nil, _ load: () throws(OnyxError) -> ModelGraph
  ) throws(OnyxError) -> ModelGraph {
    func files() -> [FileMapping] { (file.map { [$0] } ?? []) + (folder?.mappings ?? []) }
    var model: ModelGraph
    do throws(OnyxError) { model = try load() } catch {
      try FileMapping.check(files(), asksSizes: true)
      throw error
    }
    model.files = files()
    try FileMapping.check(model.files, asksSizes: true)
    return model
  }

  private static func load(
    _ bytes: ByteSlice, _ folder: ModelFolder?, _ options: LoadOptions, subject: String
  ) throws(OnyxError) -> ModelGraph {
    if let kind = FileKind.foreign(bytes) {
      throw .invalid("\(subject) is no ONNX model: it is \(kind.name).", remedy: kind.remedy)
    }
    let message: ModelMessage
    do throws(OnyxError) { message = try ModelMessage.decode(bytes) } catch {
      if FileKind.isTensor(bytes) { throw FileKind.tensorError(subject) }
      throw error.about("\(subject) is no valid ONNX model")
    }
    guard let graphMessage = message.graph else {
      if FileKind.isTensor(bytes) { throw FileKind.tensorError(subject) }
      throw .invalid("\(subject) is no ONNX model: it has no graph.", remedy: "Check that it is the model and not another file.")
    }
    let opsets = try opsets(of: message)
    let functions = try FunctionTable(message.functions, options)
    try functions.check(graphMessage.nodes, options)
    let context = LoadContext(opsets: opsets, functions: functions, folder: folder, options: options, irVersion: message.irVersion)
    var model = ModelGraph(irVersion: Int(message.irVersion), opsets: opsets, graph: try GraphAssembly.main(graphMessage, context))
    model.producerName = message.producerName
    model.producerVersion = message.producerVersion
    model.domain = message.domain
    model.modelVersion = Int(message.modelVersion)
    model.documentation = message.documentation
    model.metadata = message.metadata.dictionary
    model.census = Census(message, opsets, functions).counts
    model.functions = message.functions.map {
      ModelFunction(
        name: $0.name, domain: $0.domain, inputs: $0.inputs, outputs: $0.outputs,
        operators: $0.nodes.map { OperatorName($0.op, domain: $0.domain) })
    }
    try model.graph.validate()
    if model.newestOpset(of: "") <= Catalog.newestOpset {
      model.graph = try ContribOperators.translate(try OpsetAdapters.upgrade(model.graph, opsets: opsets), budget: context.budget)
    }
    try NodeCheck.check(model.graph)
    return model
  }

  /// The operator sets that the model imports. Throws for versions that are not known.
  private static func opsets(of message: ModelMessage) throws(OnyxError) -> [String: Int] {
    if message.irVersion > ModelMessage.newestIRVersion, message.unknownFieldCount > 0 {
      throw .unsupported(
        "The model has IR version \(message.irVersion) and uses parts of the format newer than version \(ModelMessage.newestIRVersion).",
        remedy: "Export it with IR version \(ModelMessage.newestIRVersion) or older.")
    }
    var opsets = try message.opsets.byDomain()
    // IR versions 1 and 2 have no imports and mean the first operator set.
    if opsets.isEmpty, message.irVersion < 3 { opsets[""] = 1 }
    for function in message.functions { _ = try function.opsets.byDomain() }
    guard !opsets.isEmpty else {
      throw .invalid("The model imports no operator set.", remedy: "The file is damaged, or was written by a faulty tool.")
    }
    return opsets
  }
}

extension [OpsetMessage] {
  /// Versions by domain, "ai.onnx" read as "". Throws when a domain is imported in two versions.
  func byDomain() throws(OnyxError) -> [String: Int] {
    var result: [String: Int] = [:]
    for opset in self {
      let domain = OperatorName("", domain: opset.domain).domain
      guard opset.version >= 1 else { throw .invalid("The model imports version \(opset.version) of the operator set '\(domain)'.") }
      if let other = result.updateValue(Int(opset.version), forKey: domain), other != Int(opset.version) {
        throw .invalid("The model imports the operator set '\(domain)' in the versions \(other) and \(opset.version).")
      }
    }
    return result
  }
}

extension [StringPair] {
  /// The last value of each key.
  var dictionary: [String: String] { Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }) }
}
