import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The channel-blocked layout: reorders at the borders of its regions and dense convolutions inside.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts taken from it stay inside.
extension KernelTable {
  static let blockedRows = [
    KernelRow("block_channels_f32", ["BlockChannels"], domain: "onyx") { query throws(OnyxError) in
      guard let plain = query.input(0)?.shape, let reorder = reorder(query, plain) else { return nil }
      if reorder.isView { return .view(of: 0) }
      return PreparedKernel { call in unsafe reorder.block(call.input(0), call.output(), pool: call.pool) }
    },
    KernelRow("unblock_channels_f32", ["UnblockChannels"], domain: "onyx") { query throws(OnyxError) in
      guard let plain = query.outputs[0]?.shape, let reorder = reorder(query, plain) else { return nil }
      if reorder.isView { return .view(of: 0) }
      return PreparedKernel { call in unsafe reorder.unblock(call.input(0), call.output(), pool: call.pool) }
    },
    KernelRow("blocked_conv_f32_direct", ["BlockedConv"], domain: "onyx") { (query) throws(OnyxError) in
      guard let site = try BlockedConvSite(query), site.layout.groups == 1 else { return nil }
      return try direct(query, site)
    },
  ]

  private static func reorder(_ query: KernelQuery, _ plain: Shape) -> ChannelReorder? {
    guard query.isAll(.float32), plain.rank >= 3 else { return nil }
    return ChannelReorder(batch: plain[0], channels: plain[1], pixels: plain[2...].reduce(1, *), isa: query.isa)
  }

  private static func direct(_ query: KernelQuery, _ site: BlockedConvSite) throws(OnyxError) -> PreparedKernel? {
    let (layout, isa) = (site.layout, query.isa)
    guard site.geometry.isProportionate(planes: ChannelBlocks.count(layout.channels) * ChannelBlocks.size, elements: site.inputCount) else {
      return nil
    }
    let packed = unsafe try PackedFilters(
      filters: layout.filters, channels: layout.channels, taps: site.geometry.tapCount, bias: site.bias.map { floats($0) },
      isBlocked: site.isBlocked, isa: isa
    ) { count, fill in unsafe query.packedFloats("blocked_\(isa.name)_\(site.isBlocked)", count: count, from: [site.weights], fill: fill) }
    let convolution = BlockedConvolution(geometry: site.geometry, weights: packed, activation: site.activation, isa: isa)
    let batch = layout.batch
    return PreparedKernel(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(
        call.input(0), factors: call.optionalInput(4), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }
}

extension ChannelReorder {
  /// Whether both layouts are the same bytes.
  fileprivate var isView: Bool { pixels == 1 && channels % ChannelBlocks.size == 0 }
}

/// A BlockedConv that a float32 kernel can serve: constant weights and bias, two spatial axes, nothing empty.
struct BlockedConvSite {
  let layout: ConvolutionLayout
  let geometry: WindowExtents
  let activation: Activation
  let weights: Tensor
  let bias: Tensor?
  /// Whether X is blocked; a first layer's is plain.
  let isBlocked: Bool
  /// Elements of X.
  let inputCount: Int

  init?(_ query: KernelQuery) throws(OnyxError) {
    guard let op = query.op as? BlockedConv, query.isAll(.float32), let x = query.input(0)?.shape, let w = query.constant(1),
      w.shape.rank == 4, w.elementCount > 0, x.elementCount > 0, query.input(2) == nil || query.constant(2) != nil
    else { return nil }
    isBlocked = x.rank == 5
    let plain = isBlocked ? try Shape([x[0], w.shape[1] * op.conv.group, x[2], x[3]]) : x
    layout = try ConvolutionLayout(op.conv.window, group: op.conv.group, input: plain, weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.outputCount > 0 else { return nil }
    self.geometry = geometry
    activation = Activation(op.activation)
    weights = w
    bias = query.constant(2)
    inputCount = x.elementCount
  }
}
