import Foundation
import OnyxFuzzing
import OnyxTestSupport
import Testing

/// What watches over inputs sees each kind of what no input may do, and goes on behind it.
@Suite struct CampaignTests {
  static let program = onyxExecutable?.deletingLastPathComponent().appending(path: "OnyxFuzz")

  @Test func everyKindOfFindingIsFound() throws {
    let folder = try TemporaryDirectory()
    let limits = Limits(seconds: 0.5, idleSeconds: 20, memory: 300 << 20, growth: 1 << 30)
    let campaign = try Campaign(SelfTest.self, program: try #require(Self.program), seed: 26, limits: limits, folder: folder.url)
    let deeds = (0..<6 as Range<UInt64>).map { index in
      var generator = Worker.generator(26, SelfTest.name, index)
      return SelfTest().input(&generator).first.flatMap { SelfTest.Deed(rawValue: $0) }
    }
    try #require(Set(deeds) == Set(SelfTest.Deed.allCases), "another seed is needed")
    let outcome = try campaign.run(count: 6, seconds: 100)
    #expect(outcome.inputs == 6)
    #expect(outcome.findings.count == deeds.count { $0 != .nothing })
    for (deed, sign) in [
      (SelfTest.Deed.trap, "signal"), (.hang, "hang: "), (.grow, "memory: "), (.report, "finding: This input is reported."),
    ] {
      #expect(outcome.findings.contains { $0.contains(sign) }, "\(deed)")
    }
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".input") }
    #expect(kept.count == outcome.findings.count)
    for name in kept {
      let input = [UInt8](try Data(contentsOf: folder.url.appending(path: name)))
      #expect(try campaign.replay(input) != nil, "\(name) is found again")
    }
    #expect(try campaign.replay([0]) == nil)
  }

  @Test(arguments: ["model-bytes", "model-structure", "graphs", "tensor-files", "c-interface", "server"])
  func equalSeedsMakeEqualInputs(_ name: String) throws {
    let target = try #require(FuzzTargets.named(name))
    func inputs(_ seed: UInt64) throws -> [[UInt8]] {
      let instance = try target.init()
      return (0..<40 as Range<UInt64>).map { index in
        var generator = Worker.generator(seed, name, index)
        return instance.input(&generator)
      }
    }
    let first = try inputs(1)
    #expect(try inputs(1) == first)
    #expect(try inputs(2) != first)
    #expect(Set(first).count > 35)
  }

  /// Of inputs that are all refused at the first byte nothing could be learned.
  @Test(arguments: ["model-bytes", "model-structure", "tensor-files", "c-interface", "graphs"]) func someInputsAreAccepted(_ name: String)
    throws
  {
    let target = try #require(FuzzTargets.named(name)).init()
    var accepted = 0
    for index in 0..<60 as Range<UInt64> {
      var generator = Worker.generator(3, name, index)
      if try target.run(target.input(&generator)) { accepted += 1 }
    }
    #expect(accepted >= 3, "\(accepted) of 60")
  }

  /// A tenth of a second of each kind of run; `tools/fuzz --soak` takes longer.
  @Test func memoryStaysFlat() throws {
    let result = try runProcess(try #require(Self.program), ["--soak", "1500"])
    #expect(result.exitCode == 0, "\(result.standardOutput)\n\(result.standardError)")
    #expect(result.standardOutput.contains("a forked process runs the session: yes"))
  }
}
