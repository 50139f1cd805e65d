import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A rewritten graph and the account of how it came about.
package struct OptimizedGraph: Sendable {
  /// Values that are still used have the ids and names that they had; ids of values that are gone stay unused.
  package let graph: Graph
  package let report: OptimizationReport
}

/// Rewrites graphs: fewer nodes, the same results.
package enum Optimizer {
  /// The graph after the rewrites of `options.level`.
  ///
  /// Inputs and outputs keep their ids, names, order and types; with `fixedInputs` the result is valid only for inputs of
  /// those types. Throws what shape inference throws for an invalid graph, `usage` for an option that names something
  /// unknown. Complexity: O(rounds · nodes · rewrites of the operator), rounds being few.
  package static func optimize(_ graph: Graph, options: OptimizerOptions = OptimizerOptions()) throws(OnyxError) -> OptimizedGraph {
    try optimize(graph, options: options, phases: Phase.all)
  }

  /// The same with other rewrites, for tests.
  package static func optimize(_ graph: Graph, options: OptimizerOptions, phases: [Phase]) throws(OnyxError) -> OptimizedGraph {
    try check(options, phases)
    try checkNesting(of: graph)
    var kept: Set<ValueID> = []
    for name in options.kept.sorted() {
      guard let index = graph.values.firstIndex(where: { $0.name == name }) else {
        throw .usage("The graph has no value named '\(name)'.", remedy: "Names of values are listed by `onyx summary`.")
      }
      kept.insert(ValueID(index))
    }
    guard options.level > .none else { return OptimizedGraph(graph: graph, report: OptimizationReport()) }
    var engine = Engine(options: options, phases: phases.filter { $0.level <= options.level })
    let result = try engine.run(graph, inputs: options.fixedInputs, kept: kept)
    do throws(OnyxError) { try result.validate() } catch {
      throw .bug("The optimizer made an invalid graph. \(error.reason)")
    }
    // What was folded into other constants was read, and is not needed in memory again.
    for (id, constant) in graph.initializers where result.initializers[id] == nil { constant.releasePages() }
    return OptimizedGraph(graph: result, report: engine.finishedReport)
  }

  private static func check(_ options: OptimizerOptions, _ phases: [Phase]) throws(OnyxError) {
    let names = Set(phases.flatMap(\.rewrites).map(\.name))
    guard let unknown = options.disabled.subtracting(names).min() else { return }
    throw .usage("There is no rewrite named '\(unknown)'.", remedy: "Rewrites: \(names.sorted().joined(separator: ", ")).")
  }

  /// Everything after this check may recurse into bodies: the depth is bounded.
  private static func checkNesting(of graph: Graph) throws(OnyxError) {
    var level = [graph]
    for _ in 0..<Graph.deepestBody {
      level = level.flatMap { $0.nodes.flatMap(\.bodies) }
      if level.isEmpty { return }
    }
    throw .invalid("Bodies are nested deeper than \(Graph.deepestBody).", remedy: "Flatten the control flow of the model.")
  }
}
