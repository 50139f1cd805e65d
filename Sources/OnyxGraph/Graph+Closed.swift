import OnyxTensor

extension Graph {
  /// A body as a graph of its own: what it captures and `constant` knows becomes an initializer, the rest inputs behind its own, in the
  /// order of `captures`, which are values of the enclosing graph.
  package func closed(over constant: (ValueID) -> Tensor?) -> (graph: Graph, captures: [ValueID]) {
    var graph = self
    var outer: [ValueID] = []
    for capture in captures {
      if let tensor = constant(capture.outer) {
        graph.initializers[capture.inner] = tensor
      } else {
        graph.inputs.append(capture.inner)
        outer.append(capture.outer)
      }
    }
    graph.captures = []
    return (graph, outer)
  }
}
