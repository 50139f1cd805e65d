import Onyx
import OnyxGraph
import OnyxInsight
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// How a session runs a graph: the steps of a plan with their kernels and memory.
package struct Explanation: Encodable, Sendable {
  package struct Row: Encodable, Sendable {
    package let name: String
    package let op: String
    /// The row of the kernel table, "reference" for the scalar one.
    package let kernel: String
    package let inputs: [String]
    package let outputs: [String]
    /// "arena+4096", "output", "dynamic", for the first output.
    package let memory: String
    /// The rows of the kernel table for the operator, best first; nil unless they were asked for, or when the row is chosen in the run.
    package let candidates: [Candidate]?
  }

  /// A row of the kernel table and why it does not serve a node; `declined` is nil when it does.
  package struct Candidate: Encodable, Sendable {
    package let kernel: String
    package let declined: String?
  }

  /// Consecutive steps that run for a part of the batch at a time.
  package struct Strip: Encodable, Sendable {
    /// The first step, counted from 0.
    package let first: Int
    package let steps: Int
    /// Parts of the batch.
    package let rounds: Int
  }

  package let isa: String
  package let threads: Int
  package let arenaBytes: Int
  package let activationBytes: Int
  package let steps: [Row]
  /// Steps that only move values between the plain and the channel-blocked layout.
  package let reorders: Int
  package let strips: [Strip]
  /// Rewrites that the optimizer applied, with how often.
  package let rewrites: [String: Int]

  enum CodingKeys: String, CodingKey {
    case isa, threads, steps, reorders, strips, rewrites
    case arenaBytes = "arena_bytes"
    case activationBytes = "activation_bytes"
  }

  /// `listsCandidates` asks every row of the kernel table about every step. Throws what a row throws for a node of the plan.
  package init(_ plan: Plan, threads: Int, rewrites: [String: Int], listsCandidates: Bool = false) throws(OnyxError) {
    let graph = plan.program.graph
    isa = plan.program.isa.name
    self.threads = threads
    arenaBytes = plan.arenaByteCount
    activationBytes = plan.activationByteCount
    self.rewrites = rewrites
    func type(_ value: Int) -> String { value < 0 ? "-" : plan.types[value]?.description ?? "dynamic" }
    var steps: [Row] = []
    for step in plan.steps {
      let node = graph.nodes[step.node]
      let candidates = listsCandidates ? try plan.candidates(of: step) : nil
      steps.append(
        Row(
          name: node.name, op: node.op.description, kernel: step.kernelName, inputs: step.inputs.map(type),
          outputs: step.outputs.map(type), memory: step.outputs.first.map { $0 < 0 ? "-" : Self.text(plan.locations[$0]) } ?? "-",
          candidates: candidates?.map { Candidate(kernel: $0.name, declined: $0.declined) }))
    }
    self.steps = steps
    strips = plan.strips.map { Strip(first: $0.steps.lowerBound, steps: $0.steps.count, rounds: $0.rounds) }
    reorders = plan.steps.count { Self.reorderNames.contains(graph.nodes[$0.node].op.name) }
  }

  private static let reorderNames: Set = ["BlockChannels", "UnblockChannels"]

  private static func text(_ location: Plan.Location) -> String {
    switch location {
    case .none: "-"
    case .constant: "constant"
    case .input(let index): "input \(index)"
    case .arena(let offset): "arena+\(offset)"
    case .output(let buffer): "output \(buffer)"
    case .dynamic: "dynamic"
    }
  }

  /// What `onyx explain` prints: the table, and below it the candidates of each step when they were listed.
  package var text: String {
    var table = TextTable([("operator", .left), ("name", .left), ("kernel", .left), ("output", .left), ("memory", .left)])
    for step in steps { table.append(step.op, step.name, step.kernel, step.outputs.joined(separator: " "), step.memory) }
    table.fit(columns: 120, shortening: 1, to: 24, keeping: .end)
    let applied = rewrites.sorted { $0.key < $1.key }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
    let moved = reorders > 0 ? " (\(Quantity.count(reorders, "layout reorder")))" : ""
    return table.text
      + "\n\(Quantity.count(steps.count, "step"))\(moved), \(isa), \(Quantity.count(threads, "thread")), arena "
      + "\(Quantity.bytes(arenaBytes)), activations \(Quantity.bytes(activationBytes))\n"
      + strips.map { "steps \($0.first + 1) to \($0.first + $0.steps) run in \($0.rounds) rounds, each for a part of the batch\n" }.joined()
      + (applied.isEmpty ? "" : "rewrites: \(applied)\n") + candidateText
  }

  private var candidateText: String {
    var text = ""
    for step in steps {
      guard let candidates = step.candidates else { continue }
      text += "\n\(step.op) \(step.name)\n"
      var isChosen = false
      for candidate in candidates {
        let verdict = candidate.declined.map { "declines: \($0)" } ?? (isChosen ? "would serve" : "chosen")
        isChosen = isChosen || candidate.declined == nil
        text += "  \(candidate.kernel): \(verdict)\n"
      }
      if !isChosen { text += "  reference: chosen\n" }
    }
    return text
  }
}
