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
    // What a model says of the extents inside sequences and optionals is checked by nobody.
    values = graph.values.map { $0.type.map { Inferred($0.elementType == nil ? ValueType($0.kind) : $0) } }
    let isInput = Set(graph.inputs)
    for (id, tensor) in graph.initializers where !isInput.contains(id) { values[id.index] = Inferred(constant: tensor) }
    for (id, known) in inputs { values[id.index] = known }
    if let given { operators = given } else { try makeOperators(graph) }
    for index in order where unsupported[index] == nil {
      do throws(OnyxError) {
        try infer(graph.nodes[index], operators[index], graph)
      } catch { try pass(error, index) }
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

  private mutating func infer(_ node: Node, _ op: any Operator, _ graph: Graph) throws(OnyxError) {
    let inputs = node.inputs.map { $0.flatMap { values[$0.index] } }
    do throws(OnyxError) {
      try Catalog.definition(of: node.op)?.signature.check(
        inputs: inputs.map { $0?.type }, isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
      // An input whose type is unknown (a body's captured value) leaves the outputs unknown too.
      guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }) else { return }
      // Names of values are unique, names of nodes need not be: two nodes must not share symbols.
      let prefix = node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name } ?? "unk"
      guard let captured = InferenceContext.captured(by: node, { values[$0.index] }) else { return }
      let context = InferenceContext(
        inputs: inputs, outputCount: node.outputs.count, symbolPrefix: prefix, captured: captured, depth: depth,
        passesUnsupported: passesUnsupported)
      let results = try op.infer(context)
      guard results.count >= node.outputs.count else { throw OnyxError.bug("The shape rule gave \(results.count) results.") }
      for (output, result) in zip(node.outputs, results) {
        guard let output else { continue }
        values[output.index] = result
      }
    } catch {
      throw error.at(node: node.label, inputTypes: inputs.map { $0.map { "\($0.type)" } ?? "-" })
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
