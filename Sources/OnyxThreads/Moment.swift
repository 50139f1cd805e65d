#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A point on a clock that never goes back: to end runs by, and to measure with.
///
/// Swift's own clocks belong to its concurrency library, which a program that has no tasks would carry for them alone.
package struct Moment: Sendable, Hashable, Comparable {
  private let nanoseconds: Int64

  /// Now.
  package static var now: Moment {
    var time = timespec()
    // SAFETY: the call writes the structure, which lives until it returns.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }

  package static func < (a: Moment, b: Moment) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The time from `b` to `a`.
  package static func - (a: Moment, b: Moment) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }

  /// A later moment; the last one there is where the sum is past it.
  package static func + (moment: Moment, duration: Duration) -> Moment {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (part, second) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    let (sum, third) = moment.nanoseconds.addingReportingOverflow(part)
    let isPast = seconds < 0
    return Moment(nanoseconds: overflow || second || third ? (isPast ? .min : .max) : sum)
  }
}
