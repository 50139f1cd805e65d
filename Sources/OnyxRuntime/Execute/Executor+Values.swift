import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// Steps of operators that take or make more than tensors.
extension Executor {
  func runValues(_ op: any ValueOperator, _ step: Plan.Step, _ execution: Execution, _ control: RunControl) throws(OnyxError) {
    var inputs: [Value?] = []
    var tensorByteCount = 0
    for index in step.inputs {
      let value = try execution.value(index, isLastRead: step.isLastRead(of: index))
      // What a sequence or optional will hold is copied here once, so that nobody looks for it among what it holds already.
      if case .tensor(let tensor)? = value {
        tensorByteCount &+= tensor.heldByteCount
        inputs.append(try execution.kept(.tensor(tensor)))
      } else {
        inputs.append(value)
      }
    }
    var context = ValueContext(inputs: consume inputs, outputCount: step.outputs.count)
    let results = try op.evaluate(&context)
    // To count a long sequence at each step that makes it longer would cost more than the steps.
    if control.shouldCount(after: tensorByteCount) { try control.admit(results.reduce(0) { $0 &+ $1.heldByteCount }) }
    try store(results, step, execution)
  }

  func runBodies(_ op: any BodyOperator, _ step: Plan.Step, _ execution: Execution, _ control: RunControl) throws(OnyxError) {
    let program = execution.plan.program
    let bodies = program.bodies[step.node]
    var captured: [[Value]] = []
    for (body, indices) in zip(bodies, step.captures) {
      var values: [Value] = []
      for (index, id) in zip(indices, body.captures) {
        guard let value = try execution.value(index) else { throw .bug("The captured value '\(program.graph[id].name)' is missing.") }
        values.append(value)
      }
      captured.append(values)
    }
    var inputs: [Value?] = []
    for value in step.inputs { inputs.append(try execution.value(value, isLastRead: step.isLastRead(of: value))) }
    let calls = BodyCalls(self, control, bodies, captured: captured)
    defer { calls.finish() }
    let types = inputs.map { $0.map { Inferred($0) } }
    let context = BodyContext(
      inputs: consume inputs, outputCount: step.outputs.count,
      outputTypes: { () throws(OnyxError) in try Self.outputTypes(op, program, step, types, bodies, captured) },
      hold: { (bytes) throws(OnyxError) in try calls.hold(bytes) }, check: { () throws(OnyxError) in try control.check() },
      iterate: { (iterations) throws(OnyxError) in try calls.iterate(&iterations) },
      call: { (index, inputs) throws(OnyxError) in try calls.call(index, &inputs) })
    try store(try op.run(context).map { (value) throws(OnyxError) in try execution.kept(value) }, step, execution)
  }

  func runChoice(_ choice: Choice, _ step: Plan.Step, _ execution: Execution, _ control: RunControl) throws(OnyxError) {
    guard execution.plan.types[step.inputs[0]]?.shape.elementCount == 1,
      let branch = try choice.branch(try execution.isTrue(step.inputs[0]) ? 0 : 1, of: step, in: execution.plan)
    else { return try runBodies(choice.op, step, execution, control) }
    let byteCount = branch.pool.plan.activationByteCount
    try control.reserve(byteCount)
    defer { control.release(byteCount) }
    let body = try branch.pool.take()
    defer {
      body.end()
      branch.pool.give(body)
    }
    body.begin(branch, around: execution)
    try runSteps(body, control, nil)
    try body.copyResults(of: branch, to: execution)
  }

  private static func outputTypes(
    _ op: any BodyOperator, _ program: Program, _ step: Plan.Step, _ inputs: [Inferred?], _ bodies: [Body], _ values: [[Value]]
  ) throws(OnyxError) -> [ValueType] {
    var captured: [ValueID: Inferred] = [:]
    for (body, values) in zip(bodies, values) { for (id, value) in zip(body.captures, values) { captured[id] = Inferred(value) } }
    for body in op.bodies {
      for capture in body.captures where captured[capture.outer] == nil {
        captured[capture.outer] = program.graph.initializers[capture.outer].map { Inferred(constant: $0) }
      }
    }
    let context = InferenceContext(inputs: inputs, outputCount: step.outputs.count, symbolPrefix: "run", captured: captured)
    return try op.infer(context).map(\.type)
  }

  private func store(_ results: [Value], _ step: Plan.Step, _ execution: Execution) throws(OnyxError) {
    guard results.count >= step.outputs.count else { throw .bug("The operator gave \(results.count) results.") }
    for (index, value) in zip(step.outputs, results) where index >= 0 { try execution.store(value, in: index) }
  }
}

extension Inferred {
  fileprivate init(_ value: Value) {
    if case .tensor(let tensor) = value { self.init(constant: tensor) } else { self.init(ValueType(value.kind)) }
  }
}
