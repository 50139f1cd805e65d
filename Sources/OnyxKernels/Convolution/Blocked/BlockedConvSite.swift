import OnyxGraph
import OnyxOperators
import OnyxTensor

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

  /// Why there is no site.
  static let needs = "weights or bias are no constants, something is empty, or the window is out of proportion to the input"

  /// The site of a query, found once for all rows; nil when there is none.
  static func of(_ query: KernelQuery) throws(OnyxError) -> BlockedConvSite? {
    try query.shared { () throws(OnyxError) in Found(site: try BlockedConvSite(query)) }.site
  }

  private struct Found: Sendable {
    let site: BlockedConvSite?
  }

  private init?(_ query: KernelQuery) throws(OnyxError) {
    guard let op = query.op as? BlockedConv, let x = query.input(0)?.shape, let w = query.constant(1), w.shape.rank == 4,
      w.elementCount > 0, x.elementCount > 0, query.isFixed(2)
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

  /// Whether the padded planes of dense channel blocks stay in proportion to X.
  var isProportionate: Bool {
    geometry.isProportionate(planes: ChannelBlocks.count(layout.channels) * ChannelBlocks.size, elements: inputCount)
  }

  /// The bias of each filter; nil for none.
  func biasValues() throws(OnyxError) -> [Float]? { try bias?.elements(as: Float.self) }
}
