import OnyxGraph
import OnyxLoader
import OnyxTensor

extension SessionOptions {
  /// What a load of a model may take.
  var loadOptions: LoadOptions {
    var load = LoadOptions()
    load.largestExpansion = max(0, nodeLimit)
    load.deepestBody = min(max(0, nestingLimit), Graph.deepestBody)
    return load
  }

  /// Throws `budgetExceeded` for a graph with more nodes, or bodies deeper in one another, than these options allow.
  func check(_ graph: Graph) throws(OnyxError) {
    var (level, nodes, depth) = ([graph], 0, 0)
    while !level.isEmpty {
      nodes += level.reduce(0) { $0 + $1.nodes.count }
      guard nodes <= nodeLimit else {
        throw .budget("The model has more than \(nodeLimit) nodes.", remedy: "Raise the limit of nodes if the model can be trusted.")
      }
      guard depth <= nestingLimit else {
        throw .budget(
          "More than \(nestingLimit) bodies of the model are nested in one another.",
          remedy: "Raise the limit, at most to \(Graph.deepestBody).")
      }
      level = level.flatMap { $0.nodes.flatMap(\.bodies) }
      depth += 1
    }
  }
}

extension Model {
  /// As `init(path:)`, within the limits of options.
  init(path: String, limits: SessionOptions) throws(OnyxError) {
    source = try ModelLoader.load(contentsOf: path, options: limits.loadOptions)
  }

  /// As `init(bytes:baseDirectory:)`, within the limits of options.
  init(bytes: [UInt8], baseDirectory: String?, limits: SessionOptions) throws(OnyxError) {
    source = try ModelLoader.load(bytes: bytes, baseDirectory: baseDirectory, options: limits.loadOptions)
  }
}
