import OnyxGraph
import OnyxTensor

extension InferenceContext {
  /// What is known of the outputs of a body that runs on such inputs; nil where an input is unknown.
  ///
  /// Dimensions that the body alone knows are unknown outside. Throws `invalidModel` when the body takes another number of inputs
  /// or breaks a rule, and `unsupported` when a node that Onyx lacks leaves the type of an output open.
  package func infer(_ body: Graph, _ formals: [Inferred?]) throws(OnyxError) -> [Inferred] {
    guard formals.count == body.inputs.count else {
      throw .invalid("A body takes \(body.inputs.count) inputs and is given \(formals.count).")
    }
    var inputs: [ValueID: Inferred] = [:]
    for (id, formal) in zip(body.inputs, formals) {
      guard let formal else { continue }
      try Self.check(formal.type, against: body[id].type, "The input '\(body[id].name)' of a body")
      inputs[id] = formal.seenFromBody
    }
    for capture in body.captures {
      if let known = captured[capture.outer] { inputs[capture.inner] = known.seenFromBody }
    }
    let inference = try GraphInference(body, inputs: inputs, passesUnsupported: passesUnsupported, depth: depth + 1)
    var results: [Inferred] = []
    for (index, output) in body.outputs.enumerated() {
      guard let result = inference[output] else {
        throw .unsupported("The type of the output '\(body[output].name)' of a body is not known.")
      }
      results.append(try leaving(result, index))
    }
    return results
  }

  private static func check(_ type: ValueType, against declared: ValueType?, _ subject: String) throws(OnyxError) {
    guard let declared, declared.kind != type.kind else { return }
    throw .invalid("\(subject) is declared as \(declared) and is given \(type).")
  }

  /// The knowledge of a body's output as the enclosing graph can say it.
  private func leaving(_ result: Inferred, _ output: Int) throws(OnyxError) -> Inferred {
    var left = result
    if case .tensor(let element, let shape?) = result.type {
      var dimensions: [Dimension] = []
      for (axis, dimension) in shape.enumerated() { dimensions.append(try dimension.seenFromOutside ?? unknown("body\(output).\(axis)")) }
      left.type = .tensor(element, shape: dimensions)
    } else {
      left.type = result.type.mappingShapes { (try? $0.seenFromOutside) ?? nil }
    }
    if case .dimensions(let dimensions) = result.value {
      var seen: [Dimension] = []
      for dimension in dimensions {
        guard let outside = try dimension.seenFromOutside else {
          left.value = nil
          return left
        }
        seen.append(outside)
      }
      left.value = .dimensions(seen)
    }
    return left
  }

  /// How often a rule may infer the body of a loop until the carried types stand.
  private static let bodyRounds = 3
  /// Each level of nesting multiplies the work, so below this depth one inference must do: of carried tensors without a rank.
  private static let deepestRounds = 3

  /// The types that loop-carried values have before every iteration: those before the first, joined with what `step` makes of them until
  /// nothing changes. Their values differ from one iteration to the next. Gives also their types after the last one, whose extents are
  /// others, and what the last `step` gave beside them.
  func settled(
    _ initial: [Inferred], _ step: ([Inferred]) throws(OnyxError) -> (carried: [Inferred], rest: [Inferred])
  ) throws(OnyxError) -> (formals: [Inferred], carried: [Inferred], rest: [Inferred]) {
    let isDeep = depth >= Self.deepestRounds
    var carried = initial.map { Inferred(isDeep ? ValueType($0.type.kind) : $0.type) }
    for round in 0... {
      let (results, rest) = try step(carried)
      guard results.count == carried.count else {
        throw .invalid("A body gives \(results.count) loop-carried values; \(carried.count) go in.")
      }
      var next: [Inferred] = []
      for (index, (before, after)) in zip(carried, results).enumerated() {
        let name = { (axis: Int) in round < Self.bodyRounds ? unknown("carried\(index).\(axis)") : nil }
        guard let joined = before.type.joined(after.type, unknown: name) else {
          throw .invalid("A loop-carried value is \(before.type) before an iteration and \(after.type) after it.")
        }
        next.append(Inferred(joined))
      }
      if next.map(\.type) == carried.map(\.type) { return (carried, try next.map(final), rest) }
      // Types without extents stand after one more round.
      carried = round < Self.bodyRounds ? next : next.map { Inferred(ValueType($0.type.kind)) }
    }
    return (carried, carried, [])
  }

  /// The type after the last iteration: an extent that iterations change is another one then.
  private func final(_ carried: Inferred) throws(OnyxError) -> Inferred {
    guard case .tensor(let element, let shape?) = carried.type else { return carried }
    let before = "\(symbolPrefix).carried"
    var dimensions: [Dimension] = []
    for dimension in shape {
      dimensions.append(
        try dimension.replacingSymbols { symbol in
          guard symbol.isDerived, !symbol.isMade, symbol.distance == 0, symbol.name.hasPrefix(before) else { return Dimension(symbol) }
          return Dimension(derived: "\(symbolPrefix).final" + symbol.name.dropFirst(before.count))
        })
    }
    return Inferred(element, dimensions)
  }
}

extension Inferred {
  /// The same knowledge with its symbols marked as those of the enclosing graph: a body's own symbols of the same
  /// name are other dimensions.
  package var seenFromBody: Inferred {
    func marked(_ dimensions: [Dimension]) -> [Dimension] { dimensions.map(\.seenFromBody) }
    var seen = self
    seen.type = type.mappingShapes { $0.seenFromBody }
    if case .dimensions(let dimensions) = value { seen.value = .dimensions(marked(dimensions)) }
    return seen
  }

  /// What holds whichever of two values it is. `unknown` names the dimension of an axis that they do not share.
  func joined(_ other: Inferred, unknown: (Int) -> Dimension?) -> Inferred? {
    type.joined(other.type, unknown: unknown).map { Inferred($0) }
  }
}

extension Dimension {
  fileprivate var seenFromBody: Dimension {
    // A product of as many symbols as before, with the same coefficients, does not overflow.
    (try? replacingSymbols { Dimension($0.seenFromBody) }) ?? self
  }

  /// The dimension as the graph around says it; nil when it has a symbol of the body.
  fileprivate var seenFromOutside: Dimension? {
    get throws(OnyxError) {
      guard symbols.allSatisfy({ $0.distance > 0 }) else { return nil }
      return try replacingSymbols { Dimension($0.seenFromOutside ?? $0) }
    }
  }
}
