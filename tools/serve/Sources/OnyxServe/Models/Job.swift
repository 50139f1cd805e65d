import NIOCore
import Onyx
import Synchronization

/// One request on its way through a queue and a run.
package final class Job: Sendable {
  /// How its request and its answer look.
  package let codec: any InferenceCodec
  /// By what its run ends early.
  package let limits: RunLimits
  /// When all of the request had arrived.
  package let arrival: ContinuousClock.Instant
  private let completion: Mutex<(@Sendable (Result<EncodedAnswer, Failure>) -> Void)?>

  /// `completion` is called once, on any thread.
  package init(
    _ codec: any InferenceCodec, deadline: Duration?, completion: @escaping @Sendable (Result<EncodedAnswer, Failure>) -> Void
  ) {
    self.codec = codec
    arrival = .now
    limits = RunLimits(deadline: deadline.map { [arrival] in arrival + $0 })
    self.completion = Mutex(completion)
  }

  /// Ends the run or keeps it from beginning: the sender has left.
  package func cancel() { limits.cancel() }

  /// Answers. What is answered already stays as it was.
  package func finish(_ result: Result<EncodedAnswer, Failure>) {
    let call = completion.withLock { completion in
      defer { completion = nil }
      return completion
    }
    call?(result)
  }

  /// Why it need not be run: nobody waits any more.
  package func lapsed(timeout: Duration? = nil) -> Failure? {
    if limits.isCancelled { return Failure(.cancelled, "The sender has left.") }
    let now = ContinuousClock.now
    if let deadline = limits.deadline, now > deadline {
      return Failure(.deadlineExceeded, "The deadline passed after \(now - arrival) in the queue.")
    }
    if let timeout, now - arrival > timeout {
      return Failure(.deadlineExceeded, "The timeout of the request passed after \(now - arrival) in the queue.")
    }
    return nil
  }
}
