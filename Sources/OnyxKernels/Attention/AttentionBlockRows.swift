import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// AttentionBlock of the domain `onyx` with constant weights.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the sizes taken from it stay inside.
extension KernelTable {
  static let attentionBlockRows = [
    KernelRow("attention_block_f32", ["AttentionBlock"], domain: "onyx") { (query) throws(OnyxError) in
      guard let block = query.op as? AttentionBlock, query.isAll(.float32), let x = query.input(0)?.shape, x.elementCount > 0 else {
        return nil
      }
      let (w1, bs, z) = (AttentionBlock.Input.w1.rawValue, AttentionBlock.Input.bs.rawValue, AttentionBlock.Input.z.rawValue)
      for index in w1...bs where query.input(index) != nil && query.constant(index) == nil { return nil }
      let sizes = try AttentionBlockGeometry(block, x)
      let weights = unsafe try AttentionBlockWeights(block, query.constants, channels: sizes.channels, isa: query.isa) {
        count, sources, fill in
        unsafe query.packedFloats("attention_block_\(query.isa.name)", count: count, from: sources, fill: fill)
      }
      // A window far larger than the map would be staged with more zeros than numbers.
      guard weights.windowHeight / 4 <= sizes.height, weights.windowWidth / 4 <= sizes.width else { return nil }
      if block.gate == .conv1d, weights.firstCount / 4 > sizes.channels { return nil }
      let kernel = AttentionBlockKernel(block, sizes, weights, query.isa)
      let inPlace = block.result == .scaled ? [0, z] : []
      return PreparedKernel(inPlaceInputs: inPlace, absorbedInputs: Array(w1...bs)) { call in
        unsafe kernel.run(call.input(0), call.optionalInput(z), call.output(), call.pool)
      }
    }
  ]
}
