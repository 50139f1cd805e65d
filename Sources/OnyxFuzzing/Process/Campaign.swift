import Foundation
import OnyxTestSupport

/// Tries many inputs on one target, in processes of their own: one that dies, hangs or grows is a finding, and the campaign goes on behind
/// the input that did it.
package struct Campaign {
  package struct Outcome {
    package var inputs: UInt64 = 0
    package var accepted: UInt64 = 0
    package var learned: UInt64 = 0
    package var findings: [String] = []
  }

  private let target: any FuzzTarget.Type
  private let program: URL
  private let seed: UInt64
  private let limits: Limits
  /// Where inputs that found something are kept.
  private let folder: URL
  private let scratch: TemporaryDirectory

  /// A campaign ends at this many findings.
  private static let mostFindings = 40

  package init(_ target: any FuzzTarget.Type, program: URL, seed: UInt64, limits: Limits = .standard, folder: URL) throws {
    self.target = target
    self.program = program
    self.seed = seed
    self.limits = limits
    self.folder = folder
    scratch = try TemporaryDirectory()
  }

  /// Inputs `first` up to `first + count`, no longer than `seconds`.
  package func run(from first: UInt64 = 0, count: UInt64, seconds: Double) throws -> Outcome {
    var outcome = Outcome()
    var next = first
    let end = first + count
    let begun = ContinuousClock.now
    while next < end, outcome.findings.count < Self.mostFindings {
      let left = seconds - (ContinuousClock.now - begun) / .seconds(1)
      guard left > 0 else { break }
      let slot = try Slot(path: scratch.path("slot"))
      (slot.state, slot.tried, slot.accepted, slot.learned, slot.index) = (.starting, 0, 0, 0, next)
      let arguments = ["--from", "\(next)", "--to", "\(end)", "--seconds", "\(left)", "--seed", "\(seed)"]
      let problem = try execute(["--worker"] + arguments, slot, at: scratch.path("slot"))
      outcome.inputs += slot.tried
      outcome.accepted += slot.accepted
      outcome.learned += slot.learned
      guard let problem else { break }
      guard slot.state != .starting else { throw Finding("The worker of \(target.name) does not start: \(problem)") }
      outcome.inputs += 1
      outcome.findings.append(try keep(slot.input, index: slot.index, problem))
      next = slot.index + 1
    }
    return outcome
  }

  /// Runs this program as a worker; nil when it came to its end, otherwise what became of it.
  private func execute(_ arguments: [String], _ slot: Slot, at path: String, backtrace: Bool = false) throws -> String? {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments + ["--target", target.name, "--slot", path]
    process.environment = ProcessInfo.processInfo.environment.merging(Self.environment) { old, _ in old }
      .merging(backtrace ? Self.backtraces : [:]) { $1 }
    let errors = scratch.path("errors")
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    slot.child = 0
    let problem = watch(process, slot)
    process.waitUntilExit()
    if slot.child > 0 { kill(slot.child, SIGKILL) }
    if let problem { return problem }
    let (code, isSignal) = (process.terminationStatus, process.terminationReason == .uncaughtSignal)
    if code == 0, !isSignal { return nil }
    let text = String(decoding: (try? Data(contentsOf: URL(filePath: errors))) ?? Data(), as: UTF8.self)
    return "\(isSignal ? "signal" : "exit code") \(code)\n\(Self.excerpt(text))"
  }

  /// Reports of sanitizers end the process; the backtraces of Swift's runtime take longer than a worker.
  private static let environment = [
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "ASAN_OPTIONS": "quarantine_size_mb=32:detect_leaks=0:allocator_may_return_null=1",
    "SWIFT_BACKTRACE": "enable=no",
  ]
  private static let backtraces = [
    "SWIFT_BACKTRACE": "enable=yes,interactive=no,color=no,limit=24,threads=crashed,registers=none,images=none"
  ]

  /// Waits for the process; ends it when an input takes too long or too much, and says so.
  private func watch(_ process: Process, _ slot: Slot) -> String? {
    let state = ProcessState(process.processIdentifier)
    var (last, since) = (UInt64.max, 0.0)
    // A machine may be so busy that an input takes long without computing much: a hang is what does not compute at all.
    var (spent, moved) = (0.0, ContinuousClock.now)
    while process.isRunning {
      usleep(20000)
      let now = state.processorSeconds ?? 0
      let key = slot.state == .starting ? UInt64.max - 1 : slot.index
      if key != last || now != spent { (spent, moved) = (now, .now) }
      if key != last { (last, since) = (key, now) }
      let waited = (ContinuousClock.now - moved) / .seconds(1)
      var problem: String?
      if slot.state == .trying || slot.state == .making {
        if now - since > limits.seconds { problem = "hang: \(now - since) s of processor time" }
        if waited > limits.idleSeconds { problem = "hang: \(waited) s" }
      }
      let resident = state.residentBytes
      if resident > limits.memory * 5 / 4 { problem = "memory: \(resident >> 20) MB" }
      guard let problem, process.isRunning else { continue }
      kill(process.processIdentifier, SIGKILL)
      return problem
    }
    return nil
  }

  /// The part of what a process wrote that tells of the problem.
  private static func excerpt(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = lines.firstIndex {
      $0.contains("finding:") || $0.contains("ERROR: AddressSanitizer") || $0.contains("runtime error:") || $0.contains("Fatal error")
    }
    return lines[(start ?? max(0, lines.count - 40))...].prefix(60).joined(separator: "\n")
  }

  // MARK: What was found

  /// Keeps the input, made smaller, and what it does; returns a line about it.
  private func keep(_ input: [UInt8], index: UInt64, _ problem: String) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let instance = try target.init()
    let kind = problem.prefix { $0 != "\n" && $0 != ":" }
    let small = try reduced(input, instance, like: String(kind))
    let stem = "\(target.name)-\(seed)-\(index)"
    let (bytes, ending) = instance.file(small)
    try Data(bytes).write(to: folder.appending(path: "\(stem).\(ending)"))
    try Data(small).write(to: folder.appending(path: "\(stem).input"))
    let trace = try replay(small, backtrace: true) ?? "(not seen again in a process of its own)"
    try Data("seed \(seed), input \(index)\n\(problem)\n\nAgain, of the file:\n\(trace)\n".utf8).write(
      to: folder.appending(path: "\(stem).txt"))
    let place = trace.split(separator: "\n").first { $0.contains(" in ") && ($0.contains("Onyx") || $0.contains(".c:")) } ?? ""
    return "\(target.name), input \(index): \(problem.split(separator: "\n").prefix(2).joined(separator: "; ")) \(place)"
  }

  /// A smaller input that ends in the same way, as far as 15 seconds find one.
  private func reduced(_ input: [UInt8], _ instance: any FuzzTarget, like kind: String) throws -> [UInt8] {
    let begun = ContinuousClock.now
    var best = input
    var improves = true
    while improves {
      improves = false
      for candidate in instance.reductions(of: best) where candidate.count < best.count {
        guard ContinuousClock.now - begun < .seconds(15) else { return best }
        guard let problem = try replay(candidate), problem.hasPrefix(kind) else { continue }
        best = candidate
        improves = true
        break
      }
    }
    return best
  }

  /// What becomes of one input in a process of its own; nil when nothing is wrong.
  package func replay(_ input: [UInt8], backtrace: Bool = false) throws -> String? {
    let path = try scratch.write(input, to: "replayed")
    let slot = try Slot(path: scratch.path("replay-slot"))
    slot.state = .starting
    return try execute(["--replay", path], slot, at: scratch.path("replay-slot"), backtrace: backtrace)
  }
}
