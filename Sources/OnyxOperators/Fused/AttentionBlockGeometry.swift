import OnyxTensor

/// The sizes of the input X of an `AttentionBlock` whose shape is known, and where its elements stand.
package struct AttentionBlockGeometry: Sendable, Hashable {
  package enum Layout: Sendable, Hashable { case first, last, blocked }

  /// Channels in one block of a blocked X.
  package static let lanes = 16

  /// Images.
  package let batch: Int
  package let channels: Int
  package let height: Int
  package let width: Int
  package let layout: Layout

  /// `shape` has passed the block's shape rule.
  package init(_ block: AttentionBlock, _ shape: Shape) throws(OnyxError) {
    guard shape.rank == (block.channels == nil ? 4 : 5) else { throw .bug("An attention block has unchecked shapes.") }
    batch = shape[0]
    if let channels = block.channels {
      self.channels = channels
      layout = .blocked
      (height, width) = (shape[2], shape[3])
    } else if block.layout == .first {
      layout = .first
      (channels, height, width) = (shape[1], shape[2], shape[3])
    } else {
      layout = .last
      (height, width, channels) = (shape[1], shape[2], shape[3])
    }
  }

  /// Pixels of one image.
  package var plane: Int { height * width }
  /// Blocks of `lanes` channels, the last one perhaps in part.
  package var blocks: Int { (channels + Self.lanes - 1) / Self.lanes }
  /// Channels with those that only fill the last block of a blocked X.
  package var storedChannels: Int { layout == .blocked ? blocks * Self.lanes : channels }
  /// Elements of one image.
  package var imageStride: Int { storedChannels * plane }

  /// The position of an element of X, where the image has `plane` pixels (1 for gates).
  package func offset(_ image: Int, _ channel: Int, _ pixel: Int, plane: Int) -> Int {
    switch layout {
    case .first: (image * channels + channel) * plane + pixel
    case .last: (image * plane + pixel) * channels + channel
    case .blocked: ((image * blocks + channel / Self.lanes) * plane + pixel) * Self.lanes + channel % Self.lanes
    }
  }
}
