import OnyxGraph

/// The module that some nodes belong to, as the exporter's names and metadata tell.
///
/// PyTorch's dynamo exporter writes lists of module names and classes into the metadata of a node, its TorchScript exporter
/// and TensorFlow write paths as node names. Nothing depends on them: they only label what the structure has shown.
package struct ModuleScope: Sendable, Hashable {
  /// From the root on: "layer1", "layer1.0", "layer1.0.se".
  private let steps: [Step]

  private struct Step: Sendable, Hashable {
    let name: String
    let moduleClass: String?
  }

  private init(steps: [Step]) { self.steps = steps }

  /// The innermost module around one node; nil when nothing tells.
  package init?(of node: Node) {
    if let scopes = node.metadata["pkg.torch.onnx.name_scopes"].map(Self.strings), scopes.count > 1 {
      let classes = node.metadata["pkg.torch.onnx.class_hierarchy"].map(Self.strings) ?? []
      // The last entry is the operation itself.
      self.init(steps: scopes.indices.dropLast().map { Step(name: scopes[$0], moduleClass: classes.count == scopes.count ? classes[$0] : nil) })
      return
    }
    let parts = node.name.split(separator: "/").map(String.init)
    guard node.name.contains("/"), !parts.isEmpty else { return nil }
    self.init(steps: [Step(name: "", moduleClass: nil)] + parts.dropLast().map { Step(name: $0, moduleClass: nil) })
  }

  /// The innermost module around all of some nodes; nodes that tell nothing do not count.
  package init?(around nodes: some Sequence<Node>) {
    var common: [Step]?
    for scope in nodes.lazy.compactMap({ ModuleScope(of: $0) }) {
      guard let found = common else {
        common = scope.steps
        continue
      }
      common = Array(zip(found, scope.steps).prefix { $0 == $1 }.map(\.0))
    }
    guard let common else { return nil }
    self.init(steps: common)
  }

  /// Modules from the root to this one.
  package var depth: Int { steps.count }

  /// "layer1.0.se"; empty for the root.
  package var path: String {
    var path: [String] = []
    for name in steps.map(\.name) where !name.isEmpty {
      // A list's element repeats the name of the list; dynamo's names are whole paths.
      if let last = path.last, name.hasPrefix(last + ".") { path[path.count - 1] = name } else { path.append(name) }
    }
    return path.joined(separator: ".")
  }

  /// "timm.layers.squeeze_excite.SEModule"; only dynamo tells.
  package var moduleClass: String? { steps.last?.moduleClass }

  private static let longestList = 1 << 16

  /// The strings of a Python list of them: "['', 'layer1']".
  private static func strings(_ list: String) -> [String] {
    guard list.utf8.count <= longestList else { return [] }
    return list.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }
}
