import OnyxKernels
import OnyxTensor
import OnyxThreads
import Synchronization

/// What the steps inside bodies took in some runs, and which kernels those runs chose: for who asks where the time goes.
///
/// One run at a time. Steps of the graph itself whose kernel the plan fixes are left out: an observer sees them. An entry's time holds
/// that of the steps inside its bodies and the taking of the time.
package final class RunTally: Sendable {
  /// A step, or more of a body that has several plans.
  package struct Entry: Sendable {
    /// As the last plan that ran has it.
    package fileprivate(set) var step: Plan.Step
    package fileprivate(set) var plan: Plan
    /// The entry whose body holds this one; nil for a step of the graph itself.
    package let parent: Int?
    package fileprivate(set) var calls = 0
    package fileprivate(set) var duration = Duration.zero
    /// The row that the last call chose, or "reference"; nil where the plan had chosen.
    package fileprivate(set) var chosenKernel: String?
  }

  private struct Key: Hashable {
    let parent: Int?
    let program: ObjectIdentifier
    let node: Int
  }

  private struct State {
    var entries: [Entry] = []
    var indices: [Key: Int] = [:]
    /// The steps that run at the moment, the innermost last.
    var open: [(entry: Int, start: Moment)] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// In the order of their first calls.
  package var entries: [Entry] { state.withLock { $0.entries } }

  func begin(_ step: Plan.Step, of plan: Plan) {
    state.withLock { state in
      let key = Key(parent: state.open.last?.entry, program: ObjectIdentifier(plan.program), node: step.node)
      let index = state.indices[key] ?? state.entries.count
      if index == state.entries.count {
        state.entries.append(Entry(step: step, plan: plan, parent: key.parent))
        state.indices[key] = index
      }
      (state.entries[index].step, state.entries[index].plan) = (step, plan)
      state.open.append((index, .now))
    }
  }

  func end() {
    state.withLock { state in
      guard let (index, start) = state.open.popLast() else { return }
      state.entries[index].calls += 1
      state.entries[index].duration += Moment.now - start
    }
  }

  /// The step that runs has chosen its kernel, nil for its reference, "small" for the operator's own way with small tensors.
  func choose(_ kernel: String?) {
    state.withLock { state in
      if let index = state.open.last?.entry { state.entries[index].chosenKernel = kernel ?? "reference" }
    }
  }
}

extension Plan.Step {
  /// Whether it runs bodies, or chooses its kernel in the run.
  package var isOpen: Bool {
    switch action {
    case .bodies, .choice, .dynamic: true
    case .kernel, .reference, .values: false
    }
  }
}
