import Onyx
import OnyxAttention
import OnyxGraph
import OnyxInsight
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// How long the steps take that compute the blocks, in runs of the optimized plan.
///
/// A step belongs to the block that one of its node's name or outputs stands in. A convolution that multiplies its input by a
/// block's gates on the way stays a convolution: its time counts for no block.
struct BlockTimes: Sendable {
  /// By block, in milliseconds; the median over the runs.
  let blocks: [Double]
  /// By block, the operators of its steps, each once.
  let operators: [[String]]
  /// All steps.
  let whole: Double

  static let runs = 15
  private static let longest = Duration.seconds(3)

  /// Runs at least three times, until `runs` are done or three seconds are over.
  init(_ found: GraphAnalysis, _ session: Session, inputs: [String: Tensor]) throws(OnyxError) {
    let plan = try session.plan(for: inputs).plan
    let origins = StepOrigins(plan, of: found.graph, order: found.order)
    let owners = StepPlaces.blocks(plan, found.structure, origins)
    var recording = RunRecording(stepCount: plan.steps.count)
    _ = try session.run(inputs)
    let begin = ContinuousClock.now
    for run in 0..<Self.runs where run < 3 || ContinuousClock.now - begin < Self.longest {
      try recording.record { (observe) throws(OnyxError) in try session.run(inputs, observe: observe) }
    }
    let times = recording.medianStepMilliseconds
    var blocks = [Double](repeating: 0, count: found.blocks.count)
    for case (let block?, let time) in zip(owners, times) { blocks[block] += time }
    self.blocks = blocks
    var operators = [[String]](repeating: [], count: found.blocks.count)
    for (position, block) in owners.enumerated() {
      let name = plan.program.graph.nodes[plan.steps[position].node].op.description
      if let block, !operators[block].contains(name) { operators[block].append(name) }
    }
    self.operators = operators
    whole = times.reduce(0, +)
  }
}
