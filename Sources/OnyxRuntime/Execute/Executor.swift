import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Runs plans.
package struct Executor: Sendable {
  package let pool: ThreadPool

  package init(pool: ThreadPool) { self.pool = pool }

  /// Runs every step of the plan once.
  ///
  /// `values` stand in the order of the graph's inputs and have the plan's types. `control` is asked before each step and
  /// can end the run. `observe` is called before the first step and after each one with the number of steps done, after one of a strip in
  /// each of its rounds.
  /// Throws what a step throws, with the node's name, operator and input types.
  package func run(
    _ execution: borrowing ReusableExecution, values: [Value?], control: RunControl, observe: ((Int) -> Void)? = nil
  ) throws(OnyxError) -> [Value] {
    var results = try run(execution.execution, values: values, control: control, observe: observe)
    for index in results.indices {
      if case .tensor(let tensor) = results[index] { results[index] = .tensor(try tensor.detachedFromFile()) }
    }
    return results
  }

  /// As `run(_:values:control:observe:)`, of a graph whose inputs and outputs are tensors. Throws `usage` for an output that is none.
  package func run(
    _ execution: borrowing ReusableExecution, inputs: [Tensor?], control: RunControl, observe: ((Int) -> Void)? = nil
  ) throws(OnyxError) -> [Tensor] {
    let execution = execution.execution
    defer { execution.end() }
    try execution.begin(inputs)
    try runSteps(execution, control, observe)
    var results: [Tensor] = []
    results.reserveCapacity(execution.plan.program.graph.outputs.count)
    for output in execution.plan.program.graph.outputs { results.append(try execution.tensorResult(output.index).detachedFromFile()) }
    return results
  }

  func run(
    _ execution: Execution, values: consuming [Value?], control: RunControl, observe: ((Int) -> Void)? = nil
  ) throws(OnyxError) -> [Value] {
    defer { execution.end() }
    try execution.begin(values)
    try runSteps(execution, control, observe)
    return try results(execution)
  }

  /// One of many calls of a body, whose captured values stay; what the call binds is forgotten by `Execution.end()`.
  func runCall(
    _ execution: Execution, _ inputs: inout [Value], captured: [Value], isFirst: Bool, _ control: RunControl
  ) throws(OnyxError) -> [Value] {
    try execution.beginCall(&inputs, captured: captured, isFirst: isFirst)
    try runSteps(execution, control, nil)
    return try results(execution)
  }

  /// Runs the steps over what is bound.
  func runSteps(_ execution: Execution, _ control: RunControl, _ observe: ((Int) -> Void)?) throws(OnyxError) {
    let outer = control.limits.enter()
    defer { control.limits.leave(to: outer) }
    try runAllSteps(execution, control, observe)
  }

  private func runAllSteps(_ execution: Execution, _ control: RunControl, _ observe: ((Int) -> Void)?) throws(OnyxError) {
    observe?(0)
    var position = 0
    for strip in execution.plan.strips {
      try runSteps(position..<strip.steps.lowerBound, execution, control, observe)
      try runStrip(strip, execution, control, observe)
      position = strip.steps.upperBound
    }
    try runSteps(position..<execution.plan.steps.count, execution, control, observe)
  }

  private func runStrip(
    _ strip: Plan.Strip, _ execution: Execution, _ control: RunControl, _ observe: ((Int) -> Void)?
  ) throws(OnyxError) {
    var round = 0
    defer { execution.advance(strip, back: round) }
    while true {
      try runSteps(strip.steps, execution, control, observe)
      if round + 1 == strip.rounds { return }
      execution.advance(strip)
      round += 1
    }
  }

  private func runSteps(
    _ range: Range<Int>, _ execution: Execution, _ control: RunControl, _ observe: ((Int) -> Void)?
  ) throws(OnyxError) {
    let steps = execution.plan.steps
    for position in range {
      try control.check()
      do throws(OnyxError) {
        let tally = control.tally.flatMap { observe == nil || steps[position].isOpen ? $0 : nil }
        tally?.begin(steps[position], of: execution.plan)
        try run(steps[position], execution, control)
        try control.checkStep()
        tally?.end()
      } catch {
        // What a step that was ended throws is a consequence.
        let cause = control.stopReason ?? error
        throw execution.plan.program.locate(cause, node: steps[position].node, inputs: types(steps[position], execution))
      }
      for value in steps[position].releases { execution.release(value) }
      observe?(position + 1)
    }
  }

  private func results(_ execution: Execution) throws(OnyxError) -> [Value] {
    var results: [Value] = []
    results.reserveCapacity(execution.plan.program.graph.outputs.count)
    for output in execution.plan.program.graph.outputs { results.append(try execution.result(output.index)) }
    return results
  }

  private func run(_ step: Plan.Step, _ execution: Execution, _ control: RunControl) throws(OnyxError) {
    switch step.action {
    case .kernel(let body):
      try checkingScratch { () throws(OnyxError) in try execution.run(body, step, pool) }
    case .reference(let op): try runReference(op, step, execution, control)
    case .dynamic(let op): try runDynamic(op, step, execution, control)
    case .values(let op): try runValues(op, step, execution, control)
    case .bodies(let op): try runBodies(op, step, execution, control)
    case .choice(let choice): try runChoice(choice, step, execution, control)
    }
  }

  private func checkingScratch<R>(_ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
    let failures = pool.workspace.failureCount
    let result = try body()
    guard pool.workspace.failureCount == failures else {
      throw .budget("Scratch memory for a kernel could not be allocated.", remedy: "Free memory or use smaller inputs.")
    }
    return result
  }

  private func runReference(
    _ op: any TensorOperator, _ step: Plan.Step, _ execution: Execution, _ control: RunControl
  ) throws(OnyxError) {
    var inputs: [Tensor?] = []
    for value in step.inputs { inputs.append(try execution.view(value)) }
    var types: [ValueType] = []
    for case let type? in step.outputs.map({ $0 < 0 ? nil : execution.plan.types[$0] }) {
      types.append(.tensor(type.elementType, type.shape))
    }
    // The plan does not know the type of an omitted output.
    if types.count < step.outputs.count { types = try op.outputTypes(inputs, outputCount: step.outputs.count) }
    try store(try op.evaluate(context(op, inputs, types, control)), step, execution)
  }

  private func context(
    _ op: any TensorOperator, _ inputs: [Tensor?], _ types: [ValueType], _ control: RunControl
  ) -> EvaluationContext {
    EvaluationContext(inputs: inputs, outputs: types, seed: op.isDeterministic ? 0 : control.nextSeed())
  }

  /// Infers the types with the values that the run has made, so that a size that does not fit is refused before memory is
  /// taken, then runs the first kernel row that serves them, or the reference.
  private func runDynamic(
    _ op: any TensorOperator, _ step: Plan.Step, _ execution: Execution, _ control: RunControl
  ) throws(OnyxError) {
    let program = execution.plan.program
    var inputs: [Tensor?] = []
    inputs.reserveCapacity(step.inputs.count)
    for value in step.inputs { inputs.append(try execution.view(value)) }
    // A signature speaks of element types, which are mostly those of the last time.
    let known = execution.openStep(step, inputs)
    if let known {
      if try runOpen(known, step, inputs, execution, control) { return }
      if try runSmall(op, step, &inputs, execution, control) { return }
    } else {
      try Catalog.definition(of: program.graph.nodes[step.node].op)?.signature.check(
        inputs: inputs.map { $0.map { .tensor($0.elementType, $0.shape) } }, isPresent: inputs.map { $0 != nil },
        outputCount: step.outputs.count)
    }
    var bytes = 0
    let types = try op.outputTypes(inputs, outputCount: step.outputs.count)
    // nil where only the evaluation tells the size (ImageDecoder, NonMaxSuppression).
    let outputs = types.map { TensorType($0) }
    for case let type? in outputs {
      let byteCount = try type.byteCount()
      try control.admit(tensorOf: byteCount)
      bytes = try Self.sum(bytes, byteCount)
    }
    try control.admit(bytes)
    let isKnown = outputs.allSatisfy { $0 != nil } || outputs.allSatisfy { $0 == nil }
    var selected: (name: String, kernel: PreparedKernel)?
    if isKnown, outputs.count == step.outputs.count, let query = kernelQuery(step, execution, inputs, outputs) {
      selected = try selectKernel(step, execution, query)
    }
    if known == nil {
      let open = try openKernel(step, execution, inputs, outputs, served: selected?.name)
      execution.keep(OpenStep(inputs, open), of: step)
    }
    control.tally?.choose(selected?.name)
    if let kernel = selected?.kernel {
      if kernel.byteCount > 0 { try control.admit(try Self.sum(bytes, kernel.byteCount)) }
      let results = try checkingScratch { () throws(OnyxError) in try execution.run(kernel, inputs, outputs, pool) }
      if case .make = kernel.action { try control.admit(results.reduce(0) { $0 + $1.byteCount }) }
      return try store(results, step, execution)
    }
    let results = try op.evaluate(context(op, inputs, types, control))
    if outputs.contains(nil) {
      for result in results { try control.admit(tensorOf: result.byteCount) }
      try control.admit(results.reduce(0) { $0 + $1.byteCount })
    }
    try store(results, step, execution)
  }

  /// Runs the kernel that takes any extents. False when the step has none for these: nothing happened then.
  private func runOpen(
    _ known: OpenStep, _ step: Plan.Step, _ inputs: [Tensor?], _ execution: Execution, _ control: RunControl
  ) throws(OnyxError) -> Bool {
    let result = try checkingScratch { () throws(OnyxError) in
      try known.run(inputs, pool) { (bytes) throws(OnyxError) in
        try control.admit(tensorOf: bytes)
        try control.admit(bytes)
      }
    }
    guard let result else { return false }
    control.tally?.choose(known.name)
    try execution.storeMade(result, in: step.outputs[0])
    return true
  }

  /// Lets the operator make its result in the way that it has for small tensors. A loop runs such steps in each iteration, where to find
  /// types and bind a kernel would be most of the work. False when it has none: the inputs are as they were then.
  private func runSmall(
    _ op: any TensorOperator, _ step: Plan.Step, _ inputs: inout [Tensor?], _ execution: Execution, _ control: RunControl
  ) throws(OnyxError) -> Bool {
    guard step.outputs.count == 1, step.outputs[0] >= 0, let first = step.inputs.first else {
      return false
    }
    // What nobody reads behind this step is given away, so that the result can take its memory over.
    let isGiven = first >= 0 && step.isLastRead(of: first) && execution.heldTensor(first) != nil
    if isGiven { execution.release(first) }
    guard let result = op.smallResult(&inputs) else {
      if isGiven, let tensor = inputs[0] { execution.restore(tensor, first) }
      return false
    }
    control.tally?.choose("small")
    try control.admit(tensorOf: result.byteCount)
    try control.admit(result.byteCount)
    try execution.store(result, in: step.outputs[0])
    return true
  }

  /// Integers up to this many elements are axes, sizes and bounds, which rows read when they bind a kernel.
  private static let smallConstant = 64

  /// What rows see of a node whose types were found during the run; nil when the reference is left.
  private func kernelQuery(_ step: Plan.Step, _ execution: Execution, _ inputs: [Tensor?], _ outputs: [TensorType?]) -> KernelQuery? {
    guard !step.outputs.contains(-1), inputs.allSatisfy({ $0?.elementType != .string }), outputs.allSatisfy({ $0?.elementType != .string })
    else { return nil }
    // Packed weights are kept by node, so a tensor of this run must not pass for a constant, unless nobody packs its kind.
    return kernelQuery(step, execution, inputs, outputs) { tensor in
      (tensor.elementType == .int64 || tensor.elementType == .int32) && tensor.elementCount <= Self.smallConstant
    }
  }

  /// Constants are initializers, and what `isConstant` says is one.
  private func kernelQuery(
    _ step: Plan.Step, _ execution: Execution, _ inputs: [Tensor?], _ outputs: [TensorType?], _ isConstant: (Tensor) -> Bool
  ) -> KernelQuery {
    let program = execution.plan.program
    let constants = inputs.indices.map { index -> Tensor? in
      guard let tensor = inputs[index] else { return nil }
      return step.inputs[index] >= 0 && program.isInitializer(step.inputs[index]) || isConstant(tensor) ? tensor : nil
    }
    return KernelQuery(
      node: program.graph.nodes[step.node], op: program.operators[step.node],
      inputs: inputs.map { $0.map { TensorType($0.elementType, $0.shape) } },
      outputs: outputs, constants: constants, isa: program.isa, precision: program.precision, weights: program.weights, pool: pool,
      nodeIndex: step.node)
  }

  /// The first row that serves the query.
  private func selectKernel(
    _ step: Plan.Step, _ execution: Execution, _ query: KernelQuery
  ) throws(OnyxError) -> (name: String, kernel: PreparedKernel)? {
    let program = execution.plan.program
    return try WorkLimits.suspended { (limits) throws(OnyxError) in
      let selected = try program.table.select(query, among: program.sites[step.node].rows)
      try program.weights.pack(pool, limits)
      return selected
    }
  }

  /// What the row that served a step runs for any extents. What the run made is no constant of it: the next call can make another.
  private func openKernel(
    _ step: Plan.Step, _ execution: Execution, _ inputs: [Tensor?], _ outputs: [TensorType?], served name: String?
  ) throws(OnyxError) -> OpenKernel? {
    guard let name else { return nil }
    let program = execution.plan.program
    let query = kernelQuery(step, execution, inputs, outputs) { _ in false }
    return try WorkLimits.suspended { (limits) throws(OnyxError) in
      let kernel = try program.table.open(query, among: program.sites[step.node].rows, served: name)
      try program.weights.pack(pool, limits)
      return kernel
    }
  }

  private static func sum(_ a: Int, _ b: Int) throws(OnyxError) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw .budget("The outputs of the node do not fit in memory.") }
    return sum
  }

  private func store(_ results: [Tensor], _ step: Plan.Step, _ execution: Execution) throws(OnyxError) {
    guard results.count >= step.outputs.count else { throw .bug("The operator gave \(results.count) results.") }
    for (value, tensor) in zip(step.outputs, results) where value >= 0 { try execution.store(tensor, in: value) }
  }

  private func types(_ step: Plan.Step, _ execution: Execution) -> [String] {
    step.inputs.map { value in
      do throws(OnyxError) { return try execution.value(value)?.description ?? "-" } catch { return "-" }
    }
  }
}
