import ArgumentParser
import Foundation
import OnyxFuzzing

/// `tools/fuzz`: tries what reads bytes from outside with inputs that are made at random, the same for the same seed.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools/fuzz",
    abstract: "Tries readers, loader, rewrites, kernels, C interface and server with random inputs. Inputs that find something are kept.",
    discussion: "Targets: \(FuzzTargets.names.joined(separator: ", ")). Without --count a target runs for its part of the time.")

  @Option(help: "Only this target; can be repeated.") var target: [String] = []
  @Option(help: "Of the generator: equal seeds try equal inputs.") var seed: UInt64 = 1
  @Option(help: "The number of the first input.") var from: UInt64 = 0
  @Option(help: "Inputs for each target.") var count: UInt64?
  @Option(help: "Seconds for all targets together.") var seconds: Double?
  @Option(help: "Hours for all targets together.") var hours: Double?
  @Option(help: "Where inputs that find something are kept.") var findings = ".build-fuzz"
  @Option(help: "Tries one kept input (FILE.input) of the target.") var replay: String?
  @Option(help: "Measures memory and idle time over this many runs instead.") var soak: Int?

  @Flag(help: .hidden) var worker = false
  @Option(help: .hidden) var slot: String?
  @Option(help: .hidden) var to: UInt64 = .max

  func run() throws {
    if let soak { return try Soak.run(soak) { print($0) } }
    let chosen =
      try target.isEmpty
      ? FuzzTargets.all
      : target.map { name in
        guard let found = FuzzTargets.named(name) else { throw ValidationError("There is no target '\(name)'.") }
        return found
      }
    if let replay { return try tryAgain(chosen[0], replay) }
    if worker {
      let until = ContinuousClock.now + .seconds(seconds ?? 1e9)
      return try Worker(chosen[0], slot: slot ?? "", limits: .standard).run(seed: seed, from: from, to: to, until: until)
    }
    try campaign(chosen)
  }

  private func tryAgain(_ target: any FuzzTarget.Type, _ path: String) throws {
    let input = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let file = slot ?? FileManager.default.temporaryDirectory.appending(path: "onyx-fuzz-\(getpid())").path(percentEncoded: false)
    defer { if slot == nil { try? FileManager.default.removeItem(atPath: file) } }
    let isGood = try Worker(target, slot: file, limits: .standard).replay(input)
    print("\(target.name): \(isGood ? "accepted" : "refused")")
  }

  private func campaign(_ targets: [any FuzzTarget.Type]) throws {
    let seconds = hours.map { $0 * 3600 } ?? seconds ?? (count == nil ? 60 : .infinity)
    var found: [String] = []
    print("Seed \(seed); what is found is kept in \(findings).")
    let program = URL(filePath: CommandLine.arguments[0])
    let server = program.deletingLastPathComponent().appending(path: "onyx-serve").path(percentEncoded: false)
    for target in targets {
      guard target.name != ServerRequests.name || FileManager.default.isExecutableFile(atPath: server) else {
        print("\(target.name): left out, onyx-serve is not built")
        continue
      }
      let begun = ContinuousClock.now
      let campaign = try Campaign(target, program: program, seed: seed, folder: URL(filePath: findings))
      let outcome = try campaign.run(from: from, count: count ?? UInt64(1) << 40, seconds: min(seconds / Double(targets.count), 1e9))
      print(Self.line(target.name, outcome, (ContinuousClock.now - begun) / .seconds(1)))
      for finding in outcome.findings { print("  \(finding)") }
      found += outcome.findings
    }
    if !found.isEmpty { throw ExitCode(1) }
  }

  private static func line(_ name: String, _ outcome: Campaign.Outcome, _ seconds: Double) -> String {
    let learned = outcome.learned > 0 ? ", \(outcome.learned) reached new code" : ""
    let time = seconds.formatted(.number.precision(.fractionLength(1)))
    return "\(name): \(outcome.inputs) inputs, \(outcome.accepted) accepted\(learned), \(outcome.findings.count) findings, \(time) s"
  }
}
