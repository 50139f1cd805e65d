import OnyxGraph
import OnyxProto
import OnyxTensor

/// One graph or body while it is built: names become ids, values of enclosing graphs are captured level by level, and calls
/// of functions are replaced by the functions' nodes.
final class GraphAssembly {
  let context: LoadContext
  private let parent: GraphAssembly?
  private let depth: Int
  var graph: Graph
  private var captured: [ValueID: ValueID] = [:]
  private var usedNames: Set<String> = []

  private init(_ context: LoadContext, name: String, parent: GraphAssembly?) {
    self.context = context
    self.parent = parent
    depth = (parent?.depth ?? -1) + 1
    graph = Graph(name: name)
  }

  /// The graph of the model.
  static func main(_ message: GraphMessage, _ context: LoadContext) throws(OnyxError) -> Graph {
    let assembly = GraphAssembly(context, name: message.name, parent: nil)
    try assembly.assemble(message, Scope(assembly))
    try assembly.finishMain()
    return assembly.graph
  }

  /// A body inside this graph; names that it does not have itself are looked up in `scope`.
  func body(_ message: GraphMessage, in scope: Scope) throws(OnyxError) -> Graph {
    guard depth < context.options.deepestBody else {
      throw .budget(
        "More than \(context.options.deepestBody) bodies are nested in one another.",
        remedy: "Flatten the If, Loop and Scan bodies of the model.")
    }
    let assembly = GraphAssembly(context, name: message.name, parent: self)
    try assembly.assemble(message, Scope(assembly, parent: scope))
    // Nobody gives a body another value for what has one: old files list initializers as inputs.
    assembly.graph.inputs = assembly.graph.requiredInputs
    return assembly.graph
  }

  private func assemble(_ message: GraphMessage, _ scope: Scope) throws(OnyxError) {
    graph.metadata = message.metadata.dictionary
    try declareInputs(message, scope)
    try declareInitializers(message, scope)
    for node in message.nodes { for output in node.outputs where !output.isEmpty { _ = declare(output, scope) } }
    try readTypes(message.valueInfos + message.outputs, scope)
    try addNodes(message.nodes, scope)
    for output in message.outputs {
      guard let id = try resolve(output.name, in: scope) else { throw .invalid("An output of the graph has no name.") }
      graph.outputs.append(id)
    }
    for annotation in message.annotations {
      // Annotations are hints; one for a value that is not there changes nothing.
      guard case .value(let id) = scope.names[annotation.name] else { continue }
      graph.quantization[id] = annotation.parameters.dictionary
    }
  }

  /// The value of a name that this graph itself makes.
  private func declare(_ name: String, _ scope: Scope) -> ValueID {
    if case .value(let id) = scope.names[name] { return id }
    usedNames.insert(name)
    let id = graph.addValue(name)
    scope.names[name] = .value(id)
    return id
  }

  /// A value that only the nodes of one call know. Its name is unique in the graph.
  func addLocal(_ name: String, prefix: String) -> ValueID {
    var unique = "\(prefix)/\(name)"
    var number = 2
    while !usedNames.insert(unique).inserted {
      unique = "\(prefix)/\(name)#\(number)"
      number += 1
    }
    return graph.addValue(unique)
  }
}

extension GraphAssembly {
  private func declareInputs(_ message: GraphMessage, _ scope: Scope) throws(OnyxError) {
    for input in message.inputs {
      guard !input.name.isEmpty else { throw .invalid("An input of the graph has no name.") }
      guard scope.names[input.name] == nil else { throw .invalid("The graph has two inputs named '\(input.name)'.") }
      let id = declare(input.name, scope)
      graph[id].type = try context.type(input.type, of: input.name)
      graph.inputs.append(id)
    }
  }

  private func declareInitializers(_ message: GraphMessage, _ scope: Scope) throws(OnyxError) {
    for initializer in message.initializers { try add(try initializer.tensor(in: context.folder), initializer.name, scope) }
    for sparse in message.sparseInitializers { try add(try context.dense(sparse), sparse.values.name, scope) }
  }

  private func add(_ tensor: Tensor, _ name: String, _ scope: Scope) throws(OnyxError) {
    guard !name.isEmpty else { throw .invalid("An initializer has no name.") }
    let id = declare(name, scope)
    guard graph.initializers.updateValue(tensor, forKey: id) == nil else { throw .invalid("There are two initializers named '\(name)'.") }
    if let declared = graph[id].type, !declared.admits(tensor) {
      throw .invalid("The input '\(name)' is declared as \(declared), but its initializer is \(tensor.typeDescription).")
    }
    if graph[id].type == nil { graph[id].type = .tensor(tensor.elementType, tensor.shape) }
  }

  /// Types of values in between and of outputs. What says nothing about a value of this graph is passed over.
  private func readTypes(_ infos: [ValueInfoMessage], _ scope: Scope) throws(OnyxError) {
    for info in infos {
      guard case .value(let id) = scope.names[info.name], graph[id].type == nil else { continue }
      graph[id].type = try context.type(info.type, of: info.name)
    }
  }

  /// What holds for the main graph only.
  private func finishMain() throws(OnyxError) {
    // Before IR version 4 every initializer had to be listed as an input, and none could be overridden.
    if context.irVersion < 4 { graph.inputs = graph.requiredInputs }
    for input in graph.inputs where graph[input].type == nil {
      throw .invalid("The input '\(graph[input].name)' has no type.", remedy: "The model is incomplete; export it again.")
    }
  }
}

extension GraphAssembly {
  /// The value that a name means in `scope`, captured into this graph when it is of an enclosing one. nil for "" and for
  /// what a call left out. Throws `invalidModel` for a name that nobody makes.
  func resolve(_ name: String, in scope: Scope) throws(OnyxError) -> ValueID? {
    if name.isEmpty { return nil }
    var place: Scope? = scope
    while let current = place {
      switch current.names[name] {
      case .value(let id): return try importing(id, from: current.assembly)
      case .absent: return nil
      case nil: place = current.parent
      }
    }
    throw .invalid(
      "The value '\(name)' is read but never made: it is no input, no initializer and no node's output.",
      remedy: "The model is incomplete; export it again.")
  }

  private func importing(_ id: ValueID, from owner: GraphAssembly) throws(OnyxError) -> ValueID {
    if owner === self { return id }
    guard let parent else { throw .bug("A value was looked up in a graph that does not enclose its reader.") }
    let outer = try parent.importing(id, from: owner)
    if let known = captured[outer] { return known }
    let inner = graph.addValue(parent.graph[outer].name, type: parent.graph[outer].type)
    graph.captures.append(Capture(outer: outer, inner: inner))
    captured[outer] = inner
    return inner
  }
}

extension ValueType {
  /// Whether a tensor can be a value of this type.
  fileprivate func admits(_ tensor: Tensor) -> Bool {
    guard case .tensor(let element, let shape) = self, element == tensor.elementType else { return false }
    guard let shape else { return true }
    return shape.count == tensor.shape.rank && zip(shape, tensor.shape).allSatisfy { $0.known == nil || $0.known == $1 }
  }
}
