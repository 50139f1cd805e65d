import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// SplitAttention of the domain `onyx` with constant weights.
///
/// SAFETY: see `KernelCall`.
enum SplitAttentionRows {
  static let split = KernelRow("split_attention_f32", ["SplitAttention"], domain: "onyx", .float32) {
    (op: SplitAttention, query) throws(OnyxError) in
    let first = SplitAttention.Input.branches.rawValue
    guard let x = query.input(first)?.shape, x.elementCount > 0 else { return .declined("the input is empty") }
    guard (0..<first).allSatisfy({ query.isFixed($0) }) else { return .declined(Preparation.needsConstantWeights) }
    var block = AttentionBlock()
    block.channels = op.channels
    let sizes = try AttentionBlockGeometry(block, x)
    let branches = query.inputs.count - first
    let weights = try SplitAttentionKernel.pack(query.constants, channels: sizes.channels, branches: branches, query)
    let kernel = SplitAttentionKernel(
      sizes: sizes, branches: branches, weights: weights, hiddenActivation: Activation(op.hiddenActivation), isa: query.isa)
    return .run(absorbedInputs: Array(0..<first)) { call in
      unsafe kernel.run((0..<branches).map { unsafe call.input(first + $0) }, call.output(), call.pool)
    }
  }
}
