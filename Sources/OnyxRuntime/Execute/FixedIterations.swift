import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// Iterations of a body whose plan knows the type of every input and output: carried tensors go back and forth between two memories, a
/// row of a scanned tensor is a place in it, and what is collected is copied behind the rows before. No value is made in between.
/// A carried tensor of which the plan leaves extents open goes from the step that makes it to those that read it.
///
/// SAFETY: what an input is bound to lives until the iterations are over: the tensors that came in are in `Iterations`, the memories of
/// carried tensors here or with the execution. An iteration writes into one memory of each and reads the other. Rows are checked
/// against the extents of the scanned tensors, whose types the plan was made for.
@safe struct FixedIterations {
  /// Where the next iteration finds what this one made.
  private enum Place {
    /// In an output buffer of the execution, which then takes the other one of its two.
    case buffer(Int)
    /// Where it was: the body hands on what came in.
    case unchanged
    /// In memory of its own: an iteration's copy of what lives elsewhere.
    case copied
    /// A tensor that the execution holds, as long as it is of one of the `heldTypes`. A number, so that a place counts no references.
    case held(Int)
  }

  private let execution: Execution
  /// Values of the body, by input.
  private let formals: [[Int]]
  /// The inputs themselves.
  private let inputs: [Int]
  private let outputs: [Int]
  /// By output; nil where the plan leaves extents open.
  private let types: [TensorType?]
  private let places: [Place]
  private let heldTypes: [RunType]
  private let leadingOutputs: Int
  /// Bytes of the memories that carry, beside those of the plan.
  let byteCount: Int

  /// nil when an input or output is no tensor of a type that stays, or holds strings. `runTypes` is what the plan was made for, by input.
  init?(_ execution: Execution, _ iterations: Iterations, _ runTypes: [RunType?]) {
    let plan = execution.plan
    let graph = plan.program.graph
    let (leading, carriedCount) = (iterations.leading, iterations.carried.count)
    guard iterations.formals.count == leading.inputs + carriedCount + iterations.scanned.count,
      graph.outputs.count == leading.outputs + carriedCount + iterations.collected.stacks.count
    else { return nil }
    let types = graph.outputs.map { plan.types[$0.index] }
    let inputs = graph.inputs.prefix(iterations.formals.count)
    let carried = leading.inputs..<leading.inputs + carriedCount
    /// Whether the value is a tensor of a known type that has an address.
    func isFixed(_ value: ValueID) -> Bool { plan.types[value.index].map { $0.elementType != .string } ?? false }
    guard inputs.indices.allSatisfy({ carried.contains($0) || isFixed(inputs[$0]) }),
      graph.outputs.indices.allSatisfy({ carried.contains($0 - leading.outputs + leading.inputs) || isFixed(graph.outputs[$0]) })
    else { return nil }
    // A captured value that is no tensor is given away at its last read, and would be missing in the next iteration.
    guard graph.inputs.dropFirst(iterations.formals.count).allSatisfy({ plan.types[$0.index] != nil }) else { return nil }
    if iterations.isLoop {
      guard types[0]?.elementType == .bool, types[0]?.shape.elementCount == 1, plan.types[inputs[0].index]?.elementType == .int64 else {
        return nil
      }
    }
    var places: [Place] = []
    var heldTypes: [RunType] = []
    var extra = plan.outputByteCounts.reduce(0, &+)
    for index in 0..<carriedCount {
      let (output, input) = (graph.outputs[leading.outputs + index].index, leading.inputs + index)
      guard plan.types[inputs[input].index] == types[leading.outputs + index] else { return nil }
      switch (plan.locations[output], types[leading.outputs + index]) {
      case (.input(input), _): places.append(.unchanged)
      case (.dynamic, nil):
        guard runTypes.indices.contains(input), let type = runTypes[input], case .open = type else { return nil }
        places.append(.held(heldTypes.count))
        heldTypes.append(type)
      case (.output(let buffer), let type?) where type.elementType != .string: places.append(.buffer(buffer))
      case (_, let type?) where type.elementType != .string:
        places.append(.copied)
        guard let bytes = try? type.byteCount() else { return nil }
        extra &+= 2 &* bytes
      default: return nil
      }
    }
    self.execution = execution
    formals = inputs.indices.map { execution.values(boundTo: $0) }
    self.inputs = inputs.map(\.index)
    outputs = graph.outputs.map(\.index)
    self.types = types
    self.places = places
    self.heldTypes = heldTypes
    leadingOutputs = leading.outputs
    byteCount = extra
  }

  /// Runs the iterations until the limit, until a loop's body says so, or until one gives a tensor that the plan does not serve. `hold`
  /// hears how many bytes are collected.
  func run(
    _ iterations: inout Iterations, captured: [Value], _ executor: Executor, _ control: RunControl,
    hold: (Int) throws(OnyxError) -> Void
  ) throws(OnyxError) {
    var inputs = iterations.formals
    try execution.beginCall(&inputs, captured: captured, isFirst: true)
    let number = try Buffer(byteCount: MemoryLayout<Int64>.stride)
    if iterations.isLoop { unsafe execution.bind(formals[0], to: number.pointer) }
    var spare: [Buffer] = []
    var copies = try copyBuffers()
    while true {
      unsafe number.pointer.storeBytes(of: Int64(iterations.count), as: Int64.self)
      if iterations.count > 0 { bindRows(iterations, iterations.count) }
      try control.beginIteration()
      try executor.runSteps(execution, control, nil)
      try collect(&iterations.collected, from: iterations.leading.outputs + places.count, hold)
      for index in copies.indices { try copy(index, &copies) }
      iterations.count += 1
      if iterations.isLoop { iterations.goesOn = try execution.isTrue(outputs[0]) }
      if iterations.count == iterations.limit || !iterations.goesOn || !servesNext() { break }
      try carry(iterations, &spare, copies)
    }
    for index in places.indices {
      let buffer: Buffer
      switch places[index] {
      case .unchanged: continue
      case .held:
        iterations.carried[index] = try execution.result(outputs[leadingOutputs + index])
        continue
      case .buffer(let number): buffer = execution.outputBuffer(number)
      case .copied:
        guard let copied = copies[index]?.current else { throw .bug("A carried tensor has no memory.") }
        buffer = copied
      }
      guard let type = types[leadingOutputs + index] else { throw .bug("A carried tensor has no type.") }
      iterations.carried[index] = .tensor(
        Tensor(elementType: type.elementType, shape: type.shape, storage: .bytes(buffer, offset: 0)))
    }
  }
}

extension FixedIterations {
  /// Whether the tensors that the iteration left with the execution are of the types that the plan was made for.
  private func servesNext() -> Bool {
    if heldTypes.isEmpty { return true }
    for index in places.indices {
      guard case .held(let type) = places[index] else { continue }
      guard let tensor = execution.heldTensor(outputs[leadingOutputs + index]), heldTypes[type].admits(tensor) else { return false }
    }
    return true
  }

  /// The two memories of a carried tensor that is copied: what holds it, and what the next iteration's copy goes to.
  private struct Copies {
    var current: Buffer
    var next: Buffer
    let byteCount: Int
  }

  private func copyBuffers() throws(OnyxError) -> [Copies?] {
    var copies: [Copies?] = []
    for (place, type) in zip(places, types.dropFirst(leadingOutputs)) {
      guard case .copied = place, let type else {
        copies.append(nil)
        continue
      }
      let (byteCount, first) = (try type.byteCount(), try Buffer(uninitializedByteCount: type.byteCount()))
      copies.append(Copies(current: first, next: try Buffer(uninitializedByteCount: byteCount), byteCount: byteCount))
    }
    return copies
  }

  private func address(ofOutput index: Int) throws(OnyxError) -> UnsafeMutableRawPointer {
    guard let address = unsafe execution.address(of: outputs[index]) else { throw .bug("A body's output has no value.") }
    return unsafe address
  }

  private func collect(_ collected: inout Collected, from first: Int, _ hold: (Int) throws(OnyxError) -> Void) throws(OnyxError) {
    var hasGrown = false
    for index in collected.stacks.indices {
      if collected.stacks[index] == nil {
        guard let type = types[first + index] else { throw .bug("A row has no type.") }
        collected.stacks[index] = try TensorStack(type.elementType, row: type.shape, capacity: collected.capacity)
        hasGrown = true
      }
      let row = try unsafe address(ofOutput: first + index)
      if try unsafe collected.stacks[index]?.append(copying: row) == true { hasGrown = true }
    }
    if hasGrown { try hold(collected.byteCount) }
  }

  /// Copies what the iteration gave. Every source is read before anything that an input is bound to is written.
  private func copy(_ index: Int, _ copies: inout [Copies?]) throws(OnyxError) {
    guard var copy = copies[index] else { return }
    unsafe copy.next.pointer.copyMemory(from: try address(ofOutput: leadingOutputs + index), byteCount: copy.byteCount)
    swap(&copy.current, &copy.next)
    copies[index] = copy
  }

  /// Makes the inputs of the next iteration of what this one gave.
  private func carry(_ iterations: Iterations, _ spare: inout [Buffer], _ copies: [Copies?]) throws(OnyxError) {
    try execution.exchangeOutputBuffers(&spare)
    for index in places.indices {
      let values = formals[iterations.leading.inputs + index]
      switch places[index] {
      case .unchanged: continue
      case .held: execution.handOn(outputs[leadingOutputs + index], to: inputs[iterations.leading.inputs + index])
      case .buffer(let number): unsafe execution.bind(values, to: spare[number].pointer)
      case .copied: if let copy = copies[index] { unsafe execution.bind(values, to: copy.current.pointer) }
      }
    }
    if heldTypes.isEmpty { return }
    // One tensor can be carried twice.
    for index in places.indices { if case .held = places[index] { execution.release(outputs[leadingOutputs + index]) } }
  }

  private func bindRows(_ iterations: Iterations, _ iteration: Int) {
    for (index, tensor) in iterations.scanned.enumerated() {
      guard case .bytes(let buffer, let offset) = tensor.storage, tensor.shape[0] >= iterations.limit else { continue }
      let row = iterations.runsBackward[index] ? iterations.limit - 1 - iteration : iteration
      let byteCount = tensor.byteCount / tensor.shape[0]
      unsafe execution.bind(
        formals[iterations.leading.inputs + places.count + index], to: buffer.pointer + (offset + row * byteCount))
    }
  }
}
