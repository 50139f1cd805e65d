import COnyxFuzz
import Foundation
import Onyx
import OnyxGraph
import OnyxTensor
import OnyxTestSupport

/// What stays when much has run: memory, threads that wait, and what a forked process can do.
package enum Soak {
  /// Memory may grow by this much between a tenth of the work and its end: allocators keep pages, runs may not.
  static let growth = 24 << 20

  /// Measures over `count` runs of each kind. Throws a `Finding` for memory that grows, for a processor that is busy while nothing runs,
  /// and for a forked process that cannot run.
  package static func run(_ count: Int, forks: Bool = true, _ report: (String) -> Void) throws {
    let digits = try Model(path: Repository.models.appending(path: "digits/model.onnx").path(percentEncoded: false))
    let image = try Tensor.random(.float32, [1, 1, 28, 28], in: 0...1, seed: 1)
    let session = try Session(digits, options: SessionOptions(threads: 2))
    try measure("runs of one shape", count, report) { _ in _ = try session.run(["image": image]) }
    let shapes = try Session(bytes: Onnx.good)
    try measure("runs over 1000 shapes", count / 10, report) { index in
      let x = try Tensor.random(.float32, Shape([1 + index % 1000]), in: 0...1, seed: 2)
      guard try shapes.run(["x": x]).count == 1 else { throw Finding("There is no output.") }
    }
    for (name, bytes) in [("Loop", OddModels.loops), ("sequences", OddModels.sequences)] {
      let session = try Session(bytes: bytes, options: SessionOptions(threads: 2))
      var inputs = RandomInputs(seed: 3)
      guard let values = inputs.make(session.inputs) else { throw Finding("\(name): no inputs") }
      try measure("runs of \(name)", count, report) { _ in _ = try session.run(values) }
    }
    let graph = try bodies()
    let branching = try Session(bytes: graph.model(), options: SessionOptions(threads: 2))
    let tensors = try graph.tensors(seed: 4)
    try measure("runs of If and Scan", count, report) { _ in _ = try branching.run(tensors) }
    try measure("sessions", count / 50, report) { _ in _ = try Session(digits, options: SessionOptions(threads: 2)).run(["image": image]) }
    try measure("refused models", count, report) { index in
      guard (try? Model(bytes: Array(OddModels.functions.prefix(index % 20)))) == nil else { throw Finding("half a model was accepted") }
    }
    var options = SessionOptions(threads: 2)
    options.deadline = .nanoseconds(1)
    let late = try Session(digits, options: options)
    (options.deadline, options.memoryBudget) = (nil, 100)
    let poor = try Session(digits, options: options)
    try measure("runs past their deadline or budget", count / 10, report) { _ in
      guard (try? late.run(["image": image])) == nil, (try? poor.run(["image": image])) == nil else {
        throw Finding("a run without time or memory went on")
      }
    }
    try idle(session, image, report)
    if forks { try fork(session, image, report) }
  }

  /// A random graph that has an If and a Scan.
  private static func bodies() throws -> GraphMaker {
    for seed in 0..<2000 as Range<UInt64> {
      let graph = try GraphMaker.make(seed: seed, nodes: 20)
      let ops = Set(graph.builder.graph.nodes.map(\.op.name))
      if ops.isSuperset(of: ["If", "Scan"]) { return graph }
    }
    throw Finding("No random graph has an If and a Scan.")
  }

  private static func measure(_ what: String, _ count: Int, _ report: (String) -> Void, _ body: (Int) throws -> Void) throws {
    var early = 0
    let begun = ContinuousClock.now
    for index in 0..<max(count, 10) {
      try body(index)
      if index == max(count, 10) / 10 { early = ProcessState.own.residentBytes }
    }
    let late = ProcessState.own.residentBytes
    report("\(max(count, 10)) \(what): \(early / 1000) kB after a tenth, \(late / 1000) kB at the end, \(ContinuousClock.now - begun)")
    guard late - early <= growth + Sanitizer.keptBytes else {
      throw Finding("Memory grew by \((late - early) >> 20) MB over \(count) \(what).")
    }
  }

  /// Threads that wait take no time.
  private static func idle(_ session: Session, _ image: Tensor, _ report: (String) -> Void) throws {
    _ = try session.run(["image": image])
    usleep(500_000)
    let before = ProcessState.own.processorSeconds ?? 0
    usleep(2_000_000)
    let spent = (ProcessState.own.processorSeconds ?? 0) - before
    report("2 s without a run: \(spent) s of processor time")
    guard spent <= 0.05 else { throw Finding("Waiting for 2 s took \(spent) s of processor time.") }
  }

  /// A process that was forked while no run went on can run, by the caller's thread and by threads of its own.
  ///
  /// SAFETY: the status is ours.
  private static func fork(_ session: Session, _ image: Tensor, _ report: (String) -> Void) throws {
    let expected = try session.run(["image": image])
    let child = onyx_fuzz_fork()
    guard child >= 0 else { throw Finding("The process cannot be forked.") }
    if child == 0 {
      func isRight() -> Bool {
        guard let results = try? session.run(["image": image]) else { return false }
        return expected.allSatisfy { results[$0.key]?.hasEqualBits(to: $0.value) == true }
      }
      let alone = isRight()
      session.restartThreads()
      _exit(alone && isRight() && isRight() ? 0 : 1)
    }
    var status: Int32 = 0
    _ = unsafe waitpid(child, &status, 0)
    report("a forked process runs the session: \(status == 0 ? "yes" : "no, status \(status)")")
    guard status == 0, try session.run(["image": image])["logits"]?.hasEqualBits(to: expected["logits"]!) == true else {
      throw Finding("A forked process cannot run the session (status \(status)).")
    }
  }
}
