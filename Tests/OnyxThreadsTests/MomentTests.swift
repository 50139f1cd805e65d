import OnyxThreads
import Testing

/// The clock that runs are ended by.
struct MomentTests {
  @Test func goesForward() {
    let first = Moment.now
    var last = first
    for _ in 0..<1000 {
      let next = Moment.now
      #expect(next >= last)
      last = next
    }
    while Moment.now == first {}
    #expect(Moment.now - first > .zero && first - Moment.now < .zero)
  }

  @Test func durationsAreAdded() {
    let moment = Moment.now
    #expect((moment + .milliseconds(1500)) - moment == .nanoseconds(1_500_000_000))
    #expect((moment + .seconds(-3)) - moment == .seconds(-3))
    #expect(moment + .seconds(Int64.max) > moment + .seconds(1_000_000_000) && moment + .seconds(Int64.min) < moment)
  }
}
