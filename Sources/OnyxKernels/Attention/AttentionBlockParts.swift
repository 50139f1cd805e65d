import OnyxOperators

/// The parts of one image that the phases of an attention block work on, each by one thread.
///
/// Depends on the sizes alone, and so do the sums over channels and pixels, which are joined from parts in order.
struct AttentionBlockParts: Sendable {
  /// Channels and pixels of a part, save the last of each kind.
  let channels: Int
  let pixels: Int
  let channelParts: Int
  let pixelParts: Int

  private let sizes: AttentionBlockGeometry

  var count: Int { channelParts * pixelParts }
  /// Elements of one part.
  var elements: Int { channels * pixels }

  /// Parts that the channels are cut into when there are enough of them.
  private static let usualChannelParts = 8
  /// The most channels that are summed in one go.
  private static let mostChannels = 128
  /// Elements of a plane, or of whole pixels, in one part.
  private static let run = 2048
  private static let wideRun = 32768

  init(_ sizes: AttentionBlockGeometry) {
    self.sizes = sizes
    let lanes = AttentionBlockGeometry.lanes
    let wanted = sizes.layout == .last ? Self.wideRun / sizes.channels : Self.run
    let pieces = max(1, (sizes.plane + max(wanted, 64) - 1) / max(wanted, 64))
    pixels = ((sizes.plane + pieces - 1) / pieces + 63) / 64 * 64
    pixelParts = (sizes.plane + pixels - 1) / pixels
    if sizes.layout == .last {
      channels = sizes.channels
    } else {
      let blocks = (sizes.blocks + Self.usualChannelParts - 1) / Self.usualChannelParts
      channels = min(blocks * lanes, Self.mostChannels)
    }
    channelParts = (sizes.channels + channels - 1) / channels
  }

  func channelRange(_ part: Int) -> Range<Int> { part * channels..<min((part + 1) * channels, sizes.channels) }
  func pixelRange(_ part: Int) -> Range<Int> { part * pixels..<min((part + 1) * pixels, sizes.plane) }
}
