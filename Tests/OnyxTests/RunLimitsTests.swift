import Onyx
import OnyxTestSupport
import Testing

@Suite struct RunLimitsTests {
  private static func session() throws -> Session { try Session(path: SessionTests.digits.path, options: SessionOptions(threads: 1)) }
  private static func image() throws -> Tensor { try .random(.float32, [1, 1, 28, 28], seed: 1) }

  @Test func aRunWithinLimitsIsARun() throws {
    let (session, image) = (try Self.session(), try Self.image())
    let limits = RunLimits(deadline: .now + .seconds(600))
    let limited = try session.run(["image": image], within: limits)
    #expect(try bits(limited) == bits(session.run(["image": image])))
    #expect(!limits.isCancelled)
  }

  @Test func aCancelledRunEndsAndNoOtherBegins() throws {
    let (session, image) = (try Self.session(), try Self.image())
    let limits = RunLimits()
    limits.cancel()
    #expect(limits.isCancelled)
    for _ in 0..<2 {
      let error = failure { () throws(OnyxError) in try session.run(["image": image], within: limits) }
      #expect(error?.code == .budgetExceeded)
      #expect(error?.reason == "The run was cancelled.")
    }
    let error = failure { () throws(OnyxError) in try session.attention(["image": image], within: limits) }
    #expect(error?.reason == "The run was cancelled.")
  }

  @Test func theEarlierDeadlineHolds() throws {
    let image = try Self.image()
    for (own, given) in [(Duration.seconds(600), Duration.nanoseconds(0)), (.nanoseconds(1), .seconds(600))] {
      var options = SessionOptions(threads: 1)
      options.deadline = own
      let session = try Session(path: SessionTests.digits.path, options: options)
      let error = failure { () throws(OnyxError) in try session.run(["image": image], within: RunLimits(deadline: .now + given)) }
      #expect(error?.reason == "The deadline of the run has passed.")
    }
  }
}
