extension Graph {
  /// The graph with every symbolic dimension of its values, also those of bodies, as a symbol of its own: nothing follows from two
  /// dimensions that have the same name.
  package func withDistinctDimensions() -> Graph { withDistinctDimensions(prefix: "") }

  /// `prefix` tells bodies apart, whose values may be named as those around them.
  private func withDistinctDimensions(prefix: String) -> Graph {
    var graph = self
    for index in graph.values.indices {
      graph.values[index].type = values[index].type?.withDistinctDimensions("\(prefix)\(values[index].name)")
    }
    for index in graph.nodes.indices {
      for (name, attribute) in nodes[index].attributes {
        let inside = "\(prefix)\(index)/\(name)/"
        switch attribute {
        case .graph(let body): graph.nodes[index].attributes[name] = .graph(body.withDistinctDimensions(prefix: inside))
        case .graphs(let bodies):
          graph.nodes[index].attributes[name] = .graphs(
            bodies.enumerated().map { $1.withDistinctDimensions(prefix: "\(inside)\($0)/") })
        default: break
        }
      }
    }
    return graph
  }
}

extension ValueType {
  fileprivate func withDistinctDimensions(_ name: String) -> ValueType {
    replacingShapes { shape in shape.enumerated().map { $1.known == nil ? Dimension(symbol: "\(name)[\($0)]") : $1 } }
  }
}
