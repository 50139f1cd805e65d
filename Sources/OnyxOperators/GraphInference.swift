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
        try infer(GraphRules.Node(graph.nodes[index], graph), operators[index], graph.nodes[index])
      } catch { try pass(error, index) }
    }
  }

  /// As `init(_:operators:inputs:)` for a graph whose nodes Onyx has. What `last`, an inference by the same rules, knows of nodes that read
  /// the same as then is taken from there.
  package init(_ rules: GraphRules, inputs: [ValueID: Inferred], last: GraphInference? = nil) throws(OnyxError) {
    passesUnsupported = false
    depth = 0
    (operators, order, values) = (rules.operators, rules.order, rules.values)
    for (id, known) in inputs { values[id.index] = known }
    guard let last else {
      for index in order { try infer(rules.nodes[index], operators[index], rules.graph.nodes[index]) }
      return
    }
    isUnchanged = Array(repeating: true, count: values.count)
    for id in rules.graph.inputs { isUnchanged[id.index] = values[id.index].isKnownSame(as: last.values[id.index]) }
    for index in order {
      let node = rules.nodes[index]
      if node.reads.allSatisfy({ isUnchanged[$0.index] }) {
        for case let output? in node.outputs { values[output.index] = last.values[output.index] }
        continue
      }
      // A signature speaks of element types, which are mostly those of the last time.
      let isChecked = node.inputs.allSatisfy { id in
        guard let id else { return true }
        return values[id.index]?.elementType.map { $0 == last.values[id.index]?.elementType } ?? false
      }
      try infer(node, operators[index], rules.graph.nodes[index], isChecked: isChecked)
      for case let output? in node.outputs {
        isUnchanged[output.index] = values[output.index].isKnownSame(as: last.values[output.index])
      }
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

  private mutating func infer(
    _ node: GraphRules.Node, _ op: any Operator, _ source: @autoclosure () -> Node, isChecked: Bool = false
  ) throws(OnyxError) {
    let inputs = node.inputs.map { $0.flatMap { values[$0.index] } }
    do throws(OnyxError) {
      if !isChecked {
        try Catalog.definition(of: source().op)?.signature.check(
          inputs: inputs.map { $0?.type }, isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
      }
      // An input whose type is unknown (a body's captured value) leaves the outputs unknown too.
      for index in inputs.indices where inputs[index] == nil && node.inputs[index] != nil { return }
      guard let captured = node.hasBodies ? InferenceContext.captured(by: source(), { values[$0.index] }) : [:] else { return }
      let context = InferenceContext(
        inputs: inputs, outputCount: node.outputs.count, symbolPrefix: node.symbolPrefix, captured: captured, depth: depth,
        passesUnsupported: passesUnsupported)
      let results = try op.infer(context)
      guard results.count >= node.outputs.count else { throw OnyxError.bug("The shape rule gave \(results.count) results.") }
      for index in node.outputs.indices {
        if let output = node.outputs[index] { values[output.index] = results[index] }
      }
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
