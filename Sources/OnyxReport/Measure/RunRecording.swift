import OnyxTensor
import OnyxThreads

/// When each step of some runs of one plan began and ended.
struct RunRecording: Sendable {
  /// Readings of one run in the order of time: its begin, the begin of the first step, the end of each step, its end. Where steps run in
  /// rounds, each as if its rounds came one after the other.
  private(set) var runs: [[Moment]] = []
  /// Which steps ended when, in the order of time.
  private(set) var ends: [(instant: Moment, step: Int)] = []
  private let stepCount: Int

  init(stepCount: Int) { self.stepCount = stepCount }

  /// Adds a run; `body` reports the number of steps done to the closure it is given.
  mutating func record(_ body: (@escaping (Int) -> Void) throws(OnyxError) -> Void) throws(OnyxError) {
    let begin = Moment.now
    var readings: [(instant: Moment, done: Int)] = []
    readings.reserveCapacity(stepCount + 1)
    try body { done in readings.append((Moment.now, done)) }
    let end = Moment.now
    guard let first = readings.first, Set(readings.map(\.done)) == Set(0...stepCount) else {
      throw .bug("Of a run of \(stepCount) steps not all were observed.")
    }
    var durations = [Duration](repeating: .zero, count: stepCount)
    for (before, reading) in zip(readings, readings.dropFirst()) {
      durations[reading.done - 1] += reading.instant - before.instant
      ends.append((reading.instant, reading.done - 1))
    }
    var run = [begin, first.instant]
    for duration in durations { run.append(run[run.count - 1] + duration) }
    runs.append(run + [end])
  }

  var medianRunMilliseconds: Double { Self.median(runs.map { ($0[$0.count - 1] - $0[0]).milliseconds }) }

  var medianStepMilliseconds: [Double] {
    (0..<stepCount).map { step in Self.median(runs.map { ($0[step + 2] - $0[step + 1]).milliseconds }) }
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
