/// Who makes and who reads each value; computed once per pass over an unchanging graph. O(edges).
package struct Uses: Sendable {
  /// Index of the node that makes a value.
  package private(set) var producer: [Int?]
  /// Indices of the nodes that read a value, once per node; a node reads what its bodies capture.
  package private(set) var readers: [[Int]]
  package private(set) var isOutput: [Bool]

  package init(_ graph: Graph) {
    producer = Array(repeating: nil, count: graph.values.count)
    readers = Array(repeating: [], count: graph.values.count)
    isOutput = Array(repeating: false, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      for case let output? in node.outputs { producer[output.index] = index }
      for input in node.reads where readers[input.index].last != index { readers[input.index].append(index) }
    }
    for output in graph.outputs { isOutput[output.index] = true }
  }

  package func producer(of value: ValueID) -> Int? { producer[value.index] }
  package func readers(of value: ValueID) -> [Int] { readers[value.index] }
  package func isOutput(_ value: ValueID) -> Bool { isOutput[value.index] }
}

extension Node {
  /// The graphs that the node's attributes hold.
  package var bodies: [Graph] { attributes.isEmpty ? [] : attributes.values.flatMap(\.graphs) }

  /// Every value the node needs: its inputs and what its bodies capture.
  package var reads: [ValueID] {
    inputs.compactMap { $0 } + bodies.flatMap { $0.captures.map(\.outer) }
  }
}
