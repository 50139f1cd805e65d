import OnyxAttention
import OnyxFigures
import OnyxGraph
import OnyxInsight
import OnyxTensor

/// A gate or map of one run, sorted by pictures.
enum ObservedTensor {
  /// For each branch (one for a kind without branches) and picture the gates of the channels.
  case vectors([[[Double]]])
  /// For each picture a map. `isPlace` says that it lies over the pixels of the block's input.
  case grids([NumberGrid], isPlace: Bool, isShare: Bool)
  /// For each picture and head the probabilities: a row for each query, a column for each key.
  case queries([[NumberGrid]])
  /// All probabilities, `width` in a row, and the mean of the matrices that their last two axes are.
  case points([Double], width: Int, mean: NumberGrid)

  /// Larger tensors are written to files but not drawn.
  static let largest = 1 << 24

  /// nil when the shape is not what the kind of the block says, or the tensor is too large.
  init?(gate tensor: Tensor, of block: GraphAnalysis.Block, inputShape: [Int]? = nil) throws(OnyxError) {
    let extents = tensor.shape.dimensions
    guard tensor.elementCount > 0, tensor.elementCount <= Self.largest, tensor.elementType.isFloating, extents.count >= 2 else {
      return nil
    }
    let values = try tensor.doubles()
    let meaning = block.match.kind.row.gates
    if meaning == .sides {
      guard extents.count == 4 else { return nil }
      guard let grids = Self.grids(values, width: extents[2] * extents[3], height: extents[1]) else { return nil }
      self = .grids(grids, isPlace: false, isShare: false)
      return
    }
    let major = block.isBranchMajor && extents.count > 2
    let branches = meaning == .branches && extents.count > 2 ? extents[major ? 0 : 1] : 1
    var pictures = extents[major ? 1 : 0]
    // Groups of channels may stand as images of their own.
    if branches == 1, let images = inputShape?.first, images > 0, pictures % images == 0 { pictures = images }
    let length = values.count / (branches * pictures)
    self = .vectors(
      (0..<branches).map { branch in
        (0..<pictures).map { picture in
          let start = (major ? branch * pictures + picture : picture * branches + branch) * length
          return Array(values[start..<start + length])
        }
      })
  }

  init?(map tensor: Tensor, of block: GraphAnalysis.Block, inputShape: [Int]?) throws(OnyxError) {
    let extents = tensor.shape.dimensions
    guard tensor.elementCount > 0, tensor.elementCount <= Self.largest, tensor.elementType.isFloating, extents.count >= 2 else {
      return nil
    }
    let values = try tensor.doubles()
    let meaning = block.match.kind.row.maps
    switch meaning {
    case .factors: return nil
    case .points:
      let (rows, width) = (extents[extents.count - 2], extents[extents.count - 1])
      guard let matrices = Self.grids(values, width: width, height: rows), let mean = NumberGrid.mean(of: matrices) else { return nil }
      self = .points(values, width: width, mean: mean)
    case .queries, .channels:
      let (queries, keys) = (extents[extents.count - 2], extents[extents.count - 1])
      guard let matrices = Self.grids(values, width: keys, height: queries) else { return nil }
      var heads = extents.count >= 4 ? extents[extents.count - 3] : 1
      if extents.count == 3, let known = block.match.heads?.known, known > 1, matrices.count % known == 0 { heads = known }
      self = .queries(stride(from: 0, to: matrices.count, by: heads).map { Array(matrices[$0..<$0 + heads]) })
    case .shares:
      guard let shape = inputShape, shape.count == 4, shape[0] > 0, values.count / shape[0] == shape[2] * shape[3] else { return nil }
      guard let grids = Self.grids(values, width: shape[3], height: shape[2]) else { return nil }
      self = .grids(grids, isPlace: true, isShare: true)
    case .elements:
      guard let shape = inputShape, shape.count == 4, shape.allSatisfy({ $0 > 0 }) else { return nil }
      guard values.count % (shape[0] * shape[2] * shape[3]) == 0 else { return nil }
      guard let grids = Self.grids(values, width: shape[3], height: shape[2]) else { return nil }
      let channels = grids.count / shape[0]
      let means = stride(from: 0, to: grids.count, by: channels).compactMap { NumberGrid.mean(of: Array(grids[$0..<$0 + channels])) }
      self = .grids(means, isPlace: true, isShare: false)
    case .pixels, .turned, .none:
      var sides = Array(extents.dropFirst())
      guard let flat = sides.first == 1 ? sides.startIndex : sides.lastIndex(of: 1) else { return nil }
      sides.remove(at: flat)
      let width = sides.last ?? 1
      guard let grids = Self.grids(values, width: width, height: sides.dropLast().reduce(1, *)) else { return nil }
      self = .grids(grids, isPlace: meaning != .turned, isShare: false)
    }
  }

  private static func grids(_ values: [Double], width: Int, height: Int) -> [NumberGrid]? {
    let size = width * height
    guard size > 0, values.count % size == 0 else { return nil }
    var grids: [NumberGrid] = []
    for start in stride(from: 0, to: values.count, by: size) {
      guard let grid = NumberGrid(width: width, height: height, values: Array(values[start..<start + size])) else { return nil }
      grids.append(grid)
    }
    return grids
  }
}
