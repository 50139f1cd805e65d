import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What is known of a model without running it: types, structure and costs of its nodes, for symbolic and for concrete inputs.
///
/// The graph is that of the file, so that every tensor which the analysis names can be fetched. Operators that Onyx lacks are
/// passed over.
package struct GraphAnalysis: Sendable {
  /// An attention block as the recogniser found it, and what is told of it.
  package struct Block: Sendable {
    /// Its nodes and values by their places in the graph.
    package let match: AttentionMatch
    /// Names and numbers.
    package let facts: Summary.AttentionBlock
    /// Whether the gates of branches stand before the images: [branch, N, C, 1, 1].
    package let isBranchMajor: Bool
  }

  /// What was analysed.
  package let model: ModelGraph
  /// For the inputs as the model declares them, with the sizes that were given.
  package let symbolic: GraphInference
  /// For concrete inputs; nil when sizes that were only assumed do not suit the model.
  package let concrete: GraphInference?
  /// Why there is nothing concrete.
  package let uncounted: String?
  /// Symbols of the input shapes and the sizes that costs are counted for; empty when they are counted for tensors.
  package let sizes: [String: Int]
  /// Modules and attention blocks.
  package let structure: GraphStructure
  /// As `structure` has them.
  package let blocks: [Block]
  /// Multiply–accumulates of each node; 0 where its shapes are not known.
  package let macs: [Int]
  /// Elements of the floating initializers that a node is the first to read, for each node.
  package let params: [Int]

  /// The graph of the model.
  package var graph: Graph { model.graph }
  /// Nodes of the graph in an order in which they can run.
  package var order: [Int] { symbolic.order }

  /// Costs are counted with the symbols of the input shapes bound to `dimensions`, 1 where nothing is given.
  ///
  /// Throws `usage` for a name that no input has, and what a rule throws for an invalid graph. A size that was not given and does
  /// not suit the model leaves costs at 0.
  package init(_ model: ModelGraph, dimensions: [String: Int] = [:]) throws(OnyxError) {
    let names = model.inputSymbols
    for name in dimensions.keys.sorted() where !names.contains(name) {
      throw .usage(
        "The model has no dynamic dimension '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "dynamic dimensions"))
    }
    for (name, size) in dimensions where size < 0 { throw .usage("The size \(size) of the dimension '\(name)' is negative.") }
    let sizes = Dictionary(names.map { ($0, dimensions[$0] ?? 1) }, uniquingKeysWith: { first, _ in first })
    let isAssumed = names.contains { dimensions[$0] == nil }
    try self.init(
      model, sizes: sizes, bound: try Self.bound(model.graph, sizes), given: try Self.bound(model.graph, dimensions), isAssumed: isAssumed)
  }

  /// Costs are counted for a run on `inputs`, by name; without a tensor for each input they are 0. Throws what a rule throws.
  package init(_ model: ModelGraph, inputs: [String: Tensor]) throws(OnyxError) {
    try self.init(model, sizes: [:], bound: Self.bound(model.graph, inputs), given: [:], isAssumed: false)
  }

  /// `bound` holds what is known of the inputs for costs, `given` what somebody said of them; with `isAssumed` a rule that refuses the
  /// first leaves costs at 0 instead of throwing.
  private init(
    _ model: ModelGraph, sizes: [String: Int], bound: [ValueID: Inferred], given: [ValueID: Inferred], isAssumed: Bool
  ) throws(OnyxError) {
    let graph = model.graph
    let symbolic = try GraphInference(graph, inputs: given, passesUnsupported: true)
    (concrete, uncounted) = try Self.concrete(graph, bound, isAssumed: isAssumed)
    var view = InferredGraph(graph, symbolic)
    var structure = GraphStructure(view)
    if structure.blocks.isEmpty, let concrete {
      // A file that declares no shapes says them only with its inputs.
      view = InferredGraph(graph, concrete)
      structure = GraphStructure(view)
    }
    self.model = model
    self.symbolic = symbolic
    self.sizes = sizes
    self.structure = structure
    let types = concrete
    macs = graph.nodes.indices.map { symbolic.operators[$0].multiplyAccumulates(of: graph.nodes[$0]) { types?[$0]?.type } }
    params = Self.parameters(graph, symbolic.order)
    let costs = macs
    blocks = structure.blocks.indices.map { Self.block($0, structure, view, types, costs) }
  }

  /// The inference for concrete inputs, or why there is none for sizes that were only assumed.
  private static func concrete(
    _ graph: Graph, _ bound: [ValueID: Inferred], isAssumed: Bool
  ) throws(OnyxError) -> (inference: GraphInference?, reason: String?) {
    do throws(OnyxError) {
      return (try GraphInference(graph, inputs: bound, passesUnsupported: true), nil)
    } catch {
      guard isAssumed else { throw error }
      return (nil, error.reason)
    }
  }

  /// The required inputs of known rank, with their symbols replaced by sizes.
  private static func bound(_ graph: Graph, _ sizes: [String: Int]) throws(OnyxError) -> [ValueID: Inferred] {
    var bound: [ValueID: Inferred] = [:]
    for id in graph.requiredInputs {
      guard case .tensor(let element, let shape?) = graph[id].type else { continue }
      var dimensions: [Dimension] = []
      for dimension in shape { dimensions.append(try dimension.substituting(sizes)) }
      bound[id] = Inferred(.tensor(element, shape: dimensions))
    }
    return bound
  }

  /// The inputs for which there is a tensor, with its type and shape.
  private static func bound(_ graph: Graph, _ inputs: [String: Tensor]) -> [ValueID: Inferred] {
    var bound: [ValueID: Inferred] = [:]
    for id in graph.inputs {
      guard let tensor = inputs[graph[id].name] else { continue }
      bound[id] = Inferred(.tensor(tensor.elementType, tensor.shape))
    }
    return bound
  }
}

extension GraphAnalysis {
  /// For each node the parameters that it is the first to read in `order`, so that shared weights count once.
  private static func parameters(_ graph: Graph, _ order: [Int]) -> [Int] {
    var counted: Set<ValueID> = []
    var params = Array(repeating: 0, count: graph.nodes.count)
    for index in order {
      for value in graph.nodes[index].reads where counted.insert(value).inserted {
        params[index] &+= graph.initializers[value]?.parameterCount ?? 0
      }
      for body in graph.nodes[index].bodies.flatMap({ [$0] + $0.bodies }) {
        params[index] &+= body.initializers.values.reduce(0) { $0 &+ $1.parameterCount }
      }
    }
    return params
  }

  /// Elements of all floating initializers.
  package var parameterCount: Int { graph.initializers.values.reduce(0) { $0 &+ $1.parameterCount } }

  /// Tensors to fetch for the gates and maps of all blocks, each once.
  package var fetches: [String] {
    var seen: Set<String> = []
    return blocks.flatMap { $0.facts.gates + $0.facts.maps }.filter { seen.insert($0).inserted }
  }

  /// For each block the shape of its first input in a run on these tensors. Throws what a rule throws.
  package func inputShapes(_ inputs: [String: Tensor]) throws(OnyxError) -> [[Int]?] {
    let inference = try GraphInference(graph, inputs: Self.bound(graph, inputs), passesUnsupported: true)
    return blocks.map { block in block.match.inputs.first.flatMap { inference[$0]?.type.knownShape?.dimensions } }
  }

  /// What Onyx lacks of the model: operators as the file spells them, then nodes with a form or type that no rule covers.
  package var unsupported: [Coverage.Operator] {
    var missing = Coverage(of: [model]).missing
    let known = Set(missing.map(\.fullName))
    var reasons: [Coverage.Operator] = []
    for (index, error) in symbolic.unsupported.sorted(by: { $0.key < $1.key }) {
      let (op, opset) = (graph.nodes[index].op, graph.nodes[index].opset)
      let count = symbolic.unsupported.count { graph.nodes[$0.key].op == op && $0.value.reason == error.reason }
      let row = Coverage.Operator(op, opset: opset, count: count, reason: error.reason)
      if !known.contains(row.fullName), !reasons.contains(row) { reasons.append(row) }
    }
    missing += reasons
    return missing
  }

  /// Block `index` of a structure that was found in `view`.
  private static func block(_ index: Int, _ structure: GraphStructure, _ view: InferredGraph, _ concrete: GraphInference?, _ macs: [Int])
    -> Block
  {
    let match = structure.blocks[index]
    let facts = Summary.AttentionBlock(
      match, name: structure.blockNames[index], label: structure.labels[index], view, concrete,
      macs: match.nodes.reduce(0) { $0 &+ macs[$1] })
    return Block(match: match, facts: facts, isBranchMajor: match.isBranchMajor(in: view))
  }
}

extension ModelGraph {
  /// The symbols of the shapes of all inputs that must be given, each once, in their order.
  package var inputSymbols: [String] {
    var seen: Set<String> = []
    let dimensions = graph.requiredInputs.flatMap { graph[$0].type?.shape ?? [] }
    return dimensions.flatMap { $0.symbols.sorted().map(\.name) }.filter { seen.insert($0).inserted }
  }
}
