import Onyx
import OnyxGraph

/// A node of a model that Onyx cannot run.
public struct UnsupportedNode: Sendable, Hashable, CustomStringConvertible {
  /// Its name; of a node without one the name of the first tensor that it makes. nil when the graph has no node of the operator, as when
  /// only a function that nothing calls uses it.
  public let name: String?
  /// "If"; outside the standard with the domain: "com.example.Mystery".
  public let op: String
  /// The version of its domain that the model imports.
  public let opset: Int
  /// Why Onyx cannot run it.
  public let reason: String

  /// "node_cond (If, opset 20): not implemented".
  public var description: String {
    let operation = "\(op), opset \(opset)"
    return (name.map { "\($0) (\(operation))" } ?? "no node of its own (\(operation))") + ": \(reason)"
  }

  /// The nodes of a model that Onyx cannot run, operator by operator and within one in the order of the file; nodes in bodies of control
  /// flow come after those around them. Empty when Onyx has every operator of the model.
  public static func all(in model: Model) -> [UnsupportedNode] {
    let missing = model.coverage().missing
    guard !missing.isEmpty else { return [] }
    var names: [String: [String]] = [:]
    var pending = [model.source.graph][...]
    while let graph = pending.popFirst() {
      for node in graph.nodes {
        let made = node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name } ?? ""
        names[node.op.description, default: []].append(node.name.isEmpty ? made : node.name)
        pending += node.bodies
      }
    }
    return missing.flatMap { row in
      let nodes: [String?] = names[row.fullName] ?? [nil]
      return nodes.map { UnsupportedNode(name: $0, op: row.fullName, opset: row.opset, reason: row.reason ?? "") }
    }
  }
}
