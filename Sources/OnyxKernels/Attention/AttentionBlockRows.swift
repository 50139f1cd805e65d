import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// AttentionBlock of the domain `onyx` with constant weights.
///
/// SAFETY: see `KernelCall`.
enum AttentionBlockRows {
  static let block = KernelRow("attention_block_f32", ["AttentionBlock"], domain: "onyx", .float32) {
    (block: AttentionBlock, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, x.elementCount > 0 else { return .declined("the input is empty") }
    let (w1, bs, z) = (AttentionBlock.Input.w1.rawValue, AttentionBlock.Input.bs.rawValue, AttentionBlock.Input.z.rawValue)
    guard (w1...bs).allSatisfy({ query.isFixed($0) }) else { return .declined(Preparation.needsConstantWeights) }
    let sizes = try AttentionBlockGeometry(block, x)
    let weights = unsafe try AttentionBlockWeights(block, query.constants, channels: sizes.channels, isa: query.isa) {
      count, sources, fill in
      unsafe query.packedFloats("attention_block_\(query.isa.name)", count: count, from: sources, fill: fill)
    }
    // A window far larger than the map would be staged with more zeros than numbers.
    guard weights.windowHeight / 4 <= sizes.height, weights.windowWidth / 4 <= sizes.width,
      block.gate != .conv1d || weights.firstCount / 4 <= sizes.channels
    else { return .declined("the window is far larger than the map or the channels") }
    let kernel = AttentionBlockKernel(block, sizes, weights, query.isa)
    return .run(inPlaceInputs: block.result == .scaled ? [0, z] : [], absorbedInputs: Array(w1...bs)) { call in
      unsafe kernel.run(call.input(0), call.optionalInput(z), call.output(), call.pool)
    }
  }
}
