import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The channel-blocked layout: reorders at the borders of its regions and dense convolutions inside.
///
/// SAFETY: see `KernelCall`.
enum BlockedRows {
  static let block = KernelRow("block_channels_f32", ["BlockChannels"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let plain = query.input(0)?.shape, let reorder = ChannelReorder(plain, query.isa) else { return .declined(noSpatialAxis) }
    if reorder.isView { return .view(of: 0) }
    return .run { call in unsafe reorder.block(call.input(0, as: Float.self), call.output(), pool: call.pool) }
  }

  static let unblock = KernelRow("unblock_channels_f32", ["UnblockChannels"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let plain = query.outputs[0]?.shape, let reorder = ChannelReorder(plain, query.isa) else { return .declined(noSpatialAxis) }
    if reorder.isView { return .view(of: 0) }
    return .run { call in unsafe reorder.unblock(call.input(0, as: Float.self), call.output(), pool: call.pool) }
  }

  static let gather = KernelRow("gather_channels_f32", ["GatherChannels"], domain: "onyx", .float32) {
    (op: GatherChannels, query) throws(OnyxError) in
    let shapes = query.inputs.compactMap { $0?.shape }
    guard shapes.count == query.inputs.count, let gather = ChannelGather(op.channels, inputs: shapes, isa: query.isa) else {
      return .declined(noSpatialAxis)
    }
    return .run { call in gather.run(call) }
  }

  static let direct = KernelRow("blocked_conv_f32_direct", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.layout.groups == 1 else { return .declined("there are \(site.layout.groups) groups") }
    guard site.isProportionate else { return .declined(WindowExtents.outOfProportion) }
    return try direct(query, site)
  }

  static let tapwise = KernelRow("blocked_conv_f32_tapwise", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.isBlocked, site.layout.groups == 1, query.input(4) == nil, TapwiseConvolution.serves(site.geometry),
      let convolution = try TapwiseConvolution(query, site)
    else { return .declined("it is no dense window of stride 1 that mostly meets padding, or factors come with the input") }
    let batch = site.layout.batch
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(call.input(0), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }

  private static let noSpatialAxis = "there is no spatial axis"

  private static func direct(_ query: KernelQuery, _ site: BlockedConvSite) throws(OnyxError) -> Preparation {
    let (layout, isa) = (site.layout, query.isa)
    let packed = try query.kept(site.isBlocked ? "blocked" : "plain") { () throws(OnyxError) in
      unsafe try PackedFilters(
        filters: layout.filters, channels: layout.channels, taps: site.geometry.tapCount, bias: site.biasValues(),
        isBlocked: site.isBlocked, isa: isa
      ) { count, fill in
        unsafe query.packedFloats("blocked_\(isa.name)_\(site.isBlocked)", count: count, from: [site.weights], fill: fill)
      }
    }
    let convolution = BlockedConvolution(geometry: site.geometry, weights: packed, activation: site.activation, isa: isa)
    let batch = layout.batch
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(
        call.input(0), factors: call.optionalInput(4), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }
}

extension ChannelReorder {
  /// nil without a spatial axis.
  init?(_ plain: Shape, _ isa: ISA) {
    guard plain.rank >= 3 else { return nil }
    self.init(batch: plain[0], channels: plain[1], pixels: plain[2...].reduce(1, *), isa: isa)
  }

  /// Whether both layouts are the same bytes.
  var isView: Bool { pixels == 1 && channels % ChannelBlocks.size == 0 }
}
