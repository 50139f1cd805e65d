import COnyxSystem

/// How a thread works through the chunks of a job: under the limits of the run that the job belongs to, asked before every few
/// milliseconds of work.
///
/// SAFETY: the limits belong to whoever began the job, who waits for its end.
@safe struct Pieces: @unchecked Sendable {
  /// Indices that are worth a call.
  let grain: Int
  /// nil for none.
  let limits: UnsafeMutablePointer<csystem_limits>?

  /// What a piece should take, in nanoseconds.
  private static let pieceTime: UInt64 = 4_000_000

  init(grain: Int, limits: UnsafeMutablePointer<csystem_limits>?) {
    self.grain = grain
    unsafe self.limits = limits
  }

  /// Calls `body` for the range, or for what can be done of it before the limits are over.
  func call(_ body: (Range<Int>) -> Void, _ range: Range<Int>) {
    guard let limits = unsafe limits else { return body(range) }
    if unsafe csystem_limits_stopped_after_portion(limits) { return }
    guard range.count > grain else { return body(range) }
    var (start, size) = (range.lowerBound, grain)
    var time = csystem_nanoseconds()
    while true {
      let end = range.upperBound - start > size ? start + size : range.upperBound
      body(start..<end)
      start = end
      if start == range.upperBound { return }
      let now = csystem_nanoseconds()
      if unsafe csystem_limits_stopped_after_portion(limits) { return }
      if now - time < Self.pieceTime / 4 {
        size = size > Int.max / 4 ? size : size * 4
      } else if now - time > Self.pieceTime {
        size = max(grain, size / 2)
      }
      time = now
    }
  }
}
