import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Nodes of a loop's body that depend on nothing that changes from one iteration to the next, moved before the loop.
  ///
  /// They are deterministic, make tensors of tensors, and have no bodies. What they make is held as long as the loop runs, so it is small
  /// or no larger than what they read. Where the loop certainly runs, that is enough: the first iteration would run them, and fail where
  /// they fail. Where it may run no iteration, only functions of elements and their kin go, over shapes that fit whatever the run brings:
  /// they cannot fail, and cost no more than a pass over their results.
  static let hoistFromLoop = Rewrite("hoist-from-loop", changes: .exact, roots: ["Loop", "Scan", "SequenceMap"]) {
    (site) throws(OnyxError) in
    guard let body = site.loopBody else { return .noMatch }
    var invariants = Invariants(body, site, certainlyRuns: site.certainlyRuns(body))
    try invariants.find()
    guard !invariants.moved.isEmpty else { return .noMatch }
    var patch = Patch(for: site)
    patch.remove([site.index])
    let attributes = site.node.attributes.merging(["body": .graph(invariants.split(&patch))]) { $1 }
    let names = site.node.outputs.map { $0.map(site.workspace.name) }
    for case (let output?, let result?) in zip(
      site.node.outputs, patch.copy(site.node, inputs: site.node.inputs, outputs: names, attributes: attributes))
    where site.isNeeded(output) {
      patch.shunt(output, to: result)
    }
    return .patch(patch)
  }
}

extension Site {
  /// Whether constants and shapes say that the body runs at least once.
  fileprivate func certainlyRuns(_ body: Graph) -> Bool {
    switch node.op {
    case OperatorName("Loop"):
      let limit = hasInput(0) ? constant(ofInput: 0).flatMap { (try? $0.ints())?.first } : 1
      let condition = hasInput(1) ? constant(ofInput: 1).flatMap { (try? $0.elements(as: Bool.self))?.first } : true
      return (limit ?? 0) >= 1 && condition == true
    case OperatorName("Scan"):
      guard let values = IterationValues(node), let input = node.inputs.dropFirst(values.carriedCount).first.flatMap({ $0 }),
        let shape = workspace.inferred(input)?.shape
      else { return false }
      var axis = 0
      if case .ints(let axes)? = node.attributes["scan_input_axes"], let first = axes.first { axis = Int(clamping: first) }
      guard let position = try? Shape.normalize(axis: axis, rank: shape.count) else { return false }
      return (shape[position].lowerBound ?? 0) >= 1
    default: return false
    }
  }
}

/// What of a body is the same in every iteration.
private struct Invariants {
  private let body: Graph
  private let certainlyRuns: Bool
  /// What is known of values that do not change; nil where only that is known.
  private var fixed: [ValueID: Inferred?] = [:]
  /// Nodes that can move, in order. Those without inputs move with who reads them.
  private(set) var moved: [Int] = []
  private var sources: [Int] = []

  init(_ body: Graph, _ site: Site, certainlyRuns: Bool) {
    self.body = body
    self.certainlyRuns = certainlyRuns
    let inputs = Set(body.inputs)
    for (id, tensor) in body.initializers where !inputs.contains(id) { fixed[id] = .some(Inferred(constant: tensor)) }
    for capture in body.captures { fixed[capture.inner] = .some(site.workspace.inferred(capture.outer)) }
  }

  mutating func find() throws(OnyxError) {
    for index in try body.topologicalOrder() {
      let node = body.nodes[index]
      let inputs = node.inputs.compactMap { $0 }
      guard node.bodies.isEmpty, inputs.allSatisfy({ fixed[$0] != nil }) else { continue }
      let op = try Catalog.make(node)
      guard op is any TensorOperator, op.isDeterministic else { continue }
      let known = node.inputs.map { $0.flatMap { fixed[$0] ?? nil } }
      let isComplete = zip(node.inputs, known).allSatisfy { $0 == nil || $1 != nil }
      let results = isComplete ? infer(op, node, known) : nil
      if !inputs.isEmpty {
        guard let results, try isModest(results, of: known) else { continue }
        guard certainlyRuns || cannotFail(node, known, results) else { continue }
      }
      if inputs.isEmpty { sources.append(index) } else { moved.append(index) }
      for (position, output) in node.outputs.enumerated() { if let output { fixed[output] = .some(results?[position]) } }
    }
  }

  private func infer(_ op: any Operator, _ node: Node, _ inputs: [Inferred?]) -> [Inferred]? {
    let context = InferenceContext(inputs: inputs, outputCount: node.outputs.count, symbolPrefix: "hoisted.\(node.label)")
    do throws(OnyxError) { return try op.infer(context) } catch { return nil }
  }

  /// Bytes that may be held for as long as a loop runs, whatever they are made of.
  private static let smallByteCount = 1 << 16

  /// Whether results are small, or no larger together than what they are made of.
  private func isModest(_ results: [Inferred], of inputs: [Inferred?]) throws(OnyxError) -> Bool {
    guard let made = try byteCount(results) else { return false }
    if let known = made.known, known <= Self.smallByteCount { return true }
    guard let read = try byteCount(inputs.compactMap { $0 }) else { return false }
    return try (read - made).isNeverNegative
  }

  /// nil for strings, and where an element type or a rank is not known.
  private func byteCount(_ values: [Inferred]) throws(OnyxError) -> Dimension? {
    var sum = Dimension(0)
    for value in values {
      guard let element = value.elementType, element != .string, let shape = value.shape else { return nil }
      sum = try sum + shape.product() * Dimension(element.byteWidth)
    }
    return sum
  }

  /// Operators that take every element of the numbers that they allow.
  private static let total: Set<OperatorName> = Set(
    ["Add", "Sub", "Mul", "And", "Or", "Xor", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Shape", "Transpose"].map {
      OperatorName($0)
    } + ElementFunction.all.filter { $0.operands == 1 && $0.name != "Clip" }.map { OperatorName($0.name) })

  /// Whether the operator runs for any values of these types: shapes that broadcast are equal axis by axis, or 1.
  private func cannotFail(_ node: Node, _ inputs: [Inferred?], _ results: [Inferred]) -> Bool {
    guard Self.total.contains(node.op) else { return false }
    guard (inputs.compactMap { $0 } + results).allSatisfy({ $0.elementType.map { $0 != .string } ?? false && $0.shape != nil }) else {
      return false
    }
    let shapes = inputs.compactMap { $0?.shape }
    guard shapes.count == 2 else { return true }
    // A result that is larger than both operands may not fit in memory.
    return shapes.contains { $0 == results[0].shape }
      && zip(shapes[0].reversed(), shapes[1].reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
  }

  /// Puts the nodes into the patch. Returns the body that captures what they make.
  func split(_ patch: inout Patch) -> Graph {
    var rest = body
    var places = Dictionary(body.captures.map { ($0.inner, $0.outer) }, uniquingKeysWith: { first, _ in first })
    let reads = Set(moved.flatMap { body.nodes[$0].reads })
    let read = sources.filter { body.nodes[$0].outputs.contains { $0.map(reads.contains) ?? false } }
    for id in reads.sorted() where places[id] == nil { if let tensor = body.initializers[id] { places[id] = patch.moveOut(tensor) } }
    for index in read + moved {
      let node = body.nodes[index]
      for case (let inner?, let outer?) in zip(node.outputs, patch.moveOut(node, of: body, { places[$0] ?? $0 })) { places[inner] = outer }
    }
    let gone = Set(moved)
    rest.nodes = body.nodes.indices.filter { !gone.contains($0) }.map { body.nodes[$0] }
    let stillRead = Set(rest.nodes.flatMap(\.reads)).union(rest.outputs)
    let inputs = Set(body.inputs)
    for index in moved {
      for case let output? in body.nodes[index].outputs where stillRead.contains(output) {
        guard let outer = places[output] else { continue }
        rest.captures.append(Capture(outer: outer, inner: output))
      }
    }
    let made = Set(rest.nodes.flatMap { $0.outputs.compactMap { $0 } })
    rest.initializers = rest.initializers.filter { stillRead.contains($0.key) || inputs.contains($0.key) }
    rest.captures.removeAll { made.contains($0.inner) || !stillRead.contains($0.inner) }
    return rest
  }
}
