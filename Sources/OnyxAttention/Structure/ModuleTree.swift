import OnyxGraph

/// The modules of the program that a graph was exported from, and where each node stands among them.
package struct ModuleTree: Sendable {
  package struct Module: Sendable {
    /// "layer1.0.se".
    package let name: String
    /// "timm.layers.squeeze_excite.SEModule"; nil where the exporter does not say it.
    package let moduleClass: String?
    package let parent: Int?
    /// 1 for the modules of the network itself.
    package let depth: Int

    /// "SEModule"; empty where the exporter does not say it.
    package var type: String { moduleClass?.split(separator: ".").last.map { String($0) } ?? moduleClass ?? "" }
  }

  /// Outer modules before inner ones, otherwise in the order of their first nodes.
  package private(set) var modules: [Module] = []
  /// The innermost module of each node; nil for a node of the network itself and where the exporter names none.
  package private(set) var ofNode: [Int?] = []
  /// Whether the exporter says where a node stands, if only in the network itself.
  private var isPlaced: [Bool] = []

  private struct Key: Hashable {
    let parent: Int?
    let name: String
  }

  package init(_ graph: Graph) {
    var known: [Key: Int] = [:]
    for node in graph.nodes {
      let path = ScopePath(node)
      var innermost: Int?
      for (depth, name) in path.names.enumerated() {
        let key = Key(parent: innermost, name: name)
        if let found = known[key] {
          innermost = found
        } else {
          modules.append(
            Module(name: name, moduleClass: path.classes.isEmpty ? nil : path.classes[depth], parent: innermost, depth: depth + 1))
          known[key] = modules.count - 1
          innermost = modules.count - 1
        }
      }
      ofNode.append(innermost)
      isPlaced.append(path.isKnown)
    }
  }

  /// The modules around a node, outermost first.
  package func path(ofNode node: Int) -> [Int] { path(to: ofNode[node]) }

  /// A module and those around it, outermost first.
  package func path(to module: Int?) -> [Int] {
    var path: [Int] = []
    var next = module
    while let module = next {
      path.append(module)
      next = modules[module].parent
    }
    return path.reversed()
  }

  /// The innermost module that all of the nodes stand in; nodes of which the exporter says nothing do not count.
  package func common(_ nodes: some Sequence<Int>) -> Int? {
    var common: [Int]?
    for node in nodes where isPlaced[node] {
      let path = path(ofNode: node)
      common = common.map { zip($0, path).prefix { $0 == $1 }.map(\.0) } ?? path
    }
    return common?.last
  }
}
