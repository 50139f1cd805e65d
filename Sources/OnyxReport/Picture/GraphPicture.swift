import OnyxGraph
import OnyxInsight
import OnyxOperators

/// What `onyx graph` draws: nodes and edges of a graph, inside the boxes of its modules and attention blocks.
package struct GraphPicture: Sendable {
  package struct Node: Sendable {
    package enum Kind: Sendable, Equatable {
      case operation, input, output
      /// A module or attention block drawn as one node.
      case closed
    }

    package let kind: Kind
    package let title: String
    package let subtitle: String
    /// The innermost open box around it.
    package var group: Int?
    package let family: OperatorFamily
    package var macs = 0
    package var milliseconds: Double?
    /// What the page tells about the node, in order.
    package var details: [Detail] = []
  }

  package struct Detail: Sendable, Encodable {
    package let name: String
    package let text: String
  }

  package struct Edge: Sendable, Hashable {
    package let from: Int
    package let to: Int
    /// The tensor's name.
    package let name: String
    /// Its shape: "1×64×56×56".
    package let label: String
  }

  /// A box around the nodes of a module or of an attention block.
  package struct Group: Sendable {
    package let title: String
    package let parent: Int?
    /// "SE", when the box is an attention block.
    package let block: String?
    package let nodeCount: Int
    package let macs: Int
    package let milliseconds: Double?
  }

  package let name: String
  package private(set) var nodes: [Node] = []
  package private(set) var edges: [Edge] = []
  /// Outer boxes before inner ones.
  package private(set) var groups: [Group] = []
  /// Nodes of the graph, drawn or inside closed boxes.
  package let nodeCount: Int
  package let macs: Int
  /// Of the whole run; nil when nothing was measured.
  package let milliseconds: Double?

  /// Why a picture is not of everything.
  package let isFolded: Bool

  package var largestMACs: Int { nodes.reduce(0) { max($0, $1.macs) } }
  package var largestMilliseconds: Double { nodes.reduce(0) { max($0, $1.milliseconds ?? 0) } }

  /// How much of a graph is drawn.
  package struct Options: Sendable {
    /// Modules nested deeper are drawn as one node each; nil draws all that `nodeLimit` allows.
    package var depth: Int?
    /// Draws each attention block as one node.
    package var foldsAttention = false
    /// Without a depth, the deepest modules are closed until no more nodes are left than this.
    package var nodeLimit: Int?
    /// Time of each node of the graph, by its index.
    package var milliseconds: [Double]?

    package init() {}
  }

  package init(_ analysis: GraphAnalysis, name: String, options: Options) {
    let scene = GraphScene(analysis, options)
    self.name = name
    nodeCount = analysis.order.count
    macs = analysis.macs.reduce(0, &+)
    milliseconds = options.milliseconds.map { $0.reduce(0, +) }
    isFolded = scene.isFolded
    groups = scene.groups
    nodes = scene.nodes
    edges = scene.edges
  }
}

/// Kinds of operators that a picture tells apart by color.
package enum OperatorFamily: String, Sendable, CaseIterable {
  case product, activation, pooling, normalization, arithmetic, movement, attention, port

  init(_ op: OperatorName) {
    self =
      Self.byName[op.name]
      ?? (op.name.hasPrefix("Reduce") || op.name.hasSuffix("Pool")
        ? .pooling : op.name.hasSuffix("Normalization") ? .normalization : .movement)
  }

  private static let byName: [String: OperatorFamily] = {
    let families: [(OperatorFamily, String)] = [
      (.product, "Conv ConvTranspose Gemm MatMul Einsum ConvInteger MatMulInteger QLinearConv QLinearMatMul"),
      (
        .activation,
        (ElementFunction.all.filter { $0.uses.contains(.activation) }.map(\.name) + ["Softmax", "LogSoftmax"]).joined(separator: " ")
      ),
      (.arithmetic, "Add Sub Mul Div Pow Sqrt Reciprocal Neg Abs Min Max Sum Mean Mod Where And Or Not Equal Greater Less"),
      (.attention, "Attention RotaryEmbedding"),
    ]
    return Dictionary(
      families.flatMap { family, names in names.split(separator: " ").map { (String($0), family) } }, uniquingKeysWith: { $1 })
  }()
}
