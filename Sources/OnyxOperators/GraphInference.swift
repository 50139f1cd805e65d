import OnyxGraph
import OnyxTensor

/// Types, shapes and known values of every value of a graph, found by running each operator's rule once in order.
package struct GraphInference: Sendable {
  /// Indexed by `ValueID`; nil when nothing is known.
  package private(set) var values: [Inferred?]
  /// The operator of each node, indexed like `graph.nodes`.
  package private(set) var operators: [any Operator] = []
  package private(set) var order: [Int] = []
  /// Why nodes were passed over, by index; empty unless the caller passes over what Onyx lacks.
  package private(set) var unsupported: [Int: OnyxError] = [:]
  /// Whether the same is known of a value as in the inference before, by value; empty where there was none.
  package private(set) var isUnchanged: [Bool] = []
  private let passesUnsupported: Bool
  private let depth: Int

  /// `inputs` overrides what the graph says of its inputs and captures: concrete shapes for a plan, types for a body.
  ///
  /// Throws `unsupported` for an operator that is not in the catalog and `invalidModel` for a node that breaks a rule, each
  /// with the node's name, operator and input types. With `passesUnsupported` a node that Onyx lacks throws nothing: of what it
  /// makes only that is known which the graph itself says. `operators`, those of the nodes, are made when they are not given. `depth`
  /// counts the bodies around the graph. Complexity: O(nodes).
  package init(
    _ graph: Graph, operators given: [any Operator]? = nil, inputs: [ValueID: Inferred] = [:], passesUnsupported: Bool = false,
    depth: Int = 0
  ) throws(OnyxError) {
    self.passesUnsupported = passesUnsupported
    self.depth = depth
    order = try graph.topologicalOrder()
    values = GraphRules.values(graph)
    for (id, known) in inputs { values[id.index] = known }
    if let given { operators = given } else { try makeOperators(graph) }
    for index in order where unsupported[index] == nil {
      do throws(OnyxError) {
        let node = GraphRules.Node(graph.nodes[index], graph)
        guard let results = try infer(node, operators[index], graph.nodes[index]) else { continue }
        store(results, node)
      } catch { try pass(error, index) }
    }
  }

  /// As `init(_:operators:inputs:)` for a graph whose nodes Onyx has. `limits` are asked between nodes: throws `budgetExceeded` when they
  /// are over.
  package init(_ rules: GraphRules, inputs: [ValueID: Inferred], _ limits: WorkLimits.Outer = .none) throws(OnyxError) {
    passesUnsupported = false
    depth = 0
    (operators, order, values) = (rules.operators, rules.order, rules.values)
    for (id, known) in inputs { values[id.index] = known }
    for index in order {
      try limits.check()
      let node = rules.nodes[index]
      if let results = try infer(node, operators[index], rules.graph.nodes[index]) { store(results, node) }
    }
  }

  /// Infers for other inputs, by the rules that made this inference: what is known of nodes that read the same as before stays.
  /// Asks `limits` as `init` does. Of no use after it has thrown.
  package mutating func update(_ rules: GraphRules, inputs: [ValueID: Inferred], _ limits: WorkLimits.Outer = .none) throws(OnyxError) {
    isUnchanged = Array(repeating: true, count: values.count)
    // A signature speaks of element types, which are mostly those of the last time.
    var keepsElement = isUnchanged
    for id in rules.graph.inputs { replace(id, inputs[id] ?? rules.values[id.index], &keepsElement) }
    for index in order {
      let node = rules.nodes[index]
      guard node.reads.contains(where: { !isUnchanged[$0.index] }) else { continue }
      try limits.check()
      let isChecked = node.inputs.allSatisfy { $0.map { keepsElement[$0.index] } ?? true }
      let results = try infer(node, operators[index], rules.graph.nodes[index], isChecked: isChecked)
      for (position, output) in node.outputs.enumerated() {
        if let output { replace(output, results?[position] ?? rules.values[output.index], &keepsElement) }
      }
    }
  }

  private mutating func replace(_ id: ValueID, _ known: Inferred?, _ keepsElement: inout [Bool]) {
    keepsElement[id.index] = known?.elementType != nil && known?.elementType == values[id.index]?.elementType
    isUnchanged[id.index] = known.isKnownSame(as: values[id.index])
    values[id.index] = known
  }

  private mutating func store(_ results: [Inferred], _ node: GraphRules.Node) {
    for index in node.outputs.indices {
      if let output = node.outputs[index] { values[output.index] = results[index] }
    }
  }

  private mutating func makeOperators(_ graph: Graph) throws(OnyxError) {
    for (index, node) in graph.nodes.enumerated() {
      do throws(OnyxError) {
        operators.append(try passesUnsupported ? Catalog.makeCurrent(node) : Catalog.make(node))
      } catch {
        try pass(error, index)
        operators.append(UnknownOperator())
      }
    }
  }

  private mutating func pass(_ error: OnyxError, _ index: Int) throws(OnyxError) {
    guard passesUnsupported, error.code == .unsupported else { throw error }
    unsupported[index] = error
  }

  package subscript(id: ValueID) -> Inferred? { values[id.index] }

  /// What the rule says of the node's outputs; nil when too little is known of what it reads.
  private func infer(
    _ node: GraphRules.Node, _ op: any Operator, _ source: @autoclosure () -> Node, isChecked: Bool = false
  ) throws(OnyxError) -> [Inferred]? {
    let inputs = node.inputs.map { $0.flatMap { values[$0.index] } }
    do throws(OnyxError) {
      if !isChecked {
        try Catalog.definition(of: source().op)?.signature.check(
          inputs: inputs.map { $0?.type }, isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
      }
      // An input whose type is unknown (a body's captured value) leaves the outputs unknown too.
      for index in inputs.indices where inputs[index] == nil && node.inputs[index] != nil { return nil }
      guard let captured = node.hasBodies ? InferenceContext.captured(by: source(), { values[$0.index] }) : [:] else { return nil }
      let context = InferenceContext(
        inputs: inputs, outputCount: node.outputs.count, symbolPrefix: node.symbolPrefix, captured: captured, depth: depth,
        passesUnsupported: passesUnsupported)
      let results = try op.infer(context)
      guard results.count >= node.outputs.count else { throw OnyxError.bug("The shape rule gave \(results.count) results.") }
      return results
    } catch {
      throw error.at(node: source().label, inputTypes: inputs.map { $0.map { "\($0.type)" } ?? "-" })
    }
  }
}

extension InferenceContext {
  /// What is known of the values that the bodies of a node capture, by their ids in its graph; nil when the type of one is unknown.
  package static func captured(by node: Node, _ known: (ValueID) -> Inferred?) -> [ValueID: Inferred]? {
    var captured: [ValueID: Inferred] = [:]
    for body in node.bodies {
      for capture in body.captures {
        guard let known = known(capture.outer) ?? body[capture.inner].type.map({ Inferred($0) }) else { return nil }
        captured[capture.outer] = known
      }
    }
    return captured
  }
}
