/// How far long work is, on a terminal: nothing in the first two seconds, then a line with the rate that the next one replaces.
final class Progress {
  private static let quiet = Duration.seconds(2)
  private static let pause = Duration.milliseconds(200)

  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var next: ContinuousClock.Instant
  private let what: String
  private let total: Int?

  /// - Parameter what: what is counted: "runs".
  init(_ what: String, of total: Int? = nil) {
    (self.what, self.total) = (what, total)
    start = clock.now
    next = start + Self.quiet
  }

  func report(_ done: Int) {
    let now = clock.now
    guard now >= next, done > 0 else { return }
    next = now + Self.pause
    let (seconds, part) = (now - start).components
    let elapsed = Double(seconds) + Double(part) / 1e18
    let rate = (Double(done) / elapsed * 10).rounded() / 10
    Console.progress("\(done)\(total.map { " of \($0)" } ?? "") \(what), \(rate) a second")
  }

  /// Takes the line away.
  func end() { if clock.now >= start + Self.quiet { Console.endProgress() } }
}
