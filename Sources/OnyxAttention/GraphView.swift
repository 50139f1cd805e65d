import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What the recogniser asks of a graph: the optimizer's workspace answers, and `InferredGraph`.
package protocol GraphView: Sendable {
  /// Indices that nodes can have; where a node was removed there is none.
  var nodeIndices: Range<Int> { get }
  func node(_ index: Int) -> Node?
  func producer(of value: ValueID) -> Int?
  func readers(of value: ValueID) -> Set<Int>
  /// Type, shape and known value.
  func inferred(_ value: ValueID) -> Inferred?
}

extension GraphView {
  func shape(_ value: ValueID) -> [Dimension]? { inferred(value)?.shape }

  /// The value when it is the same in every run.
  func constant(_ value: ValueID) -> Tensor? { inferred(value)?.constant }

  /// The node that makes a value, when that is its first output.
  func maker(of value: ValueID?) -> (index: Int, node: Node)? {
    guard let value, let index = producer(of: value), let node = node(index), node.outputs.first == value else { return nil }
    return (index, node)
  }

  /// The integers of input `index` of a node, when they are known before the run.
  func ints(_ node: Node, _ index: Int) -> [Int]? {
    guard let input = node.operand(index), let known = inferred(input) else { return nil }
    if let dimensions = known.dimensions?.allKnown { return dimensions }
    return try? known.constant?.ints()
  }
}

/// A graph with what inference knows of it.
package struct InferredGraph: GraphView {
  package let graph: Graph
  package let inference: GraphInference
  private let uses: Uses

  package init(_ graph: Graph, _ inference: GraphInference) {
    self.graph = graph
    self.inference = inference
    uses = Uses(graph)
  }

  /// Throws what inference throws for an invalid graph.
  package init(_ graph: Graph) throws(OnyxError) { self.init(graph, try GraphInference(graph)) }

  package var nodeIndices: Range<Int> { graph.nodes.indices }
  package func node(_ index: Int) -> Node? { graph.nodes.indices.contains(index) ? graph.nodes[index] : nil }
  package func producer(of value: ValueID) -> Int? { uses.producer(of: value) }
  package func readers(of value: ValueID) -> Set<Int> { Set(uses.readers(of: value)) }
  package func inferred(_ value: ValueID) -> Inferred? { inference[value] }
}
