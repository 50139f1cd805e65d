import Onyx
import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor

/// What happens inside the steps of a plan: the steps of their bodies, and the kernels that are chosen in a run.
///
/// The time of a step inside is its part of the time around it: to take the time of many short steps takes time itself.
struct InsideSteps {
  private let entries: [RunTally.Entry]
  private let children: [Int: [Int]]
  private let indices: [Int: Int]
  private let runs: Int

  /// Runs the graph again where a step of the plan has an inside.
  init(_ session: Session, _ plan: Plan, inputs: [String: Tensor], runs: Int) throws(OnyxError) {
    let tally = RunTally()
    if plan.steps.contains(where: \.isOpen) {
      for _ in 0..<runs { try session.run(inputs, tally: tally) { _ in } }
    }
    entries = tally.entries
    self.runs = runs
    var children: [Int: [Int]] = [:]
    var indices: [Int: Int] = [:]
    for (index, entry) in entries.enumerated() {
      if let parent = entry.parent { children[parent, default: []].append(index) } else { indices[entry.step.node] = index }
    }
    self.children = children
    self.indices = indices
  }

  /// A step of the graph itself with all that is inside.
  func step(
    _ step: Plan.Step, _ plan: Plan, milliseconds: Double, of whole: Double, liveBytes: Int, _ place: (module: String?, block: String?)
  ) -> Profile.Step {
    let entry = indices[step.node]
    return make(
      step, plan, kernel: entry.flatMap { entries[$0].chosenKernel }, calls: 1, milliseconds, whole, liveBytes, place,
      body: entry.map { inside($0, milliseconds, whole, place) } ?? [])
  }

  private func inside(
    _ index: Int, _ milliseconds: Double, _ whole: Double, _ place: (module: String?, block: String?)
  ) -> [Profile.Step] {
    (children[index] ?? []).map { child in
      let (entry, around) = (entries[child], entries[index].duration)
      let part = around > .zero ? milliseconds * (entry.duration / around) : 0
      return make(
        entry.step, entry.plan, kernel: entry.chosenKernel, calls: (entry.calls + runs / 2) / runs, part, whole, nil, place,
        body: inside(child, part, whole, place))
    }
  }

  private func make(
    _ step: Plan.Step, _ plan: Plan, kernel: String?, calls: Int, _ milliseconds: Double, _ whole: Double, _ liveBytes: Int?,
    _ place: (module: String?, block: String?), body: [Profile.Step]
  ) -> Profile.Step {
    let output = step.outputs.first { $0 >= 0 }.flatMap { plan.types[$0] }
    let node = plan.program.graph.nodes[step.node]
    var work = StepWork(step, of: plan).times(calls)
    for step in body { work.add(step.cost.work) }
    return Profile.Step(
      name: node.name, op: node.op.description, kernel: kernel ?? step.displayedKernel, type: output?.elementType.description,
      shape: output?.shape.dimensions, calls: calls, cost: Cost(work, milliseconds: milliseconds, of: whole), liveBytes: liveBytes,
      module: place.module, block: place.block, body: body)
  }
}

extension Plan.Step {
  /// What is said of the kernel where no run has chosen one.
  fileprivate var displayedKernel: String {
    switch action {
    case .dynamic: "dynamic"
    case .bodies, .choice: "bodies"
    case .kernel, .reference, .values: kernelName
    }
  }
}
