import OnyxGraph
import OnyxTensor

/// The channel-blocked layout: a plain [N, C, spatial…] value as [N, ⌈C/16⌉, spatial…, 16], channel c in lane c % 16 of block
/// c / 16.
///
/// A blocked value is an ordinary tensor, so elementwise operators and reductions over its spatial axes work on it as they are.
/// Lanes past the last channel hold finite numbers that no operator lets into other lanes.
package enum ChannelBlocks {
  /// Channels of a block, for every instruction set.
  package static let size = 16

  package static func count(_ channels: Int) -> Int { channels / size + (channels % size == 0 ? 0 : 1) }

  /// The blocked shape of a plain one. Throws when it has no channel axis; unknown channels give unknown blocks.
  package static func block(_ plain: [Dimension], _ context: InferenceContext) throws(OnyxError) -> [Dimension] {
    guard plain.count >= 3 else { throw .invalid("A value of rank \(plain.count) has no spatial axes to block before.") }
    let blocks = plain[1].known.map { Dimension(count($0)) } ?? context.unknown("blocks")
    return [plain[0], blocks] + plain[2...] + [Dimension(size)]
  }

  /// The plain shape of a blocked one with this many channels.
  package static func unblock(_ blocked: [Dimension], channels: Dimension) throws(OnyxError) -> [Dimension] {
    guard blocked.count >= 4, blocked.last == Dimension(size) else { throw .invalid("The shape \(blocked) is not channel-blocked.") }
    if let blocks = blocked[1].known, let channels = channels.known, count(channels) != blocks {
      throw .invalid("\(channels) channels do not fill \(blocks) blocks of \(size).")
    }
    return [blocked[0], channels] + blocked[2..<(blocked.count - 1)]
  }

  /// The tensor in blocks; zeros past the last channel. Complexity: O(elements).
  package static func block(_ plain: Tensor) throws(OnyxError) -> Tensor {
    guard plain.shape.rank >= 3 else { throw .invalid("A value of rank \(plain.shape.rank) has no spatial axes to block before.") }
    let channels = plain.shape[1]
    let plane = plain.shape[2...].reduce(1, *)
    let shape = try Shape([plain.shape[0], count(channels)] + plain.shape[2...] + [size])
    return try moved(plain, into: shape) { index in
      let (row, lane) = index.quotientAndRemainder(dividingBy: size)
      let (block, pixel) = row.quotientAndRemainder(dividingBy: plane)
      let channel = block % count(channels) * size + lane
      return channel < channels ? (block / count(channels) * channels + channel) * plane + pixel : nil
    }
  }

  /// The plain tensor with this many channels. Complexity: O(elements).
  package static func unblock(_ blocked: Tensor, channels: Int) throws(OnyxError) -> Tensor {
    guard let dimensions = try unblock(blocked.shape.map { Dimension($0) }, channels: Dimension(channels)).allKnown else {
      throw .bug("A tensor has a symbolic shape.")
    }
    let shape = try Shape(dimensions)
    let plane = shape[2...].reduce(1, *)
    return try moved(blocked, into: shape) { index in
      let (row, pixel) = index.quotientAndRemainder(dividingBy: plane)
      let (image, channel) = row.quotientAndRemainder(dividingBy: channels)
      return ((image * count(channels) + channel / size) * plane + pixel) * size + channel % size
    }
  }

  /// A tensor whose element i is the element `source(i)` of another one, or zero.
  private static func moved(_ tensor: Tensor, into shape: Shape, _ source: (Int) -> Int?) throws(OnyxError) -> Tensor {
    if tensor.elementType.isInteger {
      let values = try tensor.integers()
      var target: [Int64] = try shape.filled(with: 0)
      for index in target.indices { if let from = source(index) { target[index] = values[from] } }
      return try Tensor(integral: target, as: tensor.elementType, shape: shape)
    }
    let values = try tensor.doubles()
    var target: [Double] = try shape.filled(with: 0)
    for index in target.indices { if let from = source(index) { target[index] = values[from] } }
    return try Tensor(floating: target, as: tensor.elementType, shape: shape)
  }
}

extension Set<ElementType> {
  /// What values in channel blocks can have.
  static let blocked: Self = floats.union(bytes)
}
