import COnyxSystem

/// When work for a run must end, and how many bytes one of its tensors may take: what kernels, references and the threads of a pool ask
/// while they work.
///
/// Work that has to end leaves out what is left and returns. What it made is then incomplete, so whoever began it asks `hasStopped` and
/// throws the results away. Once stopped, limits stay so.
///
/// SAFETY: the limits live as long as this object, which `perform` keeps alive while a thread works under it. What changes in them is read
/// and written by atomic operations of `COnyxSystem`.
@safe package final class WorkLimits: @unchecked Sendable {
  private let limits: UnsafeMutablePointer<csystem_limits>

  /// `questions` bounds how often the work may ask after a portion of it, which no clock changes; nil for any number.
  package init(deadline: ContinuousClock.Instant? = nil, memoryBudget: Int = .max, questions: Int? = nil) {
    var ending: UInt64 = 0
    if let deadline {
      let (seconds, attoseconds) = (deadline - .now).components
      let left = Double(seconds) * 1e9 + Double(attoseconds) * 1e-9
      ending = csystem_nanoseconds() &+ UInt64(min(max(left, 1), 9e18))
    }
    unsafe limits = .allocate(capacity: 1)
    unsafe limits.initialize(
      to: csystem_limits(stopped: 0, deadline: ending, questions: Int64(questions.map { max($0, 0) } ?? -1), budget: Int64(memoryBudget)))
  }

  deinit { unsafe limits.deallocate() }

  /// Ends the work. Can be called from any thread.
  package func stop() { unsafe csystem_limits_stop(limits) }

  /// Whether the work has to end. Looks at the clock when there is a deadline.
  package var isOver: Bool { unsafe csystem_limits_stopped(limits) }

  /// Whether somebody was told that the work has to end.
  package var hasStopped: Bool { unsafe csystem_limits_have_stopped(limits) }

  /// Calls `body`, which works under these limits on this thread.
  package func perform<R, Failure: Error>(_ body: () throws(Failure) -> R) throws(Failure) -> R {
    let before = enter()
    defer { leave(to: before) }
    return try body()
  }

  /// What a thread works under.
  @safe package struct Outer {
    fileprivate let limits: UnsafeMutablePointer<csystem_limits>?

    /// No limits.
    package static var none: Outer { unsafe Outer(limits: nil) }

    /// Throws `budgetExceeded` when work under these limits has to end.
    package func check() throws(OnyxError) { if unsafe csystem_limits_stopped(limits) { throw .stopped } }

    /// Calls `body`, which works under these limits, and throws `budgetExceeded` when they ended it: what it made is not whole then.
    package func perform(_ body: () -> Void) throws(OnyxError) {
      let before = unsafe csystem_limits_enter(limits)
      body()
      _ = unsafe csystem_limits_enter(before)
      if let limits = unsafe limits, unsafe csystem_limits_have_stopped(limits) { throw .stopped }
    }
  }

  /// Lets this thread work under these limits until `leave`, which gets what this returns.
  package func enter() -> Outer { unsafe Outer(limits: csystem_limits_enter(limits)) }

  /// Lets this thread work as before `enter`.
  package func leave(to outer: Outer) {
    _ = unsafe csystem_limits_enter(outer.limits)
    withExtendedLifetime(self) {}
  }

  /// Calls `body` without limits: what it makes is kept after the run, and must be whole. `body` can ask those that held before, which do
  /// until it returns.
  package static func suspended<R, Failure: Error>(_ body: (Outer) throws(Failure) -> R) throws(Failure) -> R {
    let before = unsafe csystem_limits_enter(nil)
    defer { _ = unsafe csystem_limits_enter(before) }
    return try unsafe body(Outer(limits: before))
  }

  /// Whether the work of this thread has to end. To be asked about every millisecond of work at the most; costs some ten nanoseconds.
  package static var isOver: Bool { unsafe csystem_limits_stopped(csystem_limits_current()) }

  /// The same after a portion of work: some tenths of a millisecond.
  fileprivate static var isOverAfterPortion: Bool { unsafe csystem_limits_stopped_after_portion(csystem_limits_current()) }

  /// Throws `budgetExceeded` when the work of this thread has to end.
  package static func check() throws(OnyxError) { if isOver { throw .stopped } }

  /// Bytes that one tensor may take in the work of this thread.
  package static var memoryBudget: Int { unsafe csystem_limits_current().map { Int(unsafe $0.pointee.budget) } ?? .max }
}

extension OnyxError {
  /// Work that was ended. Who began it knows why, and says so instead.
  @usableFromInline static var stopped: OnyxError { .budget("The work was ended before it was done.") }
}

/// Asks `WorkLimits` once in a while, where a look at the clock would cost more than a turn of the loop. Other targets inline it: a call
/// would cost as much as many a turn.
@usableFromInline package struct WorkPace {
  @usableFromInline var left: Int
  @usableFromInline let period: Int

  /// `period` turns take about a millisecond or less.
  @inlinable package init(every period: Int) {
    self.period = max(1, period)
    left = self.period
  }

  /// Whether the work has to end, at every so many turns.
  @inlinable @inline(__always) package mutating func isOver(after turns: Int = 1) -> Bool {
    left &-= turns
    if left > 0 { return false }
    left = period
    return Self.isOverAfterPortion
  }

  @usableFromInline static var isOverAfterPortion: Bool { WorkLimits.isOverAfterPortion }

  /// Throws `budgetExceeded` when it has to.
  @inlinable @inline(__always) package mutating func check(after turns: Int = 1) throws(OnyxError) {
    if isOver(after: turns) { throw .stopped }
  }
}
