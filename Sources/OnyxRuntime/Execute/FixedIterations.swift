import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// Iterations of a body whose plan knows the type of every input and output: carried tensors go back and forth between two memories, a
/// row of a scanned tensor is a place in it, and what is collected is copied behind the rows before. No value is made in between.
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
  }

  private let execution: Execution
  /// Values of the body, by input.
  private let formals: [[Int]]
  private let outputs: [Int]
  private let types: [TensorType]
  private let places: [Place]
  private let leadingOutputs: Int
  /// Bytes of the memories that carry, beside those of the plan.
  let byteCount: Int

  /// nil when an input or output is no tensor of a type that stays, or holds strings.
  init?(_ execution: Execution, _ iterations: Iterations) {
    let plan = execution.plan
    let graph = plan.program.graph
    let (leading, carriedCount) = (iterations.leading, iterations.carried.count)
    guard iterations.formals.count == leading.inputs + carriedCount + iterations.scanned.count,
      graph.outputs.count == leading.outputs + carriedCount + iterations.collected.stacks.count
    else { return nil }
    var types: [TensorType] = []
    for output in graph.outputs {
      guard let type = plan.types[output.index], type.elementType != .string else { return nil }
      types.append(type)
    }
    let inputs = graph.inputs.prefix(iterations.formals.count)
    guard inputs.allSatisfy({ plan.types[$0.index].map { $0.elementType != .string } ?? false }) else { return nil }
    // A captured value that is no tensor is given away at its last read, and would be missing in the next iteration.
    guard graph.inputs.dropFirst(iterations.formals.count).allSatisfy({ plan.types[$0.index] != nil }) else { return nil }
    if iterations.isLoop {
      guard types[0].elementType == .bool, types[0].shape.elementCount == 1, plan.types[inputs[0].index]?.elementType == .int64 else {
        return nil
      }
    }
    var places: [Place] = []
    var extra = plan.outputByteCounts.reduce(0, &+)
    for index in 0..<carriedCount {
      let (output, input) = (graph.outputs[leading.outputs + index].index, leading.inputs + index)
      guard plan.types[inputs[input].index] == types[leading.outputs + index] else { return nil }
      switch plan.locations[output] {
      case .output(let buffer): places.append(.buffer(buffer))
      case .input(input): places.append(.unchanged)
      default:
        places.append(.copied)
        guard let bytes = try? types[leading.outputs + index].byteCount() else { return nil }
        extra &+= 2 &* bytes
      }
    }
    self.execution = execution
    formals = inputs.indices.map { execution.values(boundTo: $0) }
    outputs = graph.outputs.map(\.index)
    self.types = types
    self.places = places
    leadingOutputs = leading.outputs
    byteCount = extra
  }

  /// Runs the iterations until the limit, or until a loop's body says so. `hold` hears how many bytes are collected.
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
    var iteration = 0
    while true {
      unsafe number.pointer.storeBytes(of: Int64(iteration), as: Int64.self)
      if iteration > 0 { bindRows(iterations, iteration) }
      try control.check()
      try executor.runSteps(execution, control, nil)
      try collect(&iterations.collected, from: iterations.leading.outputs + places.count, hold)
      for index in copies.indices { try copy(index, &copies) }
      iteration += 1
      if iteration == iterations.limit { break }
      if iterations.isLoop, try !execution.isTrue(outputs[0]) { break }
      try carry(iterations, &spare, copies)
    }
    for index in places.indices {
      let type = types[iterations.leading.outputs + index]
      let buffer: Buffer
      switch places[index] {
      case .unchanged: continue
      case .buffer(let number): buffer = execution.outputBuffer(number)
      case .copied:
        guard let copied = copies[index]?.current else { throw .bug("A carried tensor has no memory.") }
        buffer = copied
      }
      iterations.carried[index] = .tensor(
        Tensor(elementType: type.elementType, shape: type.shape, storage: .bytes(buffer, offset: 0)))
    }
  }
}

extension FixedIterations {
  /// The two memories of a carried tensor that is copied: what holds it, and what the next iteration's copy goes to.
  private struct Copies {
    var current: Buffer
    var next: Buffer
    let byteCount: Int
  }

  private func copyBuffers() throws(OnyxError) -> [Copies?] {
    var copies: [Copies?] = []
    for (place, type) in zip(places, types.dropFirst(leadingOutputs)) {
      guard case .copied = place else {
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
        let type = types[first + index]
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
      case .buffer(let number): unsafe execution.bind(values, to: spare[number].pointer)
      case .copied: if let copy = copies[index] { unsafe execution.bind(values, to: copy.current.pointer) }
      }
    }
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
