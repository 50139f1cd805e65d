import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The channel-blocked layout: reorders at the borders of its regions and dense convolutions inside.
///
/// SAFETY: see `KernelCall`.
enum BlockedRows {
  static let block = KernelRow("block_channels_f32", ["BlockChannels"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let plain = query.input(0)?.shape, let reorder = reorder(query, plain) else { return .declined(noSpatialAxis) }
    if reorder.isView { return .view(of: 0) }
    return .run { call in unsafe reorder.block(call.input(0), call.output(), pool: call.pool) }
  }

  static let unblock = KernelRow("unblock_channels_f32", ["UnblockChannels"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let plain = query.outputs[0]?.shape, let reorder = reorder(query, plain) else { return .declined(noSpatialAxis) }
    if reorder.isView { return .view(of: 0) }
    return .run { call in unsafe reorder.unblock(call.input(0), call.output(), pool: call.pool) }
  }

  static let direct = KernelRow("blocked_conv_f32_direct", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.layout.groups == 1 else { return .declined("there are \(site.layout.groups) groups") }
    guard site.isProportionate else { return .declined(WindowExtents.outOfProportion) }
    return try direct(query, site)
  }

  private static let noSpatialAxis = "there is no spatial axis"

  private static func reorder(_ query: KernelQuery, _ plain: Shape) -> ChannelReorder? {
    guard plain.rank >= 3 else { return nil }
    return ChannelReorder(batch: plain[0], channels: plain[1], pixels: plain[2...].reduce(1, *), isa: query.isa)
  }

  private static func direct(_ query: KernelQuery, _ site: BlockedConvSite) throws(OnyxError) -> Preparation {
    let (layout, isa) = (site.layout, query.isa)
    let packed = unsafe try PackedFilters(
      filters: layout.filters, channels: layout.channels, taps: site.geometry.tapCount, bias: site.biasValues(),
      isBlocked: site.isBlocked, isa: isa
    ) { count, fill in unsafe query.packedFloats("blocked_\(isa.name)_\(site.isBlocked)", count: count, from: [site.weights], fill: fill) }
    let convolution = BlockedConvolution(geometry: site.geometry, weights: packed, activation: site.activation, isa: isa)
    let batch = layout.batch
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(
        call.input(0), factors: call.optionalInput(4), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }
}

extension ChannelReorder {
  /// Whether both layouts are the same bytes.
  fileprivate var isView: Bool { pixels == 1 && channels % ChannelBlocks.size == 0 }
}
