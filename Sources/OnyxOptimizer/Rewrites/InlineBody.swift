import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Patch {
  /// Puts the nodes of a body into the patch, once. `given` are the values for its inputs. Returns what its outputs are.
  mutating func inline(_ body: Graph, given: [ValueID: ValueID]) throws(OnyxError) -> [ValueID] {
    var places = given
    for capture in body.captures { places[capture.inner] = capture.outer }
    let order = try body.topologicalOrder()
    let needed = Set(body.outputs).union(body.nodes.flatMap(\.reads))
    for (id, tensor) in body.initializers.sorted(by: { $0.key < $1.key }) where places[id] == nil && needed.contains(id) {
      places[id] = moveOut(tensor)
    }
    let made = Set(body.nodes.flatMap { $0.outputs.compactMap { $0 } })
    guard needed.allSatisfy({ places[$0] != nil || made.contains($0) }) else {
      throw .bug("A body reads a value that nobody gives it.")
    }
    for index in order {
      let node = body.nodes[index]
      let results = moveOut(node, of: body) { places[$0] ?? $0 }
      for case (let inner?, let outer?) in zip(node.outputs, results) { places[inner] = outer }
    }
    return body.outputs.map { places[$0] ?? $0 }
  }

  /// Lets `results` stand for the outputs of the node at `site` that anybody needs. What existed before, and what stands for several, goes
  /// through an Identity, so that every output can keep its name.
  mutating func replaceOutputs(of site: Site, with results: [ValueID]) {
    var taken: Set<ValueID> = []
    for case (let output?, let result) in zip(site.node.outputs, results) where site.isNeeded(output) {
      let isFree = isNew(result) && taken.insert(result).inserted
      shunt(output, to: isFree ? result : node("Identity", [result]))
    }
    remove([site.index])
  }
}

extension Site {
  /// Whether anybody reads the value, or it has to stay under its name.
  func isNeeded(_ value: ValueID) -> Bool { !workspace.readers(of: value).isEmpty || workspace.pinned.contains(value) }

  /// Input `index` as a constant; nil when it is omitted or not known.
  func constant(ofInput index: Int) -> Tensor? {
    node.inputs.indices.contains(index) ? node.inputs[index].flatMap { workspace.constant($0) } : nil
  }

  func hasInput(_ index: Int) -> Bool { node.inputs.indices.contains(index) && node.inputs[index] != nil }

  /// The one body of a loop.
  var loopBody: Graph? { node.attributes["body"].flatMap { if case .graph(let body) = $0 { body } else { nil } } }
}

extension Rewrite {
  /// If whose condition is known → the nodes of the branch that it takes.
  static let inlineIf = Rewrite("inline-if", changes: .exact, roots: ["If"]) { (site) throws(OnyxError) in
    guard let condition = site.constant(ofInput: 0) else { return .declined("The condition must be a constant.") }
    guard condition.elementType == .bool, condition.elementCount == 1 else { return .declined("The condition must be one bool.") }
    let name = try condition.elements(as: Bool.self)[0] ? "then_branch" : "else_branch"
    guard case .graph(let branch)? = site.node.attributes[name], branch.inputs.isEmpty else { return .noMatch }
    var patch = Patch(for: site)
    let results = try patch.inline(branch, given: [:])
    patch.replaceOutputs(of: site, with: results)
    return .patch(patch)
  }
}
