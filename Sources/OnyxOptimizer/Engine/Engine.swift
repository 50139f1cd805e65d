import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Applies the rewrites of each phase to a graph and its bodies until none has anything left to do.
struct Engine {
  let options: OptimizerOptions
  let phases: [Phase]
  private var report = OptimizationReport()
  /// Rewrites that were refused and not applied since, by rewrite and node.
  private var declined: [(path: String, entry: OptimizationReport.Declined)] = []
  /// (rewrite, node as it was): what was applied once to a node is not applied to the same node again, so rewrites that
  /// undo each other stop.
  private var seen: Set<String> = []
  /// Nodes around the body that is being rewritten, outermost first.
  private var trail: [String] = []
  /// The same by their places in their graphs: names need not be unique.
  private var path = "/"

  /// Rounds over one graph in one phase. A round ends when every node was looked at; what one rewrite makes possible for
  /// earlier nodes waits for the next. Formulas need two or three, so many rounds mean rewrites that feed each other.
  static let roundBound = 32
  /// Rewrites over one graph in one phase, for each of its nodes. A node goes through a handful of forms.
  static let rewritesPerNode = 16
  /// Rewrites that the graph being worked on may still have in this phase.
  private var allowance = 0
  /// Bytes that the rewrites may still add as new constants: many small folded values are as large as one.
  private var foldingBytesLeft: Int
  /// What evaluations may take in all. Counted and not timed, so that equal graphs are folded alike.
  private let foldingLimits: WorkLimits

  init(options: OptimizerOptions, phases: [Phase]) {
    self.options = options
    self.phases = phases
    let (total, overflow) = options.foldingByteBudget.multipliedReportingOverflow(by: OptimizerOptions.foldedValues)
    foldingBytesLeft = overflow ? .max : total
    foldingLimits = WorkLimits(memoryBudget: OptimizerOptions.foldingMemory, questions: OptimizerOptions.foldingQuestions)
  }

  var finishedReport: OptimizationReport {
    var finished = report
    finished.declined = declined.map { $0.entry }
    return finished
  }

  private var isLimited: Bool { options.rewritesLimit.map { report.applied.count >= $0 } ?? false }

  /// Complexity: O(rounds · nodes).
  mutating func run(_ graph: Graph, inputs: [ValueID: Inferred], kept: Set<ValueID>) throws(OnyxError) -> Graph {
    var graph = graph
    for id in graph.inputs { if let known = inputs[id] { graph[id].type = known.type } }
    var state = Standing(firstDeclined: declined.count)
    var before = -1
    for phase in phases where !phase.isSequel || report.applied.count > before {
      before = report.applied.count
      try run(phase, on: &graph, inputs, kept, &state)
    }
    if graph.nodes.contains(where: { !$0.bodies.isEmpty }) {
      state.workspace = nil
      if try optimizeBodies(of: &graph, inputs, &state.knowledge) {
        try run(Phase(level: .canonicalise, rewrites: [.removeDeadNodes]), on: &graph, inputs, kept, &state)
        // Constants that only bodies read are no nodes that a rewrite removes.
        if let workspace = state.workspace { graph = workspace.graph() }
      }
    }
    return graph
  }

  private mutating func run(
    _ phase: Phase, on graph: inout Graph, _ inputs: [ValueID: Inferred], _ kept: Set<ValueID>, _ state: inout Standing
  ) throws(OnyxError) {
    let rewrites = RewriteTable(
      phase.rewrites.filter { options.allowedChanges.contains($0.changes) && !options.disabled.contains($0.name) })
    allowance = Self.rewritesPerNode * max(graph.nodes.count, 1)
    for round in 1... {
      if isLimited { report.end = .rewritesLimit }
      if round > Self.roundBound || allowance <= 0 { report.end = .bound }
      if isLimited || round > Self.roundBound || allowance <= 0 { return }
      var workspace: Workspace
      if let earlier = state.workspace.take() {
        workspace = earlier
      } else {
        workspace = try Workspace(graph, inputs: inputs, kept: kept, knowledge: state.knowledge, names: state.names.take())
      }
      let before = report.applied.count
      let others = declined[state.firstDeclined...].filter { !rewrites.names.contains($0.entry.rewrite) || !$0.path.hasPrefix(path) }
      declined.replaceSubrange(state.firstDeclined..., with: others)
      runRound(rewrites, &workspace)
      if report.applied.count == before {
        state.workspace = workspace
        return
      }
      graph = workspace.graph()
      state.knowledge = workspace.hasNews ? nil : workspace.knowledge
      state.names = workspace.names
    }
  }

  /// Leaves out what is left when the work of the thread has to end, whose results nobody keeps.
  private mutating func runRound(_ rewrites: RewriteTable, _ workspace: inout Workspace) {
    for index in workspace.order.reversed() {
      if WorkLimits.isOver { return }
      for rewrite in rewrites.backward { _ = apply([rewrite], at: index, &workspace) }
    }
    for index in workspace.order {
      if WorkLimits.isOver { return }
      var pending = [index]
      while let next = pending.popLast(), let node = workspace.node(next) {
        if let added = apply(rewrites.forward(node.op), at: next, &workspace) { pending += added.reversed() }
      }
    }
  }

  /// Applies the first of the rewrites that has an alternative that can be proven. Returns the new nodes; nil when nothing was applied.
  private mutating func apply(_ rewrites: [Rewrite], at index: Int, _ workspace: inout Workspace) -> [Int]? {
    guard !isLimited, allowance > 0, let node = workspace.node(index),
      let (rewrite, patch, inferred) = choose(rewrites, at: index, node, workspace)
    else { return nil }
    allowance -= 1
    allowance += Self.rewritesPerNode * patch.moved.nodes
    // Constants of the file that rewrites of one graph move count too; they are few next to the bound.
    foldingBytesLeft -= min(foldingBytesLeft, patch.constants.values.reduce(0) { $0 + $1.heldByteCount } - patch.moved.byteCount)
    report.applied.append(.init(rewrite: rewrite.name, changes: rewrite.changes, node: trailPrefix + node.label))
    return workspace.apply(patch, inferred)
  }

  /// The first rewrite with an alternative that can be proven. The site, which shares the workspace, is gone when the patch is applied:
  /// nothing has to be copied then.
  private mutating func choose(
    _ rewrites: [Rewrite], at index: Int, _ node: Node, _ workspace: Workspace
  ) -> (Rewrite, Patch, [Inferred?])? {
    let site = Site(
      workspace: workspace, index: index, node: node, foldingByteBudget: min(options.foldingByteBudget, foldingBytesLeft),
      foldingLimits: foldingLimits)
    for rewrite in rewrites {
      if let (patch, inferred) = choose(rewrite, site) { return (rewrite, patch, inferred) }
    }
    return nil
  }

  private mutating func choose(_ rewrite: Rewrite, _ site: Site) -> (Patch, [Inferred?])? {
    var reasons: [String] = []
    let node = site.node
    for outcome in outcomes(of: rewrite, site) {
      switch outcome {
      case .noMatch: continue
      case .declined(let reason): reasons.append(reason)
      case .patch(let patch):
        guard case .proven(let inferred) = check(patch, in: site.workspace, &reasons) else { continue }
        let outputs = node.outputs.map { $0.map { "\($0.index)" } ?? "_" }.joined(separator: ",")
        guard seen.insert("\(path)|\(rewrite.name)|\(outputs)|\(node.fingerprint)").inserted else {
          reasons.append("It was applied to this node before: another rewrite undoes it.")
          continue
        }
        return (patch, inferred)
      }
    }
    if let reason = reasons.first {
      declined.append((path, .init(rewrite: rewrite.name, node: trailPrefix + node.label, reason: reason)))
    }
    return nil
  }

  /// A rewrite that fails is no error of the model.
  private func outcomes(of rewrite: Rewrite, _ site: Site) -> [Outcome] {
    do throws(OnyxError) { return try rewrite.attempt(site) } catch { return [.declined(error.reason)] }
  }

  private func check(_ patch: Patch, in workspace: Workspace, _ reasons: inout [String]) -> Verdict {
    let verdict = workspace.prove(patch)
    if case .refused(let reason) = verdict { reasons.append(reason) }
    return verdict
  }

  private var trailPrefix: String { trail.map { "\($0) > " }.joined() }
}

extension Engine {
  /// Rewrites every body. Returns whether a body gave up a captured value: its maker may be dead now.
  ///
  /// Recursion is bounded by `Graph.deepestBody`, checked before the engine starts.
  private mutating func optimizeBodies(
    of graph: inout Graph, _ inputs: [ValueID: Inferred], _ knowledge: inout [Inferred?]?
  ) throws(OnyxError) -> Bool {
    let known: [Inferred?]
    if let knowledge { known = knowledge } else { known = try GraphInference(graph, inputs: inputs).values }
    knowledge = known
    var gaveUp = false
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) where !attribute.graphs.isEmpty {
        var bodies: [Graph] = []
        for (number, body) in attribute.graphs.enumerated() {
          trail.append("\(node.label) \(name)" + (attribute.graphs.count > 1 ? "[\(number)]" : ""))
          let outside = path
          path += "\(index).\(name).\(number)/"
          let result = optimizeBody(body, known, formals(of: node, known))
          path = outside
          trail.removeLast()
          gaveUp = gaveUp || result.captures.count < body.captures.count
          bodies.append(result)
        }
        if case .graph = attribute {
          graph.nodes[index].attributes[name] = .graph(bodies[0])
        } else {
          graph.nodes[index].attributes[name] = .graphs(bodies)
        }
      }
    }
    return gaveUp
  }

  /// What the node's operator says of the inputs of its body; nil when the rule does not tell.
  private func formals(of node: Node, _ outer: [Inferred?]) -> [Inferred]? {
    var captured: [ValueID: Inferred] = [:]
    for capture in node.bodies.flatMap(\.captures) { captured[capture.outer] = outer[capture.outer.index] }
    let inputs = node.inputs.map { $0.flatMap { outer[$0.index] } }
    do throws(OnyxError) {
      guard let op = try Catalog.make(node) as? any BodyOperator, zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }) else {
        return nil
      }
      return try op.formals(
        InferenceContext(inputs: inputs, outputCount: node.outputs.count, symbolPrefix: node.label, captured: captured, depth: trail.count))
    } catch { return nil }
  }

  /// A body as it stands when its own inference fails: a branch that this model never takes may be inconsistent.
  private mutating func optimizeBody(_ body: Graph, _ outer: [Inferred?], _ formals: [Inferred]?) -> Graph {
    var captured: [ValueID: Inferred] = [:]
    // What a body says of its own inputs' extents may hold for the first of its runs only.
    for (index, id) in body.inputs.enumerated() {
      if let formals, formals.indices.contains(index) {
        captured[id] = formals[index].seenFromBody
      } else if let type = body[id].type {
        captured[id] = Inferred(ValueType(type.kind))
      }
    }
    for capture in body.captures {
      guard outer.indices.contains(capture.outer.index), let known = outer[capture.outer.index] else { continue }
      captured[capture.inner] = known.seenFromBody
    }
    let before = report
    do throws(OnyxError) { return try run(body, inputs: captured, kept: []) } catch {
      report = before
      declined.append((path, .init(rewrite: "body", node: trail.joined(separator: " > "), reason: error.reason)))
      return body
    }
  }
}

/// What one phase leaves to the next about the graph: a workspace when it did not change since, else what is known of its values.
private struct Standing {
  /// Where what was declined in the graph and its bodies begins.
  let firstDeclined: Int
  var knowledge: [Inferred?]?
  var names: Workspace.Names?
  var workspace: Workspace?
}

/// The rewrites of a phase, by the operators that they start from; in the order of the phase.
private struct RewriteTable {
  let names: Set<String>
  let backward: [Rewrite]
  private let byOperator: [OperatorName: [Rewrite]]
  private let general: [Rewrite]

  init(_ rewrites: [Rewrite]) {
    names = Set(rewrites.map(\.name))
    backward = rewrites.filter { $0.direction == .backward }
    let forward = rewrites.filter { $0.direction == .forward }
    general = forward.filter { $0.roots == nil }
    let operators = forward.reduce(into: Set<OperatorName>()) { $0.formUnion($1.roots ?? []) }
    byOperator = Dictionary(uniqueKeysWithValues: operators.map { op in (op, forward.filter { $0.roots?.contains(op) ?? true }) })
  }

  func forward(_ op: OperatorName) -> [Rewrite] { byOperator[op] ?? general }
}
