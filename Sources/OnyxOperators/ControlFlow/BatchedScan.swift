import OnyxGraph
import OnyxTensor

/// The scan of version 8: inputs have a batch axis in front of the scanned one, and each batch may have a length of its own. What a
/// batch collects is followed by zeros up to the scanned extent. `onyx.BatchedScan` is what the loader makes of ONNX: Scan (8).
package struct BatchedScan: BodyOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BatchedScan", domain: "onyx", versions: [1],
      inputs: [.optional("sequence_lens", "I"), .variadic("initial_state_and_scan_inputs", "V", homogeneous: false)],
      outputs: [.variadic("final_state_and_scan_outputs", "V", homogeneous: false)], types: ["I": [.int64], "V": .all]), BatchedScan.init)

  package let body: Graph
  package var bodies: [Graph] { [body] }
  private let runBackward: [Bool]
  private let stateCount: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    body = try attributes.required("body", try attributes.graph("body"))
    let scanned = try attributes.required("num_scan_inputs", try attributes.int("num_scan_inputs"))
    stateCount = try Scan.stateCount(body, scanned: scanned, inputs: attributes.inputCount - 1, outputs: attributes.outputCount)
    runBackward = try Scan.directions(try attributes.ints("directions"), count: scanned, "directions")
  }

  /// Nothing: inputs of this old form are as their types say, and no more is asked.
  package func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    body.inputs.compactMap { body[$0].type.map { Inferred(ValueType($0.kind)) } }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    /// The type of one batch, or of one element of it.
    func inner(_ input: Inferred, _ dropped: Int) throws(OnyxError) -> Inferred {
      guard let shape = input.shape else { return input.resized(nil) }
      guard shape.count >= dropped else { throw .invalid("An input of shape \(shape) has no axes for the batch and the scan.") }
      return input.resized(Array(shape.dropFirst(dropped)))
    }
    var (states, slices): ([Inferred], [Inferred]) = ([], [])
    for index in 0..<body.inputs.count {
      let input = try context.tensor(1 + index)
      if index < stateCount { states.append(try inner(input, 1)) } else { slices.append(try inner(input, 2)) }
    }
    let scanned = try context.tensor(1 + stateCount)
    let (_, final, rows) = try context.settled(states) { (states) throws(OnyxError) in
      let results = try context.infer(body, states + slices)
      return (Array(results.prefix(stateCount)), Array(results.dropFirst(stateCount)))
    }
    let (batch, extent) = (scanned.shape?[0] ?? context.unknown("batch"), scanned.shape?[1] ?? context.unknown("iterations"))
    return final.map { $0.resized($0.shape.map { [batch] + $0 }) } + rows.map { $0.resized($0.shape.map { [batch, extent] + $0 }) }
  }

  package func run(_ context: BodyContext) throws(OnyxError) -> [Value] {
    var inputs: [Tensor] = []
    for value in try context.values(from: 1) { inputs.append(try value.tensor()) }
    guard let batches = inputs.first?.shape.first, inputs.allSatisfy({ $0.shape.first == batches }),
      let extent = inputs[stateCount].shape.dimensions.dropFirst().first
    else { throw .invalid("The inputs have different numbers of batches.") }
    guard inputs[stateCount...].allSatisfy({ $0.shape.rank >= 2 && $0.shape[1] == extent }) else {
      throw .invalid("The scanned inputs have different numbers of elements along their axes.")
    }
    let lengths = try context.optional(0).map { (value) throws(OnyxError) in try value.tensor().ints() }
    guard lengths.map({ $0.count == batches }) ?? true else {
      throw .invalid("sequence_lens needs one number for each of \(batches) batches.")
    }
    let collectedCount = body.outputs.count - stateCount
    for length in lengths ?? [] where !(0...extent).contains(length) {
      throw .invalid("A scan of \(length) elements was asked for; there are \(extent).")
    }
    if batches == 0 || extent == 0 {
      let types = try context.outputTypes()
      let collected = try types[stateCount...].map { (type) throws(OnyxError) in Value.tensor(try Collected.empty(type)) }
      return inputs[..<stateCount].map { .tensor($0) } + collected
    }
    var states = Collected(count: stateCount, capacity: batches)
    var rows = Collected(count: collectedCount, capacity: batches)
    var emptyStacks: [Value]?
    for batch in 0..<batches {
      try context.check()
      let initial = try inputs[..<stateCount].map { (input) throws(OnyxError) in Value.tensor(try input.row(batch)) }
      if lengths?[batch] == 0 {
        try states.append(initial[...], context)
        if emptyStacks == nil { emptyStacks = try Self.emptyStacks(context.outputTypes()[stateCount...]) }
        try rows.append((emptyStacks ?? [])[...], context)
        continue
      }
      let scanned = try inputs[stateCount...].map { (input) throws(OnyxError) in try input.row(batch) }
      let scan = ScanRun(body: 0, scanned: scanned, runBackward: runBackward, collectedCount: collectedCount)
      let (final, collected) = try scan.run(initial, length: lengths?[batch], context)
      try states.append(final[...], context)
      var stacks: [Value] = []
      for case let stack? in try collected.tensors() { stacks.append(.tensor(try stack.padded(to: extent))) }
      try rows.append(stacks[...], context)
    }
    return try (states.values(context, after: 0) + rows.values(context, after: stateCount)).map { .tensor($0) }
  }

  /// What a batch of no iterations collects: zeros of one row of the outputs. Extents that are not known are 0.
  private static func emptyStacks(_ types: ArraySlice<ValueType>) throws(OnyxError) -> [Value] {
    try types.map { (type) throws(OnyxError) in
      guard let element = type.elementType else { throw .bug("A loop collects no tensors.") }
      let row = (type.shape ?? [0, 0]).dropFirst().map { max(0, $0.known ?? 0) }
      return .tensor(try .zeros(element, shape: try Shape(row)))
    }
  }
}

extension Tensor {
  /// With zeros, or empty strings, behind the rows until there are `count`.
  fileprivate func padded(to count: Int) throws(OnyxError) -> Tensor {
    guard shape[0] < count else { return self }
    var dimensions = shape.dimensions
    dimensions[0] = count - shape[0]
    return try .concatenated([self, .zeros(elementType, shape: try Shape(dimensions))], axis: 0)
  }
}
