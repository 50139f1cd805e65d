import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Synchronization

/// How long one run may take, and by what another thread ends it: for programs that run models for others.
///
///     let limits = RunLimits(deadline: .now + .milliseconds(200))
///     let outputs = try session.run(inputs, within: limits)       // elsewhere: limits.cancel()
public final class RunLimits: Sendable {
  private struct State {
    var isCancelled = false
    /// The runs that go on.
    var controls: [RunControl] = []
  }

  /// When the run ends, soon after and also within a step. nil is that of the session's options.
  public let deadline: ContinuousClock.Instant?
  private let state = Mutex(State())

  /// Limits beside those of the session's options: the earlier deadline holds.
  public init(deadline: ContinuousClock.Instant? = nil) { self.deadline = deadline }

  /// Ends the runs within these limits soon, also within a step, and keeps others from beginning. Can be called from any thread.
  public func cancel() {
    state.withLock { state in
      state.isCancelled = true
      for control in state.controls { control.cancel() }
    }
  }

  /// Whether `cancel()` was called.
  public var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Calls `body`, which `cancel()` ends by `control`.
  func perform<R>(_ control: RunControl, _ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
    state.withLock { state in
      if state.isCancelled { control.cancel() }
      state.controls.append(control)
    }
    defer { state.withLock { state in state.controls.removeAll { $0 === control } } }
    return try body()
  }
}

extension Session {
  /// As `run(_:fetching:)`, within `limits`. Throws `budgetExceeded` also when they end the run.
  public func run(
    _ inputs: [String: Tensor], fetching names: [String] = [], within limits: RunLimits
  ) throws(OnyxError) -> [String: Tensor] {
    let control = control(limits)
    return try limits.perform(control) { () throws(OnyxError) in try run(inputs, fetching: names, control: control) }
  }

  /// The limits of a run that begins now within `limits` and the options of the session.
  private func control(_ limits: RunLimits) -> RunControl {
    let own = options.deadline.map { ContinuousClock.now + $0 }
    let deadline = [own, limits.deadline].compactMap(\.self).min()
    return RunControl(
      deadline: deadline, memoryBudget: memoryBudget, tensorLimit: tensorLimit, iterationLimit: options.iterationLimit, seed: options.seed)
  }
}
