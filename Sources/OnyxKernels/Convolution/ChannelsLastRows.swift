import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Depthwise convolutions of channels-last images; their constant weights are put in blocks of 16 channels once for the session.
///
/// SAFETY: see `KernelCall`.
enum ChannelsLastRows {
  static let depthwise = KernelRow("channels_last_depthwise_f32", ["ChannelsLastConv"], domain: "onyx", .float32) {
    (op: ChannelsLastConv, query) throws(OnyxError) in
    guard let w = query.constant(1), w.shape.rank == 4, w.elementCount > 0, query.isFixed(2) else {
      return .declined(Preparation.needsConstantWeights)
    }
    guard let x = query.input(0)?.shape, x.rank == 4, x.elementCount > 0, w.shape[1] == 1, w.shape[0] == x[3], op.conv.group == x[3] else {
      return .declined("it is not depthwise, or the input is empty")
    }
    let layout = try ConvolutionLayout(op.conv.window, group: op.conv.group, input: try Shape([x[0], x[3], x[1], x[2]]), weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.outputCount > 0,
      geometry.isProportionate(planes: 16, elements: x.elementCount)
    else { return .declined(WindowExtents.outOfProportion) }
    let (channels, taps) = (x[3], geometry.tapCount)
    let blocks = (channels + 15) / 16
    let sources = [w] + (query.constant(2).map { [$0] } ?? [])
    let floats = unsafe query.packedFloats("channels_last", count: blocks * 16 * (taps + 1), from: sources) { target, sources, _ in
      unsafe ChannelsLastDepthwise.pack(
        sources[0], bias: sources.count > 1 ? sources[1] : nil, channels: channels, taps: taps, into: target)
    }
    let convolution = ChannelsLastDepthwise(geometry: geometry, batch: x[0], channels: channels, weights: floats, isa: query.isa)
    return .run(absorbedInputs: [1, 2]) { call in unsafe convolution.run(call.input(0), call.output(), pool: call.pool) }
  }
}
