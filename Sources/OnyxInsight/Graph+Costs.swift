import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Graph {
  /// A node's name; what it makes first when it has none.
  package func title(ofNode index: Int) -> String {
    let node = nodes[index]
    return node.name.isEmpty ? node.outputs.lazy.compactMap { $0 }.first.map { self[$0].name } ?? "" : node.name
  }

  /// The bodies of all nodes and those inside them, down to `deepestBody`.
  ///
  /// A level stands behind the one around it, and in a level bodies stand in the order of their nodes: If has two, Loop and Scan one.
  package var bodies: [Graph] {
    var all: [Graph] = []
    var level = nodes.flatMap(\.bodies)
    for _ in 0..<Self.deepestBody where !level.isEmpty {
      all += level
      level = level.flatMap { $0.nodes.flatMap(\.bodies) }
    }
    return all
  }
}

extension Operator {
  /// What a node costs with values of these types; 0 where they do not tell.
  package func multiplyAccumulates(of node: Node, type: (ValueID) -> ValueType?) -> Int {
    func types(_ values: [ValueID?]) -> [ValueType?] { values.map { $0.flatMap(type) } }
    return multiplyAccumulates(inputs: types(node.inputs), outputs: types(node.outputs))?.known ?? 0
  }
}

extension ValueType {
  /// 0 where the shape is not known.
  package var byteCount: Int { (knownShape?.elementCount ?? 0) &* (elementType?.byteWidth ?? 0) }
}

extension Tensor {
  /// Only floating tensors count as parameters; shapes and axes do not.
  var parameterCount: Int { elementType.isFloating ? elementCount : 0 }
}

extension AttentionMatch {
  /// Elements of all weights and biases that are constant.
  func parameterCount(_ inference: GraphInference) -> Int { weights.reduce(0) { $0 &+ (inference[$1]?.constant?.parameterCount ?? 0) } }
}
