import Dispatch
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

extension Session {
  /// Runs the graph on a thread of its own, so that no thread of Swift's concurrency pool is blocked, and returns what
  /// `run(_:fetching:)` returns.
  ///
  /// Throws `CancellationError` when its task was cancelled, which ends the run soon, and otherwise the `OnyxError`
  /// that `run(_:fetching:)` throws.
  public func results(for inputs: [String: Tensor], fetching names: [String] = []) async throws -> [String: Tensor] {
    try Task.checkCancellation()
    let control = control()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          continuation.resume(
            returning: Result { () throws(OnyxError) in try self.run(inputs, fetching: names, control: control) })
        }
      }
    } onCancel: {
      control.cancel()
    }
    if case .failure(let error) = result, error.code == .budgetExceeded { try Task.checkCancellation() }
    return try result.get()
  }
}
