import OnyxTensor

/// When each step of some runs of one plan began and ended.
struct RunRecording: Sendable {
  /// Readings of one run in the order of time: its begin, the begin of the first step, the end of each step, its end.
  private(set) var runs: [[ContinuousClock.Instant]] = []
  private let stepCount: Int

  init(stepCount: Int) { self.stepCount = stepCount }

  /// Adds a run; `body` reports the number of steps done to the closure it is given.
  mutating func record(_ body: (@escaping (Int) -> Void) throws(OnyxError) -> Void) throws(OnyxError) {
    var readings = [ContinuousClock.now]
    readings.reserveCapacity(stepCount + 3)
    try body { _ in readings.append(ContinuousClock.now) }
    readings.append(ContinuousClock.now)
    guard readings.count == stepCount + 3 else { throw .bug("A run of \(stepCount) steps was observed \(readings.count - 2) times.") }
    runs.append(readings)
  }

  var medianRunMilliseconds: Double { Self.median(runs.map { ($0[$0.count - 1] - $0[0]).milliseconds }) }

  var medianStepMilliseconds: [Double] {
    (0..<stepCount).map { step in Self.median(runs.map { ($0[step + 2] - $0[step + 1]).milliseconds }) }
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
