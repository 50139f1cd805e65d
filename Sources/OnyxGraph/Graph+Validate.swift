import OnyxTensor

extension Graph {
  /// Checks the invariants of the graph and of every body inside it. Throws `invalidModel` for the first that fails.
  package func validate() throws(OnyxError) {
    try checkIdentifiers()
    try checkSources()
    _ = try topologicalOrder()
    for node in nodes {
      for body in node.bodies {
        for capture in body.captures where !values.indices.contains(capture.outer.index) {
          throw OnyxError.bug("A body captures a value that is not there.").at(node: node.label)
        }
        do throws(OnyxError) { try body.validate() } catch { throw error.at(node: node.label) }
      }
    }
  }

  private func checkIdentifiers() throws(OnyxError) {
    let used =
      inputs + outputs + initializers.keys + captures.map(\.inner)
      + nodes.flatMap { $0.inputs.compactMap { $0 } + $0.outputs.compactMap { $0 } }
    guard used.allSatisfy({ values.indices.contains($0.index) }) else { throw .bug("A value id is outside its graph.") }
  }

  /// Single assignment, and a source for everything that is read.
  private func checkSources() throws(OnyxError) {
    var source: [ValueID: String] = [:]
    func claim(_ id: ValueID, _ claimant: String) throws(OnyxError) {
      if let earlier = source.updateValue(claimant, forKey: id) {
        throw .invalid(
          "The value '\(self[id].name)' is assigned twice: by \(earlier) and by \(claimant).",
          remedy: "Every name of an ONNX graph must be assigned once.")
      }
    }
    for id in inputs { try claim(id, "the graph's inputs") }
    let isInput = Set(inputs)
    for id in initializers.keys.sorted() where !isInput.contains(id) { try claim(id, "the initializers") }
    for capture in captures { try claim(capture.inner, "the enclosing graph") }
    for node in nodes { for case let id? in node.outputs { try claim(id, "node \(node.label)") } }
    for node in nodes {
      for case let id? in node.inputs where source[id] == nil {
        throw OnyxError.invalid(
          "The value '\(self[id].name)' is read but never made: it is no input, no initializer and no node's output.",
          remedy: "The model is incomplete; export it again."
        ).at(node: node.label)
      }
    }
    for id in outputs where source[id] == nil {
      throw .invalid("The graph's output '\(self[id].name)' is made by no node.", remedy: "The model is incomplete; export it again.")
    }
  }
}
