import OnyxGraph
import OnyxTensor

extension Session {
  /// The names of all tensors that nodes make, in the order of the nodes.
  package var madeTensorNames: [String] {
    model.graph.nodes.flatMap(\.outputs).compactMap { $0.map { model.graph[$0].name } }.filter { !$0.isEmpty }
  }

  /// The tensors of the graph that names and patterns stand for, each once.
  ///
  /// A name that a tensor has stands for that tensor. Otherwise "all" stands for every tensor that nodes make, and in a pattern
  /// `*` stands for any characters and `?` for one; what nodes make comes before inputs and weights. Throws `usage` for
  /// one that stands for nothing.
  public func tensorNames(matching patterns: [String]) throws(OnyxError) -> [String] {
    guard !patterns.isEmpty else { return [] }
    let known = Set(tensorNames)
    var seen: Set<String> = []
    var names: [String] = []
    for pattern in patterns {
      for name in try matches(of: pattern, among: known) where seen.insert(name).inserted { names.append(name) }
    }
    return names
  }

  /// What one name or pattern stands for, in the order of the graph. Throws `usage` when that is nothing.
  private func matches(of pattern: String, among known: Set<String>) throws(OnyxError) -> [String] {
    if known.contains(pattern) { return [pattern] }
    if pattern == "all" { return madeTensorNames }
    guard NamePattern.isPattern(pattern) else {
      throw .usage("The graph has no tensor '\(pattern)'.", remedy: fetchSuggestion(for: pattern))
    }
    let glob = NamePattern(pattern)
    let found = fetchCandidates.filter(glob.matches)
    guard !found.isEmpty else {
      throw .usage("No tensor of the graph matches '\(pattern)'.", remedy: fetchSuggestion(for: pattern.filter { $0 != "*" && $0 != "?" }))
    }
    return found
  }

  /// What nodes make, then inputs and weights.
  private var fetchCandidates: [String] {
    let made = madeTensorNames
    return made + Set(tensorNames).subtracting(made).sorted()
  }

  /// People mix up nodes and tensors; and what nodes make is named before weights.
  private func fetchSuggestion(for name: String) -> String {
    let graph = model.graph
    if let node = graph.nodes.first(where: { $0.name == name && !name.isEmpty }) {
      return "That is a node; it makes " + node.outputs.compactMap { $0.map { "'\(graph[$0].name)'" } }.joined(separator: ", ") + "."
    }
    return Names.suggestion(for: name, among: fetchCandidates, what: "tensors")
  }
}
