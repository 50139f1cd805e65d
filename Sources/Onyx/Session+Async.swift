import Dispatch
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

extension Session {
  /// Runs the graph on a thread of its own, so that no thread of Swift's concurrency pool is blocked. Cancelling the task ends
  /// the run before its next step with `budgetExceeded`.
  public func run(_ inputs: [String: Tensor], fetching names: [String] = []) async throws -> [String: Tensor] {
    let control = control()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
          continuation.resume(with: Result { try self.run(inputs, fetching: names, control: control) })
        }
      }
    } onCancel: {
      control.cancel()
    }
  }
}
