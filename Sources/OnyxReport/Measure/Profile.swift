import Onyx
import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// Where the time of a run goes: every step of the plan, measured over some runs.
///
/// A step's time lasts from the end of the step before it to its own end; the median over the runs is kept. Rates count
/// the work of an operator's direct form, so a kernel that needs fewer operations can show more than the machine's peak.
package struct Profile: Encodable, Sendable {
  package struct Step: Encodable, Sendable {
    package let name: String
    package let op: String
    /// The row of the kernel table, "reference" for the scalar one; "bodies" when the steps inside do the work. When it is chosen in
    /// the run: the last choice, "small" for the operator's own way with small tensors.
    package let kernel: String
    /// Of the first output; nil when it depends on data.
    package let type: String?
    package let shape: [Int]?
    package let calls: Int
    /// With the steps inside.
    package let cost: Cost
    /// Bytes of activations that are needed while the step runs; nil for one inside a body.
    package let liveBytes: Int?
    /// The module that the step's nodes come from, and the attention block that it computes.
    package let module, block: String?
    /// The steps inside its bodies, with what they take in a whole run.
    package let body: [Step]

    enum CodingKeys: String, CodingKey {
      case name, op, kernel, type, shape, calls, module, block, body
      case liveBytes = "live_bytes"
    }

    /// The step's own cost, without that of the steps inside.
    var own: Cost { cost.less(body.map(\.cost)) }

    /// The step and all inside, the costliest of a body first, with how deep they are nested.
    func flattened(depth: Int = 0) -> [(depth: Int, step: Step)] {
      [(depth, self)] + body.sorted { $1.cost.milliseconds < $0.cost.milliseconds }.flatMap { $0.flattened(depth: depth + 1) }
    }

    package func encode(to encoder: any Encoder) throws {
      try cost.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(op, forKey: .op)
      try container.encode(kernel, forKey: .kernel)
      try container.encode(type, forKey: .type)
      try container.encode(shape, forKey: .shape)
      try container.encode(calls, forKey: .calls)
      try container.encode(liveBytes, forKey: .liveBytes)
      try container.encode(module, forKey: .module)
      try container.encode(block, forKey: .block)
      try container.encode(body, forKey: .body)
    }
  }

  /// Steps that have something in common.
  package struct Group: Encodable, Sendable {
    package let name: String
    package let calls: Int
    package let cost: Cost

    enum CodingKeys: String, CodingKey { case name, calls }

    package func encode(to encoder: any Encoder) throws {
      try cost.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(calls, forKey: .calls)
    }
  }

  package let model: String
  package let isa: String
  package let threads: Int
  package let runs: Int
  /// Whole runs, inputs and outputs included.
  package let runMilliseconds: Double
  /// The sum over the steps.
  package let total: Cost
  package let peakActivationBytes: Int
  /// In the order of execution.
  package let steps: [Step]
  /// By operator, the costliest first.
  package let operators: [Group]
  /// By module down to a depth, and by attention block, the costliest first.
  package let modules, blocks: [Group]
  /// Time of each node of the file, by its index: that of a step spread over the nodes fused into it.
  package let nodeMilliseconds: [Double]
  let recording: RunRecording
  /// Which thread worked when during the runs; empty unless it was asked for.
  let activity: [ThreadActivity.Slice]

  enum CodingKeys: String, CodingKey {
    case model, isa, threads, runs, total, steps, operators, modules, blocks
    case runMilliseconds = "run_ms"
    case peakActivationBytes = "peak_activation_bytes"
  }

  /// Loads the model, warms up with three runs, then records `runs` more.
  package init(
    path: String, options: SessionOptions, runs: Int, depth: Int = 2, watchesThreads: Bool = false,
    progress: (Int) -> Void = { _ in },
    makeInputs: (Session) throws(OnyxError) -> [String: Tensor]
  ) throws(OnyxError) {
    let session = try Session(path: path, options: options)
    try self.init(
      session, model: path, inputs: try makeInputs(session), runs: runs, depth: depth, watchesThreads: watchesThreads,
      progress: progress)
  }

  /// Warms up with three runs, then records `runs` more. Modules nested deeper than `depth` count for the one around them.
  package init(
    _ session: Session, model path: String, inputs: [String: Tensor], runs: Int, depth: Int = 2, watchesThreads: Bool = false,
    progress: (Int) -> Void = { _ in }
  ) throws(OnyxError) {
    for _ in 0..<3 { _ = try session.run(inputs) }
    let plan = try session.plan(for: inputs).plan
    var recording = RunRecording(stepCount: plan.steps.count)
    if watchesThreads { session.activity.watch() }
    for run in 0..<runs {
      try recording.record { (observe) throws(OnyxError) in try session.run(inputs, observe: observe) }
      progress(run + 1)
    }

    activity = watchesThreads ? session.activity.finish() : []
    let inside = try InsideSteps(session, plan, inputs: inputs, runs: min(runs, 5))

    let times = recording.medianStepMilliseconds
    let whole = times.reduce(0, +)
    let live = LiveMemory(plan).bytes
    let places = try StepPlaces(plan, session.model.graph, depth: depth)
    model = path
    isa = try session.instructionSetName()
    threads = session.threadCount
    self.runs = runs
    self.recording = recording
    runMilliseconds = recording.medianRunMilliseconds
    steps = plan.steps.indices.map { position in
      inside.step(
        plan.steps[position], plan, milliseconds: times[position], of: whole, liveBytes: live[position],
        (places.modules[position], places.blocks[position]))
    }
    var work = StepWork()
    for step in steps { work.add(step.cost.work) }
    total = Cost(work, milliseconds: whole, of: whole)
    operators = Self.groups(steps.flatMap { $0.flattened() }.map { ($0.step.op, $0.step.own, $0.step.calls) }, of: whole)
    modules = Self.groups(zip(places.moduleGroups, steps).map { ($0 ?? "(no module)", $1.cost, $1.calls) }, of: whole)
    blocks = Self.groups(steps.map { ($0.block ?? "(no block)", $0.cost, $0.calls) }, of: whole)
    nodeMilliseconds = places.spread(times)
    peakActivationBytes = plan.activationByteCount
  }

  /// Costs with the same key, the costliest group first.
  private static func groups(_ costs: [(key: String, cost: Cost, calls: Int)], of whole: Double) -> [Group] {
    let groups = Dictionary(grouping: costs, by: \.key).map { name, members in
      var work = StepWork()
      for member in members { work.add(member.cost.work) }
      let cost = Cost(work, milliseconds: members.reduce(0) { $0 + $1.cost.milliseconds }, of: whole)
      return Group(name: name, calls: members.reduce(0) { $0 + $1.calls }, cost: cost)
    }
    return groups.sorted { ($1.cost.milliseconds, $0.name) < ($0.cost.milliseconds, $1.name) }
  }
}
