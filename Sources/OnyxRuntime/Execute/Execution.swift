import OnyxGraph
import OnyxKernels
import OnyxTensor
import OnyxThreads

/// The memory of one run of a plan: arena, scratch and the address of every value. Reused by later runs of the plan.
///
/// SAFETY: one run at a time owns an execution (`ExecutionPool`), hence `@unchecked Sendable`; addresses of constants stay valid with
/// `plan`, those of arena values and the scratch memory behind them with `memory`, which is attached before a run begins; inputs,
/// outputs and dynamic values are held in `tensors` as long as their address is in `pointers`. Values that are no tensors have no
/// address.
@safe final class Execution: @unchecked Sendable {
  let plan: Plan
  /// The arena, and the scratch memory behind it; nil while the plan is not run.
  private var memory: Buffer?
  /// Where the arena was last: its values have their addresses there.
  private var arena: UnsafeMutableRawPointer?
  private var arenaValues: [(value: Int, offset: Int)] = []
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Inputs, dynamic values and outputs of the current run, by value.
  private var tensors: [Tensor?]
  /// The values of the run that are no tensors, by value.
  private var others: [Int: Value] = [:]
  private var outputBuffers: [Buffer] = []
  /// The output buffers of the call before, for the one after this: by then its results have mostly been let go.
  private var earlierBuffers: [Buffer] = []
  /// Large buffers of earlier runs, by output. One that nobody else holds by now is taken again: fresh pages cost more than many operators.
  private var spareBuffers: [[Buffer]]
  /// Bytes from which an output buffer is kept.
  private static let largeOutput = 1 << 19
  /// The output buffers that are kept.
  private let largeOutputs: [Int]
  /// How many are kept of an output: 2, since a caller often holds the last result while the next one is made, or 1 where the budget does
  /// not hold a run beside them.
  private let spareCount: Int
  /// Whether it runs over the memory of another execution.
  private var isBranch = false
  /// Graph inputs and their views: a value, the input that is its memory, and its shape.
  private var boundInputs: [(value: Int, input: Int, shape: Shape)] = []
  /// Graph inputs that are no tensors of a known shape.
  private var boundOthers: [(value: Int, input: Int)] = []
  /// Values that live in an output buffer.
  private var boundOutputs: [(value: Int, buffer: Int)] = []
  /// By node, what is known of one whose types show only in the run.
  private var openSteps: [OpenStep?]
  /// Whether steps can put tensors of their own into `tensors`.
  private let hasDynamicValues: Bool
  /// Whether graph inputs are tensors whose shapes the plan leaves open.
  private var hasOpenTensors = false

  /// Has no memory before `attach`.
  init(_ plan: Plan) {
    self.plan = plan
    let count = plan.locations.count
    unsafe pointers = .allocate(capacity: max(count, 1))
    unsafe pointers.initialize(repeating: nil, count: max(count, 1))
    tensors = Array(repeating: nil, count: count)
    spareBuffers = Array(repeating: [], count: plan.outputByteCounts.count)
    largeOutputs = plan.outputByteCounts.indices.filter { plan.outputByteCounts[$0] >= Self.largeOutput }
    let large = largeOutputs.reduce(0) { $0 + plan.outputByteCounts[$1] }
    spareCount = large <= (plan.memoryBudget - plan.activationByteCount) / 2 ? 2 : 1
    hasDynamicValues = plan.locations.contains { if case .dynamic = $0 { true } else { false } }
    openSteps = Array(repeating: nil, count: plan.program.graph.nodes.count)
    for (value, location) in plan.locations.enumerated() {
      switch location {
      case .constant(let tensor) where plan.residentConstants.contains(value): setPointer(value, to: tensor)
      case .arena(let offset): arenaValues.append((value, offset))
      case .input(let index):
        if let shape = plan.types[value]?.shape { boundInputs.append((value, index, shape)) } else { boundOthers.append((value, index)) }
      case .output(let buffer): boundOutputs.append((value, buffer))
      default: break
      }
    }
  }

  deinit { unsafe pointers.deallocate() }

  var hasMemory: Bool { memory != nil }

  /// Lets runs use `memory`, which has room for the arena and the scratch memory.
  func attach(_ memory: Buffer) {
    self.memory = memory
    let start = unsafe memory.pointer
    if unsafe start == arena { return }
    unsafe arena = start
    for (value, offset) in arenaValues { unsafe pointers[value] = start + offset }
  }

  /// Gives the memory away, and lets go of output buffers that were kept. Not while a run uses it.
  func detach() -> Buffer? {
    for index in spareBuffers.indices { spareBuffers[index] = [] }
    defer { memory = nil }
    return memory
  }

  /// Binds the caller's values, in the order of the graph's inputs, and makes output buffers.
  func begin(_ inputs: consuming [Value?]) throws(OnyxError) {
    try bindOutputs()
    for (value, index, shape) in boundInputs {
      guard case .tensor(let tensor)? = inputs[index] else { continue }
      try bind(value, to: tensor, shape)
    }
    for (value, index) in boundOthers { bindOther(value, inputs[index]) }
  }

  /// The same of tensors, which are most of what runs are given.
  func begin(_ inputs: consuming [Tensor?]) throws(OnyxError) {
    try bindOutputs()
    for (value, index, shape) in boundInputs {
      if let tensor = inputs[index] { try bind(value, to: tensor, shape) }
    }
    for (value, index) in boundOthers { bindOther(value, inputs[index].map { .tensor($0) }) }
  }

  private func bindOutputs() throws(OnyxError) {
    for (index, byteCount) in plan.outputByteCounts.enumerated() {
      outputBuffers.append(try byteCount < Self.largeOutput ? Buffer(uninitializedByteCount: byteCount) : takeOutputBuffer(index))
    }
    for (value, buffer) in boundOutputs { unsafe pointers[value] = outputBuffers[buffer].pointer }
  }

  /// A value that is a view of an input has another shape than the input.
  private func bind(_ value: Int, to tensor: Tensor, _ shape: Shape) throws(OnyxError) {
    tensors[value] = tensor.shape == shape ? tensor : try tensor.reshaped(to: shape)
    setPointer(value, to: tensor)
  }

  private func takeOutputBuffer(_ index: Int) throws(OnyxError) -> Buffer {
    for place in spareBuffers[index].indices where isKnownUniquelyReferenced(&spareBuffers[index][place]) {
      return spareBuffers[index].remove(at: place)
    }
    // A caller may let go of one that it holds while the run has its own.
    if spareCount == 1 { spareBuffers[index].removeAll() }
    return try Buffer(uninitializedByteCount: plan.outputByteCounts[index])
  }

  private func keepOutputBuffers() {
    // A run that found no memory for an output has none for those behind it.
    for index in largeOutputs where index < outputBuffers.count {
      let buffer = outputBuffers[index]
      if spareBuffers[index].count == spareCount { spareBuffers[index].removeFirst() }
      spareBuffers[index].append(buffer)
    }
    outputBuffers.removeAll(keepingCapacity: true)
  }

  /// Begins one of many calls of a body: `inputs` are those of the body itself, `captured` what stands behind them, which stays the same
  /// from the first call to `end()`.
  ///
  /// Values whose types the plan leaves open are taken out of `inputs`.
  func beginCall(_ inputs: inout [Value], captured: [Value], isFirst: Bool) throws(OnyxError) {
    if isFirst {
      try begin((inputs + captured).map { $0 })
      for (_, index) in boundOthers where index < inputs.count { inputs[index] = Self.taken }
      return
    }
    // First, so that the buffers of the call before the last are held by nobody else.
    for (value, index, shape) in boundInputs where index < inputs.count {
      if case .tensor(let tensor) = inputs[index] { try bind(value, to: tensor, shape) }
    }
    for (value, index) in boundOthers where index < inputs.count {
      bindOther(value, inputs[index])
      inputs[index] = Self.taken
    }
    let results = outputBuffers
    outputBuffers = []
    for (index, byteCount) in plan.outputByteCounts.enumerated() {
      if earlierBuffers.indices.contains(index), isKnownUniquelyReferenced(&earlierBuffers[index]) {
        outputBuffers.append(earlierBuffers[index])
      } else {
        outputBuffers.append(try Buffer(uninitializedByteCount: byteCount))
      }
    }
    earlierBuffers = results
    for (value, buffer) in boundOutputs { unsafe pointers[value] = outputBuffers[buffer].pointer }
  }

  private func bindOther(_ value: Int, _ given: Value?) {
    if case .tensor(let tensor)? = given {
      hasOpenTensors = true
      tensors[value] = tensor
      setPointer(value, to: tensor)
    } else {
      others[value] = given
    }
  }

  /// What stands for a value that was taken.
  private static let taken = Value.sequence(of: .tensor(.bool), [])

  /// Whether calls in a row may keep what they do not bind anew: of what steps made only tensors that left the call stay behind, and each
  /// is replaced when its step runs again. A value that is no tensor would be held by two.
  /// Captured values behind the first `formals` inputs that are released when they were read last would be missing.
  func keepsOnlyResults(formals: Int) -> Bool { others.isEmpty && boundOthers.allSatisfy { $0.input < formals } }

  /// The values that are the memory of graph input `index`.
  func values(boundTo index: Int) -> [Int] { boundInputs.filter { $0.input == index }.map(\.value) }

  /// Lets the values be memory that is held elsewhere until the run is over or binds them anew.
  @unsafe func bind(_ values: [Int], to memory: UnsafeMutableRawPointer) {
    for value in values {
      if tensors[value] != nil { tensors[value] = nil }
      unsafe pointers[value] = memory
    }
  }

  /// Where the value is: set for constants, and for all others when they were made.
  @unsafe func address(of value: Int) -> UnsafeMutableRawPointer? {
    if case .constant(let tensor) = plan.locations[value], case .bytes(let buffer, let offset) = tensor.storage {
      return unsafe buffer.pointer + offset
    }
    return unsafe pointers[value]
  }

  /// A tensor that a step of this call made, or an input that is held; nil for a value that is neither.
  func heldTensor(_ value: Int) -> Tensor? { tensors[value] }

  /// Lets the input be, in the next call, the tensor that this one made of `output`.
  func handOn(_ output: Int, to input: Int) {
    if let tensor = tensors[output] { restore(tensor, input) }
  }

  /// Puts back a tensor that was released for a step that did not take it.
  func restore(_ tensor: Tensor, _ value: Int) {
    tensors[value] = tensor
    setPointer(value, to: tensor)
  }

  /// The memory of output buffer `index` in this call.
  func outputBuffer(_ index: Int) -> Buffer { outputBuffers[index] }

  /// Begins a run over memory of `around`, which it reads and writes; that of captures and results alone.
  func begin(_ branch: FixedBranch, around: Execution) {
    isBranch = true
    for (outer, values) in branch.captures {
      let memory = unsafe around.address(of: outer)
      for value in values { unsafe pointers[value] = memory }
    }
    for (value, buffer) in boundOutputs {
      for place in branch.buffers where place.buffer == buffer { unsafe pointers[value] = around.pointers[place.outer] }
    }
  }

  /// Copies results that live elsewhere to where `around` reads them.
  func copyResults(of branch: FixedBranch, to around: Execution) throws(OnyxError) {
    for (outer, value, byteCount) in branch.copies {
      guard let target = unsafe around.pointers[outer], let source = unsafe address(of: value) else {
        throw .bug("A result of a branch has no memory.")
      }
      unsafe target.copyMemory(from: source, byteCount: byteCount)
    }
  }

  /// Whether the one bool of a tensor is true.
  func isTrue(_ value: Int) throws(OnyxError) -> Bool {
    guard let memory = unsafe address(of: value) else { throw .bug("A condition was read before it was made.") }
    return unsafe memory.load(as: UInt8.self) != 0
  }

  /// Makes the next call write into `buffers`, or into fresh ones where there are none, and gives those of this call for them.
  func exchangeOutputBuffers(_ buffers: inout [Buffer]) throws(OnyxError) {
    if buffers.isEmpty {
      for byteCount in plan.outputByteCounts { buffers.append(try Buffer(uninitializedByteCount: byteCount)) }
    }
    swap(&outputBuffers, &buffers)
    for (value, buffer) in boundOutputs { unsafe pointers[value] = outputBuffers[buffer].pointer }
  }

  /// Forgets everything that belongs to the run.
  func end() {
    for (value, _, _) in boundInputs { release(value) }
    if !others.isEmpty { others.removeAll() }
    if hasDynamicValues || hasOpenTensors {
      for value in tensors.indices where tensors[value] != nil { release(value) }
    }
    keepOutputBuffers()
    if !earlierBuffers.isEmpty { earlierBuffers.removeAll() }
    isBranch = false
  }

  func release(_ value: Int) {
    tensors[value] = nil
    unsafe pointers[value] = nil
    if !others.isEmpty { others[value] = nil }
  }

  // Never inlined: the optimizer of Swift 6.3 fails on this call of a closure that borrows a noncopyable value.
  @inline(never)
  func run(_ body: PreparedKernel.Body, _ step: Plan.Step, _ pool: ThreadPool) throws(OnyxError) {
    guard let arena = unsafe arena else { throw .bug("A plan is run without memory.") }
    try unsafe body(
      KernelCall(
        pointers: UnsafePointer(pointers), inputs: step.inputs, outputs: step.outputs, scratch: arena + plan.arenaByteCount, pool: pool))
  }

  /// Makes the next round of a strip see its part of the values that are there for the whole batch; with `back`, lets them be whole again
  /// after so many rounds.
  func advance(_ strip: Plan.Strip, back rounds: Int? = nil) {
    for (value, byteCount) in strip.moving {
      if let pointer = unsafe pointers[value] { unsafe pointers[value] = pointer + (rounds.map { -$0 * byteCount } ?? byteCount) }
    }
  }

  /// Runs a kernel that was bound during the run. Its outputs have memory of their own; a view is memory of its input.
  @inline(never)
  func run(_ kernel: PreparedKernel, _ inputs: [Tensor?], _ outputs: [TensorType?], _ pool: ThreadPool) throws(OnyxError) -> [Tensor] {
    if case .view(let index) = kernel.action {
      guard let source = inputs[index], let shape = outputs[0]?.shape else { throw .bug("A view was made of an omitted input.") }
      return [try source.reshaped(to: shape)]
    }
    var results: [Tensor] = []
    for case let type? in outputs {
      let buffer = try Buffer(uninitializedByteCount: try type.byteCount())
      results.append(Tensor(elementType: type.elementType, shape: type.shape, storage: .bytes(buffer, offset: 0)))
    }
    var addresses = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: inputs.count + results.count)
    for index in inputs.indices { unsafe addresses[index] = Self.address(of: inputs[index]) }
    for index in results.indices { unsafe addresses[inputs.count + index] = Self.address(of: results[index]) }
    let scratch = try kernel.scratchByteCount > 0 ? Buffer(uninitializedByteCount: kernel.scratchByteCount) : nil
    // SAFETY: the tensors and `scratch` live until the call is over; the query that made the kernel had their types.
    try unsafe addresses.withUnsafeMutableBufferPointer { (addresses) throws(OnyxError) in
      guard let start = addresses.baseAddress else { return }
      let call = unsafe KernelCall(
        pointers: UnsafePointer(start), inputs: inputs.indices.map { inputs[$0] == nil ? -1 : $0 },
        outputs: results.indices.map { inputs.count + $0 }, scratch: scratch?.pointer ?? UnsafeMutableRawPointer(start), pool: pool)
      switch kernel.action {
      case .run(let body): try body(call)
      case .make(let maker): results = try maker(call)
      case .view: throw .bug("A kernel has nothing to run.")
      }
    }
    withExtendedLifetime((inputs, results, scratch)) {}
    return results
  }

  private static func address(of tensor: Tensor?) -> UnsafeMutableRawPointer? {
    guard case .bytes(let buffer, let offset)? = tensor?.storage else { return nil }
    return unsafe buffer.pointer + offset
  }

  /// What is known of a step whose types show only in the run, from one with inputs of these element types; nil before the first.
  func openStep(_ step: Plan.Step, _ inputs: [Tensor?]) -> OpenStep? {
    guard let known = openSteps[step.node], known.matches(inputs) else { return nil }
    return known
  }

  func keep(_ known: OpenStep, of step: Plan.Step) { openSteps[step.node] = known }

  /// The value as a tensor that is valid until the memory is reused by a later step; nil for an omitted one.
  func view(_ value: Int) throws(OnyxError) -> Tensor? {
    if value < 0 { return nil }
    if case .constant(let tensor) = plan.locations[value] { return tensor }
    if let tensor = tensors[value] { return tensor }
    guard let type = plan.types[value], let pointer = unsafe pointers[value], let memory else {
      throw .bug("A value was read before it was made.")
    }
    let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: try type.byteCount())
    return unsafe Tensor(
      elementType: type.elementType, shape: type.shape, storage: .bytes(Buffer(viewing: bytes, owner: memory), offset: 0))
  }

  /// The value; of a tensor as `view`, nil for an omitted one. A value that is no tensor is given away at its last read, so that who
  /// gets it holds it alone.
  func value(_ value: Int, isLastRead: Bool = false) throws(OnyxError) -> Value? {
    if value >= 0, !others.isEmpty, let other = isLastRead ? others.removeValue(forKey: value) : others[value] { return other }
    return try view(value).map { .tensor($0) }
  }

  /// Puts a value that an operator on values made of kept ones, or one that is kept, into its place.
  func store(_ value: Value, in index: Int) throws(OnyxError) {
    if case .tensor(let tensor) = value { return try store(tensor, in: index) }
    guard plan.types[index] == nil else { throw .bug("A step made \(value) where the rule said a tensor.") }
    others[index] = value
  }

  /// The value without memory that later steps or runs overwrite. Complexity: O(values inside).
  func kept(_ value: Value) throws(OnyxError) -> Value {
    switch value {
    case .tensor(let tensor): return isTransient(tensor) ? .tensor(try tensor.copied()) : value
    case .optional(let kind, let content?): return .optional(of: kind, try kept(content))
    case .sequence(let kind, var values):
      for index in values.indices {
        if case .tensor(let tensor) = values[index], isTransient(tensor) { values[index] = .tensor(try tensor.copied()) }
      }
      return .sequence(of: kind, values)
    default: return value
    }
  }

  /// Puts a tensor made by a reference into the place that the plan gave the value.
  func store(_ tensor: Tensor, in value: Int) throws(OnyxError) {
    if let type = plan.types[value], type.elementType != .string {
      guard tensor.elementType == type.elementType, tensor.shape == type.shape else {
        throw .bug("The shape rule said \(type), the run gave \(tensor.typeDescription).")
      }
      if case .dynamic = plan.locations[value] { return try hold(tensor, value) }
      guard let target = unsafe pointers[value] else { throw .bug("A planned value has no memory.") }
      unsafe tensor.withBytes { bytes in
        // A reference may hand back its input; then the memory can be the same.
        if let start = bytes.baseAddress { unsafe target.copyMemory(from: start, byteCount: bytes.count) }
      }
    } else {
      try hold(tensor, value)
    }
  }

  /// Puts a tensor that a step has made, and nobody else holds, into its place.
  func storeMade(_ tensor: Tensor, in value: Int) throws(OnyxError) {
    if plan.types[value] != nil { return try store(tensor, in: value) }
    restore(tensor, value)
  }

  private func hold(_ tensor: Tensor, _ value: Int) throws(OnyxError) {
    let kept = try isTransient(tensor) ? tensor.copied() : tensor
    tensors[value] = kept
    setPointer(value, to: kept)
  }

  /// Whether the tensor lives in memory that later steps or later runs overwrite.
  private func isTransient(_ tensor: Tensor) -> Bool {
    guard case .bytes(let buffer, let offset) = tensor.storage else { return false }
    // A branch reads and writes memory of the run around, which that run overwrites. What `view` made is memory of the run, too.
    if isBranch || buffer.isView(of: memory) { return true }
    let address = unsafe UnsafeRawPointer(buffer.pointer + offset)
    let isInArena = unsafe arena.map { unsafe address >= $0 && address < $0 + plan.arenaByteCount } ?? false
    return isInArena
      || outputBuffers.contains { unsafe $0.pointer <= address && address < UnsafeRawPointer($0.pointer) + $0.byteCount }
  }

  /// What leaves the run for graph output `value`.
  func result(_ value: Int) throws(OnyxError) -> Value {
    if let tensor = bufferedResult(value) { return .tensor(tensor) }
    guard let result = try self.value(value) else { throw .bug("A graph output has no value.") }
    return result
  }

  /// The same of a tensor. Throws `usage` for another value.
  func tensorResult(_ value: Int) throws(OnyxError) -> Tensor {
    if let tensor = bufferedResult(value) { return tensor }
    return try result(value).tensor()
  }

  private func bufferedResult(_ value: Int) -> Tensor? {
    guard case .output(let buffer) = plan.locations[value], let type = plan.types[value] else { return nil }
    return Tensor(elementType: type.elementType, shape: type.shape, storage: .bytes(outputBuffers[buffer], offset: 0))
  }

  private func setPointer(_ value: Int, to tensor: Tensor) {
    if case .bytes(let buffer, let offset) = tensor.storage { unsafe pointers[value] = buffer.pointer + offset }
  }
}
