import Onyx
import OnyxCases
import OnyxGraph
import OnyxTensor

/// Where a comparison takes the expected tensors inside a graph from.
package protocol ExpectedTensors {
  /// Names of the tensors that `expected` knows.
  var names: Set<String> { get }
  func expected(_ name: String) throws(OnyxError) -> Tensor?
}

/// The first node of a graph whose output differs from the expected one though what it reads does not.
package struct Divergence: Encodable, Sendable {
  /// Name of the node; empty for one without a name.
  package let node: String
  package let op: String
  package let tensor: String
  package let reason: String
  /// Whether everything that the node reads was compared and agrees; otherwise the cause can lie before it.
  package let inputsAgree: Bool

  enum CodingKeys: String, CodingKey {
    case node, op, tensor, reason
    case inputsAgree = "inputs_agree"
  }

  package var text: String {
    "first diverging node: \(node.isEmpty ? "(\(op))" : "\(node) (\(op))"), which makes '\(tensor)'\n  \(reason)\n"
      + (inputsAgree ? "  What it reads agrees.\n" : "  Not all of what it reads could be compared.\n")
  }
}

/// Finds the first diverging node. Each tensor is fetched alone, so that the optimizer fuses the rest as in the run that differed.
package struct DivergenceSearch {
  private let session: Session
  private let inputs: [String: Tensor]
  private let tolerance: Tolerance
  private let expected: any ExpectedTensors
  private let uses: Uses
  /// Position of each comparable value in the order of execution.
  private let candidates: [(value: ValueID, node: Int)]
  private var verdicts: [ValueID: String?] = [:]

  package init(_ session: Session, inputs: [String: Tensor], expected: any ExpectedTensors, tolerance: Tolerance) throws(OnyxError) {
    let graph = session.model.graph
    self.session = session
    self.inputs = inputs
    self.tolerance = tolerance
    self.expected = expected
    uses = Uses(graph)
    let names = expected.names
    candidates = try graph.topologicalOrder().flatMap { node in
      graph.nodes[node].outputs.compactMap { $0 }.filter { names.contains(graph[$0].name) }.map { (value: $0, node: node) }
    }
  }

  /// nil when no tensor that both sides know differs. Complexity: O(log n) runs to come near, then one for each node on the way
  /// back from there to where the difference begins.
  package mutating func first() throws(OnyxError) -> Divergence? {
    var (low, high) = (0, candidates.count)
    // Differences mostly stay once they are there; the walk back corrects what this guess misses.
    while low < high {
      let middle = (low + high) / 2
      if try mismatch(candidates[middle].value) == nil { low = middle + 1 } else { high = middle }
    }
    var found: (value: ValueID, node: Int)?
    if low < candidates.count { found = candidates[low] } else { found = try lastDiffering() }
    guard var place = found else { return nil }
    while let earlier = try differingInput(of: place.node) { place = earlier }
    let node = session.model.graph.nodes[place.node]
    guard let reason = try mismatch(place.value) else { return nil }
    return Divergence(
      node: node.name, op: node.op.description, tensor: session.model.graph[place.value].name, reason: reason,
      inputsAgree: readsAreKnown(place.node))
  }

  /// The outputs of the graph can differ where the guess found nothing: a difference that heals on one branch.
  private mutating func lastDiffering() throws(OnyxError) -> (value: ValueID, node: Int)? {
    let outputs = Set(session.model.graph.outputs)
    for candidate in candidates.reversed() where outputs.contains(candidate.value) {
      if try mismatch(candidate.value) != nil { return candidate }
    }
    return nil
  }

  private mutating func differingInput(of node: Int) throws(OnyxError) -> (value: ValueID, node: Int)? {
    let names = expected.names
    for value in session.model.graph.nodes[node].reads {
      guard let maker = uses.producer(of: value), names.contains(session.model.graph[value].name) else { continue }
      if try mismatch(value) != nil { return (value, maker) }
    }
    return nil
  }

  private func readsAreKnown(_ node: Int) -> Bool {
    let names = expected.names
    return session.model.graph.nodes[node].reads.allSatisfy { uses.producer(of: $0) == nil || names.contains(session.model.graph[$0].name) }
  }

  /// Why the run's tensor is not the expected one; nil when it is, or nothing is expected.
  private mutating func mismatch(_ value: ValueID) throws(OnyxError) -> String? {
    if let known = verdicts[value] { return known }
    let name = session.model.graph[value].name
    var reason: String?
    if let tensor = try expected.expected(name), let actual = try session.run(inputs, fetching: [name])[name] {
      reason = try Comparison(actual, expected: tensor, tolerance: tolerance).mismatch?.description
    }
    verdicts[value] = .some(reason)
    return reason
  }
}
