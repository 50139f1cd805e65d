import Onyx
import OnyxAttention
import OnyxGraph
import OnyxRuntime
import OnyxTensor

/// How long the steps take that compute the blocks, in runs of the optimized plan.
///
/// A step belongs to the block that one of its node's name or outputs stands in. A convolution that multiplies its input by a
/// block's gates on the way stays a convolution: its time counts for no block.
struct BlockTimes: Sendable {
  /// By block, in milliseconds; the median over the runs.
  let blocks: [Double]
  /// All steps.
  let whole: Double

  static let runs = 15
  private static let longest = Duration.seconds(3)

  /// Runs at least three times, until `runs` are done or three seconds are over.
  init(_ found: AttentionBlocks, _ session: Session, inputs: [String: Tensor]) throws(OnyxError) {
    let plan = try session.plan(for: inputs).plan
    let graph = plan.program.graph
    let owner = Owners(found)
    var recording = RunRecording(stepCount: plan.steps.count)
    _ = try session.run(inputs)
    let begin = ContinuousClock.now
    for run in 0..<Self.runs where run < 3 || ContinuousClock.now - begin < Self.longest {
      try recording.record { (observe) throws(OnyxError) in try session.run(inputs, observe: observe) }
    }
    let times = recording.medianStepMilliseconds
    var blocks = [Double](repeating: 0, count: found.blocks.count)
    for (step, time) in zip(plan.steps, times) {
      if let block = owner.block(of: graph.nodes[step.node], in: graph) { blocks[block] += time }
    }
    self.blocks = blocks
    whole = times.reduce(0, +)
  }
}

/// Which block a node of the optimized graph computes for.
private struct Owners {
  private var byNode: [String: Int] = [:]
  private var byValue: [String: Int] = [:]

  init(_ found: AttentionBlocks) {
    for (number, block) in found.blocks.enumerated() {
      for index in block.match.nodes {
        let node = found.graph.nodes[index]
        if !node.name.isEmpty { byNode[node.name] = number }
        for case let output? in node.outputs { byValue[found.graph[output].name] = number }
      }
    }
  }

  func block(of node: Node, in graph: Graph) -> Int? {
    if let found = byNode[node.name] { return found }
    return node.outputs.lazy.compactMap { $0.flatMap { byValue[graph[$0].name] } }.first
  }
}
