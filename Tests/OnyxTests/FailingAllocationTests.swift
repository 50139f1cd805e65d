import COnyxSystem
import Onyx
import OnyxTensor
import OnyxTestSupport
import Testing

/// When there is no memory for the first, the second, … allocation of a load and of a run, each ends in an error, and what was there before
/// goes on to work. AddressSanitizer, under which these tests run too, tells that nothing leaks.
@Suite("Memory that cannot be had")
struct FailingAllocationTests {
  static let models = [
    "digits", "attention/self-attention/dynamo-static", "attention/cbam-conv/torchscript-dynamic",
    "attention/sk/dynamo-static",
  ]

  /// Calls `body` with 0, 1, 2, … allocations until it passes; all others of this thread fail. Returns how many it needs.
  private static func untilItPasses(_ what: String, _ body: () throws(OnyxError) -> Void) -> Int {
    for count in 0..<100_000 {
      csystem_fail_allocations(Int64(count))
      defer { csystem_fail_allocations(-1) }
      do throws(OnyxError) {
        try body()
        return count
      } catch {
        csystem_fail_allocations(-1)
        #expect(error.code == .budgetExceeded, "\(what), allocation \(count): \(error)")
        #expect(error.remedy != nil, "\(what), allocation \(count): \(error)")
      }
    }
    Issue.record("\(what) never passes")
    return 0
  }

  @Test(arguments: models) func everyAllocationOfALoadAndOfARun(_ name: String) throws {
    let model = ModelCase(name)
    let options = SessionOptions(threads: 1)
    let session = try Session(path: model.path, options: options)
    let set = try #require(try model.named(session).first)
    let expected = try bits(try session.run(set.inputs).filter { $0.value.elementType == .float32 })
    let load = Self.untilItPasses("load") { () throws(OnyxError) in
      _ = try Session(path: model.path, options: options)
    }
    #expect(load > 0)
    var results: [String: Tensor] = [:]
    let both = Self.untilItPasses("load and run") { () throws(OnyxError) in
      results = try Session(path: model.path, options: options).run(set.inputs)
    }
    #expect(both > load)
    #expect(try bits(results.filter { $0.value.elementType == .float32 }) == expected)
    // A session that failed in its first runs, and one that ran before, run on.
    let fresh = try Session(path: model.path, options: options)
    for session in [fresh, session] {
      _ = Self.untilItPasses("run") { () throws(OnyxError) in results = try session.run(set.inputs)
      }
      #expect(try bits(results.filter { $0.value.elementType == .float32 }) == expected)
    }
  }
}
