import Onyx
import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The attention blocks of a model, as the recogniser finds them in the graph that the file holds, so that every tensor
/// they name can be fetched.
struct AttentionBlocks: Sendable {
  struct Block: Sendable {
    let match: AttentionMatch
    /// Unique in the model: the label's name, or kind and number.
    let name: String
    /// The module that is the block, where the exporter tells it.
    let label: ModuleTree.Module?
    let activation: String?
    let isBranchMajor: Bool
    /// Names of tensors that can be fetched.
    let gates: [String]
    let maps: [String]
    let parameters: Int
    let multiplyAccumulates: Int
    /// Of all that its nodes make.
    let bytes: Int
    /// Of its first input, in the run that it is counted for.
    let inputShape: [Int]?
  }

  let blocks: [Block]
  let graph: Graph
  let structure: GraphStructure
  /// Nodes of the graph in an order in which they can run.
  let order: [Int]
  /// Elements of all floating initializers, and the MACs of all nodes.
  let parameters: Int
  let multiplyAccumulates: Int

  /// `inputs` decide on what MACs and bytes are counted for; without a tensor for each input they are 0. Throws when an
  /// operator is unknown or a rule fails.
  init(_ session: Session, inputs: [String: Tensor]) throws(OnyxError) {
    let graph = session.model.graph
    self.graph = graph
    let symbolic = try GraphInference(graph)
    let concrete = try GraphInference(graph, inputs: Self.known(inputs, graph))
    var view = InferredGraph(graph, symbolic)
    var structure = GraphStructure(view)
    if structure.blocks.isEmpty {
      // A file that declares no shapes says them only with its inputs.
      view = InferredGraph(graph, concrete)
      structure = GraphStructure(view)
    }
    (self.structure, order) = (structure, symbolic.order)
    let macs = graph.nodes.indices.map { concrete.operators[$0].multiplyAccumulates(of: graph.nodes[$0]) { concrete[$0]?.type } }
    blocks = structure.blocks.indices.map { Self.block($0, structure, view, concrete, macs) }
    parameters = graph.initializers.values.reduce(0) { $0 &+ $1.parameterCount }
    multiplyAccumulates = macs.reduce(0, &+)
  }

  /// Tensors to fetch, each once.
  var fetches: [String] {
    var seen: Set<String> = []
    return blocks.flatMap { $0.gates + $0.maps }.filter { seen.insert($0).inserted }
  }

  /// For each block the shape of its first input in a run on these tensors. Throws what a rule throws.
  func inputShapes(_ inputs: [String: Tensor]) throws(OnyxError) -> [[Int]?] {
    let inference = try GraphInference(graph, inputs: Self.known(inputs, graph))
    return blocks.map { block in block.match.inputs.first.flatMap { inference[$0]?.type.knownShape?.dimensions } }
  }

  private static func known(_ inputs: [String: Tensor], _ graph: Graph) -> [ValueID: Inferred] {
    var known: [ValueID: Inferred] = [:]
    for id in graph.inputs {
      guard let tensor = inputs[graph[id].name] else { continue }
      known[id] = Inferred(.tensor(tensor.elementType, shape: tensor.shape.dimensions.map { Dimension($0) }))
    }
    return known
  }

  private static func block(_ index: Int, _ structure: GraphStructure, _ view: InferredGraph, _ concrete: GraphInference, _ macs: [Int])
    -> Block
  {
    let (graph, match) = (view.graph, structure.blocks[index])
    let nodes = match.nodes.sorted()
    let made = nodes.flatMap { graph.nodes[$0].outputs.compactMap { $0 } }
    func fetchable(_ values: [ValueID]) -> [String] { values.map { graph[$0].name }.filter { !$0.isEmpty } }
    return Block(
      match: match, name: structure.blockNames[index], label: structure.labels[index], activation: match.activation(in: view),
      isBranchMajor: match.isBranchMajor(in: view), gates: fetchable(match.gates), maps: fetchable(match.maps),
      parameters: match.parameterCount(view.inference), multiplyAccumulates: nodes.reduce(0) { $0 &+ macs[$1] },
      bytes: made.reduce(0) { $0 &+ (concrete[$1]?.type.byteCount ?? 0) },
      inputShape: match.inputs.first.flatMap { concrete[$0]?.type.knownShape?.dimensions })
  }
}
