import OnyxGraph
import OnyxTensor

/// A body run again and again over values that it carries, at most M times and while its condition holds; what it gives beside the
/// condition and those values is collected along a new first axis. An iteration may make of a carried optional what it holds.
///
/// A condition that becomes false ends also a loop without `cond`: so have ONNX Runtime and the reference evaluator it, while the text says
/// that it is ignored there. ONNX: Loop (1, 11, 13, 16, 19, 21, 23, 24, 25).
package struct Loop: BodyOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Loop", versions: [1, 11, 13, 16, 19, 21, 23, 24, 25],
      inputs: [.optional("M", "I"), .optional("cond", "B"), .variadic("v_initial", "V", atLeast: 0, homogeneous: false)],
      outputs: [.variadic("v_final_and_scan_outputs", "V", homogeneous: false)],
      types: ["I": [.int64], "B": [.bool], "V": .all], others: ["V": .everyOther]), Loop.init)

  package let body: Graph
  package var bodies: [Graph] { [body] }
  /// Whether the body takes the number of the iteration and the condition as tensors of rank 1, as exporters once wrote.
  private let hasRankOne: (iteration: Bool, condition: Bool)

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    body = try attributes.required("body", try attributes.graph("body"))
    guard body.inputs.count >= 2, !body.outputs.isEmpty else {
      throw .invalid("The body of a loop takes an iteration number and a condition, and gives a condition.")
    }
    let carried = body.inputs.count - 2
    guard carried == max(0, attributes.inputCount - 2), carried <= body.outputs.count - 1, attributes.outputCount <= body.outputs.count - 1
    else {
      throw .invalid(
        "The node has \(attributes.inputCount) inputs and \(attributes.outputCount) outputs; its body has \(body.inputs.count) and "
          + "\(body.outputs.count).")
    }
    let ranks = body.inputs.prefix(2).map { [body] in body[$0].type?.shape?.count }
    hasRankOne = (ranks[0] == 1, ranks[1] == 1)
  }

  private var carriedCount: Int { body.inputs.count - 2 }

  /// What is known of the body's inputs in every iteration.
  package func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try settled(context).formals }

  private struct Settled {
    var formals: [Inferred]
    var carried, collected: [Inferred]
    /// Whether the condition that the body gives is always true.
    var staysTrue: Bool
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let settled = try settled(context)
    let extent = try tripCount(context, settled.staysTrue) ?? context.unknown("iterations")
    return settled.carried + (try settled.collected.map { (row) throws(OnyxError) in try Self.stacked(row, extent) })
  }

  private func settled(_ context: InferenceContext) throws(OnyxError) -> Settled {
    var initial: [Inferred] = []
    for index in 0..<carriedCount { initial.append(try context.input(2 + index)) }
    let iteration = Inferred(.int64, hasRankOne.iteration ? [1] : [])
    // The body runs while the condition holds, so it is true wherever the body reads it.
    let condition = Inferred(constant: try Self.condition(hasRankOne.condition))
    var staysTrue = false
    var contents: [Int: ValueType] = [:]
    var (formals, carried, collected) = try context.settled(initial) { (carried) throws(OnyxError) in
      var results = try context.infer(body, [iteration, condition] + carried)
      if let known = results[0].constant { staysTrue = try Value.tensor(known).condition() } else { staysTrue = false }
      for (index, before) in carried.enumerated() {
        guard case .optional(let content) = before.type, results[1 + index].type.kind == content.kind else { continue }
        contents[index] = results[1 + index].type
        results[1 + index].type = .optional(results[1 + index].type)
      }
      return (Array(results[1..<1 + carriedCount]), Array(results.dropFirst(1 + carriedCount)))
    }
    for (index, type) in contents { carried[index].type = type }
    formals = [iteration, condition] + formals
    return Settled(formals: formals, carried: carried, collected: collected, staysTrue: staysTrue)
  }

  /// How often the body runs, where the count and the condition say it.
  private func tripCount(_ context: InferenceContext, _ staysTrue: Bool) throws(OnyxError) -> Dimension? {
    if let condition = context.optional(1) {
      guard let known = condition.constant else { return nil }
      guard try Value.tensor(known).condition() else { return 0 }
    }
    guard let limit = context.optional(0), staysTrue, let known = limit.dimensions?.first else { return nil }
    if let count = known.known { return Dimension(max(0, count)) }
    return known.isNeverNegative ? known : nil
  }

  /// The type of rows that are collected along a new first axis.
  static func stacked(_ row: Inferred, _ extent: Dimension) throws(OnyxError) -> Inferred {
    guard let element = row.elementType else { throw .invalid("A loop collects values of type \(row.type); only tensors can be.") }
    return Inferred(element, row.shape.map { [extent] + $0 })
  }

  private static func condition(_ isRankOne: Bool) throws(OnyxError) -> Tensor { try Tensor([true], shape: isRankOne ? [1] : .scalar) }

  package func run(_ context: BodyContext) throws(OnyxError) -> [Value] {
    let limit = try context.optional(0).map { (value) throws(OnyxError) in try Self.count(value) } ?? .max
    let condition = Value.tensor(try Self.condition(hasRankOne.condition))
    var iterations = Iterations(
      body: 0, limit: limit, isLoop: true, formals: [], carried: try context.values(from: 2),
      collected: Collected(count: body.outputs.count - 1 - carriedCount, capacity: context.optional(0) == nil ? nil : limit))
    iterations.goesOn = try context.optional(1).map { (value) throws(OnyxError) in try value.condition() } ?? true
    while iterations.goesOn, iterations.count < limit {
      iterations.formals = try formals(iterations.count, condition, iterations.carried)
      if try !context.iterate(&iterations) { try callBody(&iterations, context) }
    }
    if iterations.count == 0 { iterations.carried = try contents(iterations.carried, context) }
    return iterations.carried + (try iterations.collected.values(context, after: carriedCount).map { .tensor($0) })
  }

  /// Runs one iteration by a call.
  private func callBody(_ iterations: inout Iterations, _ context: BodyContext) throws(OnyxError) {
    // Nobody else holds what the body takes over, so that it can change a sequence in place.
    var inputs: [Value] = []
    swap(&inputs, &iterations.formals)
    iterations.carried = []
    let results = try context.call(0, &inputs)
    iterations.goesOn = try results[0].condition()
    iterations.carried = Array(results[1..<1 + carriedCount])
    try iterations.collected.append(results[(1 + carriedCount)...], context)
    iterations.count += 1
  }

  /// The inputs of the body in an iteration.
  private func formals(_ iteration: Int, _ condition: Value, _ carried: [Value]) throws(OnyxError) -> [Value] {
    var inputs: [Value] = []
    inputs.reserveCapacity(2 + carried.count)
    inputs.append(.tensor(try Tensor([Int64(iteration)], shape: hasRankOne.iteration ? [1] : .scalar)))
    inputs.append(condition)
    for (index, value) in carried.enumerated() { inputs.append(asFormal(value, 2 + index)) }
    return inputs
  }

  /// Where the rule says that iterations make of an optional what it holds, the same of what came in. Throws `invalidModel` when one
  /// holds nothing.
  private func contents(_ values: [Value], _ context: BodyContext) throws(OnyxError) -> [Value] {
    guard values.contains(where: { if case .optional = $0 { true } else { false } }) else { return values }
    let types = try context.outputTypes()
    return try zip(values, types).map { (value, type) throws(OnyxError) in
      guard case .optional(_, let content) = value, type.kind != value.kind else { return value }
      guard let content else { throw .invalid("The loop ran no iteration, and its optional holds nothing that could be its result.") }
      return content
    }
  }

  /// The value as the body takes it: what an iteration makes of an optional may be its content.
  private func asFormal(_ value: Value, _ index: Int) -> Value {
    guard case .optional(let content)? = body[body.inputs[index]].type, value.kind == content.kind else { return value }
    return .optional(of: content.kind, value)
  }

  private static func count(_ value: Value) throws(OnyxError) -> Int {
    guard case .tensor(let tensor) = value, tensor.elementCount == 1 else {
      throw .invalid("The trip count of a loop is \(value); it must be a tensor of one int64.")
    }
    return try tensor.ints()[0]
  }
}
