import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What a pattern has found so far. A value: a branch that fails simply drops its copy.
package struct Bindings: Sendable {
  package var values: [String: ValueID] = [:]
  /// Nodes that the pattern names.
  package var named: [String: Int] = [:]
  /// Every node that the pattern covers.
  package var nodes: Set<Int> = []
}

extension Expression {
  /// Every way to read the node as this formula, the most literal first.
  package func matches(at site: Site) -> [Match] {
    guard case let output?? = site.node.outputs.first else { return [] }
    let matcher = Matcher(workspace: site.workspace)
    return matcher.match(self, output, Bindings()).map { Match(workspace: site.workspace, root: site.index, output: output, bindings: $0) }
  }
}

/// Reads graph values as formulas. Every function returns all solutions that extend the given bindings.
/// Patterns are finite trees, so recursion is bounded by their depth.
private struct Matcher {
  let workspace: Workspace

  func match(_ pattern: Expression, _ value: ValueID, _ bindings: Bindings) -> [Bindings] {
    switch pattern {
    case .value(let name), .optional(let name):
      return bind(name, value, bindings)
    case .constant(let name, let condition):
      guard let tensor = workspace.constant(value), condition(tensor) else { return [] }
      return bind(name, value, bindings)
    case .number(let number, let ulps):
      guard let tensor = workspace.constant(value), tensor.isNumber(number, ulps: ulps) else { return [] }
      return [bindings]
    case .anyOf(let alternatives):
      return alternatives.flatMap { match($0, value, bindings) }
    case .bound(let name, let inner):
      if let earlier = bindings.values[name] { return earlier == value ? [bindings] : [] }
      return match(inner, value, bindings).flatMap { bind(name, value, $0) }
    case .application(let application):
      return match(application, value, bindings)
    }
  }

  private func bind(_ name: String, _ value: ValueID, _ bindings: Bindings) -> [Bindings] {
    if let earlier = bindings.values[name] { return earlier == value ? [bindings] : [] }
    var extended = bindings
    extended.values[name] = value
    return [extended]
  }

  private func match(_ application: Expression.Application, _ value: ValueID, _ bindings: Bindings) -> [Bindings] {
    guard let index = workspace.producer(of: value), let node = workspace.node(index), node.op == application.op else { return [] }
    guard node.outputs.first == value, node.inputs.count <= application.inputs.count else { return [] }
    guard application.attributes.allSatisfy({ $1.accepts(node.attributes[$0]) }) else { return [] }
    var start = bindings
    start.nodes.insert(index)
    if let name = application.name {
      if let earlier = start.named[name], earlier != index { return [] }
      start.named[name] = index
    }
    if let terms = application.chain { return matchChain(of: application.op, terms, index, node, start) }
    var solutions = match(application.inputs, node.inputs, start)
    if commutative.contains(application.op), node.inputs.count == 2 {
      solutions += match(application.inputs, node.inputs.reversed(), start)
    }
    return solutions
  }

  /// Inputs position by position.
  private func match(_ patterns: [Expression], _ inputs: [ValueID?], _ bindings: Bindings) -> [Bindings] {
    var solutions = [bindings]
    for (position, pattern) in patterns.enumerated() {
      if position < inputs.count, let input = inputs[position] {
        solutions = solutions.flatMap { match(pattern, input, $0) }
      } else {
        guard case .optional(let name) = pattern else { return [] }
        solutions = solutions.filter { $0.values[name] == nil }
      }
      if solutions.isEmpty { return [] }
    }
    return solutions
  }

  /// A chain a ∘ b ∘ c … of one operator: its operands in any order and bracketing.
  private func matchChain(of op: OperatorName, _ terms: [Expression], _ root: Int, _ node: Node, _ start: Bindings) -> [Bindings] {
    var solutions: [Bindings] = []
    for (operands, nodes) in operandLists(of: op, count: terms.count, root: root, node) {
      var extended = start
      extended.nodes.formUnion(nodes)
      solutions += assign(terms[...], operands, extended)
    }
    return solutions
  }

  /// Ways to see the tree of `op` below the root as exactly `count` operands, with the nodes opened for it.
  private func operandLists(of op: OperatorName, count: Int, root: Int, _ node: Node) -> [([ValueID], Set<Int>)] {
    var lists = [(node.inputs.compactMap { $0 }, Set([root]))]
    for _ in 2..<count {
      var longer: [([ValueID], Set<Int>)] = []
      for (operands, nodes) in lists {
        for (position, operand) in operands.enumerated() {
          guard let index = workspace.producer(of: operand), let inner = workspace.node(index), inner.op == op, !nodes.contains(index)
          else { continue }
          var opened = operands
          opened.replaceSubrange(position...position, with: inner.inputs.compactMap { $0 })
          longer.append((opened, nodes.union([index])))
        }
      }
      lists = longer
    }
    return lists
  }

  private func assign(_ terms: ArraySlice<Expression>, _ operands: [ValueID], _ bindings: Bindings) -> [Bindings] {
    guard let term = terms.first else { return operands.isEmpty ? [bindings] : [] }
    var solutions: [Bindings] = []
    for position in operands.indices {
      var rest = operands
      let operand = rest.remove(at: position)
      for extended in match(term, operand, bindings) { solutions += assign(terms.dropFirst(), rest, extended) }
    }
    return solutions
  }
}

extension Expression.Application {
  /// The operands of a chain of three or more of one associative operator; unnamed inner applications are opened.
  var chain: [Expression]? { operands.count > 2 ? operands : nil }

  private var operands: [Expression] {
    guard associative.contains(op), name == nil, attributes.isEmpty else { return [] }
    return inputs.flatMap { input -> [Expression] in
      guard case .application(let inner) = input, inner.op == op, !inner.operands.isEmpty else { return [input] }
      return inner.operands
    }
  }
}
