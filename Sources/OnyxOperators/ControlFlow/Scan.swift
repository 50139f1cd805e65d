import OnyxGraph
import OnyxTensor

/// A body run once for each element of its scanned inputs along an axis, over state that it carries; what it gives beside the state is
/// collected along an axis. ONNX: Scan (8, 9, 11, 16, 19, 21, 23, 24, 25). The form of version 8 is `BatchedScan`.
package struct Scan: BodyOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Scan", versions: [8, 9, 11, 16, 19, 21, 23, 24, 25],
      inputs: [.variadic("initial_state_and_scan_inputs", "V", homogeneous: false)],
      outputs: [.variadic("final_state_and_scan_outputs", "V", homogeneous: false)], types: ["V": .all]), Scan.init)

  package let body: Graph
  package var bodies: [Graph] { [body] }
  private let inputAxes, outputAxes: [Int]
  private let inputsRunBackward, outputsRunBackward: [Bool]
  private let stateCount: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    body = try attributes.required("body", try attributes.graph("body"))
    let scanned = try attributes.required("num_scan_inputs", try attributes.int("num_scan_inputs"))
    stateCount = try Self.stateCount(body, scanned: scanned, inputs: attributes.inputCount, outputs: attributes.outputCount)
    let collected = body.outputs.count - stateCount
    inputAxes = try Self.list(try attributes.ints("scan_input_axes"), count: scanned, "scan_input_axes")
    outputAxes = try Self.list(try attributes.ints("scan_output_axes"), count: collected, "scan_output_axes")
    inputsRunBackward = try Self.directions(try attributes.ints("scan_input_directions"), count: scanned, "scan_input_directions")
    outputsRunBackward = try Self.directions(try attributes.ints("scan_output_directions"), count: collected, "scan_output_directions")
  }

  /// How many of the body's inputs are state. Throws `invalidModel` for numbers that do not fit together.
  static func stateCount(_ body: Graph, scanned: Int, inputs: Int, outputs: Int) throws(OnyxError) -> Int {
    guard scanned >= 1, scanned <= inputs else { throw .invalid("num_scan_inputs is \(scanned); the node has \(inputs) inputs.") }
    let states = inputs - scanned
    guard body.inputs.count == inputs, outputs <= body.outputs.count, states <= body.outputs.count else {
      throw .invalid(
        "The node has \(inputs) inputs and \(outputs) outputs; its body has \(body.inputs.count) and \(body.outputs.count).")
    }
    return states
  }

  /// One number for each; absent ones are 0. Throws `invalidModel` for another count.
  static func list(_ values: [Int]?, count: Int, _ name: String) throws(OnyxError) -> [Int] {
    let values = values ?? Array(repeating: 0, count: count)
    guard values.count == count else { throw .invalid("The attribute '\(name)' has \(values.count) numbers; it needs \(count).") }
    return values
  }

  /// Whether each runs from the end. Throws `invalidModel` for anything but 0 and 1.
  static func directions(_ values: [Int]?, count: Int, _ name: String) throws(OnyxError) -> [Bool] {
    try list(values, count: count, name).map { (value) throws(OnyxError) in
      guard value == 0 || value == 1 else { throw .invalid("The attribute '\(name)' holds \(value); it must be 0 or 1.") }
      return value == 1
    }
  }

  /// The states as they are in every iteration, and one element of each scanned input.
  package func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { try settled(context).formals }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let settled = try settled(context)
    return try settled.states
      + zip(settled.rows, outputAxes).map { (row, axis) throws(OnyxError) in
        guard row.elementType != nil else { throw .invalid("A scan collects values of type \(row.type); only tensors can be.") }
        guard var shape = row.shape else { return row.resized(nil) }
        shape.insert(settled.extent, at: try Shape.normalize(axis: axis, rank: shape.count + 1))
        return row.resized(shape)
      }
  }

  private typealias Settled = (formals: [Inferred], states: [Inferred], rows: [Inferred], extent: Dimension)

  private func settled(_ context: InferenceContext) throws(OnyxError) -> Settled {
    var extent: Dimension?
    var slices: [Inferred] = []
    for (index, axis) in inputAxes.enumerated() {
      let input = try context.tensor(stateCount + index)
      guard var shape = input.shape else {
        slices.append(input.resized(nil))
        continue
      }
      let length = shape.remove(at: try Shape.normalize(axis: axis, rank: shape.count))
      if let extent, extent.known != nil, length.known != nil, extent != length {
        throw .invalid("The scanned inputs have \(extent) and \(length) elements along their axes.")
      }
      if extent?.known == nil { extent = length }
      slices.append(input.resized(shape))
    }
    var initial: [Inferred] = []
    for index in 0..<stateCount { initial.append(try context.tensor(index)) }
    let (formals, states, rows) = try context.settled(initial) { (states) throws(OnyxError) in
      let results = try context.infer(body, states + slices)
      return (Array(results.prefix(stateCount)), Array(results.dropFirst(stateCount)))
    }
    return (formals + slices, states, rows, extent ?? context.unknown("iterations"))
  }

  package func run(_ context: BodyContext) throws(OnyxError) -> [Value] {
    let inputs = try context.values(from: 0)
    var scanned: [Tensor] = []
    for (input, axis) in zip(inputs[stateCount...], inputAxes) {
      guard case .tensor(let tensor) = input else { throw .invalid("A scanned input is \(input); it must be a tensor.") }
      scanned.append(try tensor.moving(axis: axis, to: 0))
    }
    let scan = ScanRun(body: 0, scanned: scanned, runBackward: inputsRunBackward, collectedCount: outputAxes.count)
    let (states, collected) = try scan.run(Array(inputs.prefix(stateCount)), context)
    guard scanned[0].shape[0] > 0 else { return states + (try collected.values(context, after: stateCount).map { .tensor($0) }) }
    var rows: [Value] = []
    for (index, stack) in try collected.values(context, after: stateCount).enumerated() {
      let ordered = outputsRunBackward[index] ? try stack.reversedRows() : stack
      rows.append(.tensor(try ordered.moving(axis: 0, to: outputAxes[index])))
    }
    return states + rows
  }
}
