import OnyxAttention
import OnyxTensor

/// How much of each token of the first block reaches each token behind the last one, when weights and shortcuts carry equal parts.
///
/// Abnar and Zuidema, 2020, arXiv:2005.00928: the product over the blocks of (A + I) / 2, A the mean of the heads, each row sharing 1.
public struct AttentionRollout: Sendable, Hashable {
  /// Names of the blocks, first to last.
  public let blocks: [String]
  /// Tokens of each picture or text.
  public let tokens: Int
  /// [picture][token behind the last block × token before the first], a row shares 1.
  public let weights: [[Double]]

  /// More tokens than these are not rolled out, nor more products of all pictures: the work grows with the cube of the tokens.
  private static let mostTokens = 1024
  private static let mostProducts = 1 << 31

  /// Of blocks in which all tokens attend to all tokens, in the order of the run. nil without two blocks of the same tokens.
  ///
  /// `maps` are [N, heads, T, T], [N · heads, T, T] or [N, T, T]; those of other tokens than the first block's are left out.
  package init?(_ found: [(block: Summary.AttentionBlock, maps: [Tensor])]) throws(OnyxError) {
    var names: [String] = []
    var product: [[Double]] = []
    var side = 0
    for (block, maps) in found where Self.kinds.contains(block.kind) {
      guard let map = maps.first, map.elementType.isFloating, let shape = Self.shape(map, heads: block.heads) else { continue }
      guard product.isEmpty || shape.tokens == side && shape.pictures == product.count else { continue }
      let mixed = Self.withShortcut(try map.doubles(), shape)
      side = shape.tokens
      product = product.isEmpty ? mixed : zip(mixed, product).map { Self.product($0, $1, side) }
      names.append(block.name)
    }
    guard names.count > 1 else { return nil }
    (blocks, tokens, weights) = (names, side, product)
  }

  /// Blocks whose tokens all attend to all tokens.
  private static let kinds: Set = [AttentionKind.selfAttention.rawValue, AttentionKind.talkingHeads.rawValue]

  /// What the axes of a map count.
  private typealias Extents = (pictures: Int, heads: Int, tokens: Int)

  /// nil for a map that is not square, and for one that takes too long.
  private static func shape(_ map: Tensor, heads: Int?) -> Extents? {
    let extents = map.shape.dimensions
    guard extents.count == 3 || extents.count == 4, let side = extents.last, side > 1, side <= mostTokens,
      extents[extents.count - 2] == side
    else { return nil }
    let folded = heads.flatMap { $0 > 0 && extents[0] % $0 == 0 ? $0 : nil } ?? 1
    let shape = extents.count == 4 ? (extents[0], extents[1], side) : (extents[0] / folded, folded, side)
    let pictures = 1...mostProducts / (side * side * side)
    return pictures.contains(shape.0) && shape.1 > 0 ? shape : nil
  }

  /// (mean of the heads + I) / 2, each row divided by its sum, for each picture.
  private static func withShortcut(_ values: [Double], _ shape: Extents) -> [[Double]] {
    let (side, size) = (shape.tokens, shape.tokens * shape.tokens)
    return (0..<shape.pictures).map { picture in
      var mixed = [Double](repeating: 0, count: size)
      for head in 0..<shape.heads {
        let start = (picture * shape.heads + head) * size
        for index in 0..<size { mixed[index] += values[start + index] }
      }
      for row in 0..<side {
        let range = row * side..<(row + 1) * side
        for index in range { mixed[index] /= Double(shape.heads) }
        mixed[row * side + row] += 1
        let sum = mixed[range].reduce(0, +)
        guard sum > 0 else { continue }
        for index in range { mixed[index] /= sum }
      }
      return mixed
    }
  }

  /// a · b, both of `side` rows.
  private static func product(_ a: [Double], _ b: [Double], _ side: Int) -> [Double] {
    var result = [Double](repeating: 0, count: side * side)
    for row in 0..<side {
      for inner in 0..<side {
        let factor = a[row * side + inner]
        for column in 0..<side { result[row * side + column] += factor * b[inner * side + column] }
      }
    }
    return result
  }
}

extension AttentionRollout {
  /// `weights` as [N, tokens, tokens].
  public var tensor: Tensor {
    get throws(OnyxError) { try Tensor(weights.flatMap { $0.map { Float($0) } }, shape: try Shape([weights.count, tokens, tokens])) }
  }
}
