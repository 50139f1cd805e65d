import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A graph between two rewrites: its nodes, who makes and who reads each value, and what is known of each value.
///
/// Only `apply` changes it, and keeps every index current. Invariant: a node's position is not below the position of
/// any node that it depends on; so a value made before a position cannot depend on a node at that position.
package struct Workspace: Sendable {
  /// The graph without its nodes.
  var shell: Graph
  /// nil where a node was removed.
  var nodes: [Node?]
  /// Rank in the topological order; nodes that replace a node take its rank.
  var positions: [Int]
  var producers: [Int?]
  var readers: [Set<Int>]
  /// Of readers with many inputs that have changed, which inputs read each value.
  var places: [Int: [ValueID: [Int]]] = [:]
  var knowledge: [Inferred?]
  var equalNodes = EqualNodes()
  private(set) var names: Names
  /// Small constants by content.
  var interned: [ConstantKey: ValueID]
  /// Values that must stay under their ids and names: outputs, and those that the caller keeps.
  let pinned: Set<ValueID>
  /// Graph inputs and captured values: made outside.
  let given: Set<ValueID>
  /// Symbols that the inputs carry: unequal ones are unequal dimensions; all others may turn out equal at run time.
  let inputSymbols: Set<Dimension.Symbol>
  /// Nodes in topological order, as they were at the start.
  let order: [Int]
  /// Whether a rewrite found a value or a shape that inference did not know: inference can now find more.
  var hasNews = false

  /// The names of values.
  package struct Names: Sendable {
    fileprivate var taken: Set<String>
    /// By stem, the last number that made a fresh name of it.
    fileprivate var lastNumbers: [String: Int] = [:]
  }

  /// `knowledge` from an earlier workspace over the same graph spares the inference, its `names` a look at all values.
  package init(
    _ graph: Graph, inputs: [ValueID: Inferred], kept: Set<ValueID>, knowledge earlier: [Inferred?]? = nil, names earlierNames: Names? = nil
  ) throws(OnyxError) {
    if let earlier {
      knowledge = earlier
      order = try graph.topologicalOrder()
    } else {
      let inference = try GraphInference(graph, inputs: inputs)
      knowledge = inference.values
      order = inference.order
    }
    shell = graph
    shell.nodes = []
    nodes = graph.nodes
    positions = Array(repeating: 0, count: nodes.count)
    for (rank, index) in order.enumerated() { positions[index] = rank }
    for index in order { equalNodes.insert(index, graph.nodes[index]) }
    let uses = Uses(graph)
    producers = uses.producer
    readers = uses.readers.map { Set($0) }
    names = earlierNames ?? Names(taken: Set(graph.values.map(\.name)))
    pinned = kept.union(graph.outputs)
    given = Set(graph.inputs).union(graph.captures.map(\.inner))
    inputSymbols = given.reduce(into: []) { [knowledge] symbols, id in
      for dimension in knowledge[id.index]?.shape ?? [] { symbols.formUnion(dimension.symbols) }
    }
    interned = [:]
    for (id, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) where !given.contains(id) {
      guard let key = ConstantKey(tensor), interned[key] == nil else { continue }
      interned[key] = id
    }
  }

  package func node(_ index: Int) -> Node? { nodes.indices.contains(index) ? nodes[index] : nil }
  package func producer(of value: ValueID) -> Int? { producers[value.index] }
  package func readers(of value: ValueID) -> Set<Int> { readers[value.index] }
  package func inferred(_ value: ValueID) -> Inferred? { knowledge[value.index] }
  package func name(of value: ValueID) -> String { shell[value].name }

  /// The value when it is the same in every run.
  package func constant(_ value: ValueID) -> Tensor? { knowledge[value.index]?.constant }

  /// Whether the value is an initializer that nobody can override.
  func isInitializer(_ value: ValueID) -> Bool { shell.initializers[value] != nil && !given.contains(value) }

  /// The node that makes a value, when that is its first output.
  func maker(of value: ValueID?) -> (index: Int, node: Node)? {
    guard let value, let index = producer(of: value), let node = node(index), node.outputs.first == value else { return nil }
    return (index, node)
  }

  /// Takes a name that no value has, beginning with `stem`.
  mutating func takeName(_ stem: String) -> String {
    var name = stem
    if stem.isEmpty || names.taken.contains(stem) {
      var number = names.lastNumbers[stem] ?? 0
      repeat {
        number += 1
        name = "\(stem)_\(number)"
      } while names.taken.contains(name)
      names.lastNumbers[stem] = number
    }
    names.taken.insert(name)
    return name
  }

  /// The graph as it stands, in the order of the positions; values that nothing makes or reads keep their ids.
  package func graph() -> Graph {
    var graph = shell
    graph.nodes = nodes.indices.filter { nodes[$0] != nil }.sorted { (positions[$0], $0) < (positions[$1], $1) }.compactMap { nodes[$0] }
    graph.initializers = graph.initializers.filter { id, _ in !readers[id.index].isEmpty || pinned.contains(id) || given.contains(id) }
    graph.captures.removeAll { readers[$0.inner.index].isEmpty && !pinned.contains($0.inner) }
    return graph
  }
}
