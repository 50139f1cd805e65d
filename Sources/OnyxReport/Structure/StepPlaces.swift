import OnyxAttention
import OnyxGraph
import OnyxInsight
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// The module and the attention block of each step of a plan.
struct StepPlaces: Sendable {
  let origins: StepOrigins
  /// "layer1.0.se"; nil for a step of the network itself.
  let modules: [String?]
  /// The same, ending at a depth.
  let moduleGroups: [String?]
  /// "SE layer1.0.se", or "SE 1" where the exporter names no module.
  let blocks: [String?]
  /// Of each node of the file, where its shapes are known.
  private let macs, bytes: [Int]
  private let isBlock: [Bool]

  /// Operators that compute a block, or its gates, and can hold nodes behind it.
  private static let blockOperators: Set = ["AttentionBlock", "SplitAttention", "FusedAttention", "Attention"]

  private static func computesBlocks(_ plan: Plan, _ step: Int) -> Bool {
    blockOperators.contains(plan.program.graph.nodes[plan.steps[step].node].op.name)
  }

  /// The block that each step computes for, by index; nil for a step that only does some of a block's work beside its own.
  static func blocks(_ plan: Plan, _ structure: GraphStructure, _ origins: StepOrigins) -> [Int?] {
    plan.steps.indices.map { position in
      if let block = origins.anchors[position].flatMap({ structure.blockOfNode[$0] }) { return block }
      guard computesBlocks(plan, position) else { return nil }
      return origins.nodes[position].lazy.compactMap { structure.blockOfNode[$0] }.first
    }
  }

  init(_ plan: Plan, _ graph: Graph, depth: Int) throws(OnyxError) {
    let inference = try GraphInference(graph)
    let structure = GraphStructure(InferredGraph(graph, inference))
    let origins = StepOrigins(plan, of: graph, order: inference.order)
    let tree = structure.modules
    let blockOfStep = Self.blocks(plan, structure, origins)
    let paths = plan.steps.indices.map { position -> [Int] in
      // A step that computes a whole block is the block's, whatever inner module its last node comes from.
      if let block = blockOfStep[position], Self.computesBlocks(plan, position) { return tree.path(to: structure.moduleOfBlock[block]) }
      return origins.anchors[position].map { tree.path(ofNode: $0) } ?? []
    }
    self.origins = origins
    blocks = blockOfStep.map { $0.map { structure.title(ofBlock: $0) } }
    modules = paths.map { $0.last.map { tree.modules[$0].name } }
    moduleGroups = paths.map { $0.prefix(depth).last.map { tree.modules[$0].name } }
    isBlock = plan.steps.indices.map { Self.computesBlocks(plan, $0) }
    func type(_ value: ValueID) -> ValueType? { Self.type(value, plan) ?? inference[value]?.type }
    bytes = graph.nodes.map { node in (node.inputs + node.outputs).reduce(0) { $0 &+ ($1.flatMap(type)?.byteCount ?? 0) } }
    macs = graph.nodes.indices.map { inference.operators[$0].multiplyAccumulates(of: graph.nodes[$0], type: type) }
  }

  /// The time of each node of the file. What is fused into a product costs next to nothing there, but in an attention block the
  /// nodes that only move the feature map cost most: a byte about as much as four multiply–accumulates.
  func spread(_ times: [Double]) -> [Double] {
    origins.spread(times, nodeCount: macs.count) { step, node in Double(macs[node]) + (isBlock[step] ? 4 * Double(bytes[node]) : 0) }
  }

  /// The concrete type that the plan has for a value of the file.
  private static func type(_ value: ValueID, _ plan: Plan) -> ValueType? {
    guard plan.types.indices.contains(value.index), let type = plan.types[value.index] else { return nil }
    return .tensor(type.elementType, type.shape)
  }
}
