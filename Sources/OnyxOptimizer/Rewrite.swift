import OnyxGraph
import OnyxTensor

/// How far a rewrite may move results.
package enum Changes: String, Sendable, Hashable, CaseIterable {
  /// The reference gives the same numbers.
  case exact
  /// The same formula over real numbers, rounded at other places.
  case rounding
  /// Another formula with a stated error; off unless asked for.
  case approximate
}

/// A condition on a match that the pattern itself cannot say.
package struct Clause: Sendable {
  /// What must hold, as a sentence; the reason when it does not.
  package let sentence: String
  package let holds: @Sendable (Match) -> Bool

  package init(_ sentence: String, holds: @escaping @Sendable (Match) -> Bool) {
    self.sentence = sentence
    self.holds = holds
  }
}

/// What a rewrite makes of one node.
package enum Outcome: Sendable {
  case noMatch
  /// The pattern is there; a condition is not.
  case declined(String)
  case patch(Patch)
}

/// One node of a graph, as a rewrite sees it. A class, so that handing it on does not count a reference to each part of the workspace.
package final class Site: Sendable {
  package let workspace: Workspace
  package let index: Int
  package let node: Node
  package let foldingByteBudget: Int
  /// What evaluations may take in all, beside bytes.
  package let foldingLimits: WorkLimits

  package init(workspace: Workspace, index: Int, node: Node, foldingByteBudget: Int, foldingLimits: WorkLimits = WorkLimits()) {
    self.foldingLimits = foldingLimits
    self.workspace = workspace
    self.index = index
    self.node = node
    self.foldingByteBudget = foldingByteBudget
  }
}

/// One idea of how to write a piece of a graph better.
package struct Rewrite: Sendable {
  /// What happens to matched nodes other than the last one.
  package enum InnerNodes: Sendable {
    /// They are replaced; the rewrite is declined when something else needs one of their values.
    case vanish
    /// They stay if something else needs them.
    case mayStay
  }

  /// Which way the engine walks the graph.
  package enum Direction: Sendable { case forward, backward }

  package let name: String
  package let changes: Changes
  /// Operators of the nodes to look at; nil for all.
  package let roots: Set<OperatorName>?
  package let direction: Direction
  /// Alternatives, best first: the engine takes the first patch that it can prove.
  let attempt: @Sendable (Site) throws(OnyxError) -> [Outcome]

  /// A rewrite in code, for what patterns cannot say. What it throws becomes the reason of a decline.
  package init(
    _ name: String, changes: Changes, roots: [OperatorName]?, direction: Direction = .forward,
    attempt: @escaping @Sendable (Site) throws(OnyxError) -> Outcome
  ) {
    self.name = name
    self.changes = changes
    self.roots = roots.map { Set($0) }
    self.direction = direction
    self.attempt = { (site) throws(OnyxError) in [try attempt(site)] }
  }

  /// The same for operators of the standard, by their names.
  package init(
    _ name: String, changes: Changes, roots: [String]? = nil, direction: Direction = .forward,
    attempt: @escaping @Sendable (Site) throws(OnyxError) -> Outcome
  ) {
    self.init(name, changes: changes, roots: roots.map { $0.map { OperatorName($0) } }, direction: direction, attempt: attempt)
  }

  /// Pattern, conditions and replacement.
  package init(
    _ name: String, changes: Changes, inner: InnerNodes = .vanish, pattern: Expression, when clauses: [Clause] = [], becomes: Expression
  ) {
    self.init(name, changes: changes, inner: inner, pattern: pattern, when: clauses) { (match, patch) throws(OnyxError) in
      var values = match.bindings.values
      return try becomes.build(into: &patch, values: &values, scalars: match.elementType)
    }
  }

  /// Pattern, conditions and a replacement that is computed; `becomes` returns the value that takes the place of the match.
  package init(
    _ name: String, changes: Changes, inner: InnerNodes = .vanish, pattern: Expression, when clauses: [Clause] = [],
    becomes: @escaping @Sendable (Match, inout Patch) throws(OnyxError) -> ValueID
  ) {
    self.name = name
    self.changes = changes
    self.roots = pattern.rootOperators
    self.direction = .forward
    self.attempt = { (site) throws(OnyxError) in
      var outcomes: [Outcome] = []
      for match in pattern.matches(at: site) {
        if let failed = clauses.first(where: { !$0.holds(match) }) {
          outcomes.append(.declined(failed.sentence))
          continue
        }
        var patch = Patch(for: site)
        patch.remove(inner == .vanish ? match.bindings.nodes : [site.index])
        if let reason = site.workspace.escape(from: patch.removed, except: match.output) {
          outcomes.append(.declined(reason))
          continue
        }
        patch.shunt(match.output, to: try becomes(match, &patch))
        outcomes.append(.patch(patch))
      }
      return outcomes
    }
  }
}
