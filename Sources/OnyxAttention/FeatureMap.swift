import OnyxGraph

/// The value that a block weighs, and where its channels stand.
struct FeatureMap {
  let value: ValueID
  let shape: [Dimension]
  let channelAxis: Int

  init?(_ value: ValueID, channelAxis: Int, in view: any GraphView) {
    guard let shape = view.shape(value), shape.count >= 3, shape.indices.contains(channelAxis), channelAxis > 0 else { return nil }
    self.value = value
    self.shape = shape
    self.channelAxis = channelAxis
  }

  var channels: Dimension { shape[channelAxis] }
  var batch: Dimension { shape[0] }
  var spatialAxes: Set<Int> { Set(1..<shape.count).subtracting([channelAxis]) }
  var sides: [Dimension] { spatialAxes.sorted().map { shape[$0] } }

  /// The axis along which `shape` holds a vector of `length` for each image; nil when it is no such vector. Between two
  /// values that are, Reshape and its like keep the order of the elements.
  func vectorAxis(_ shape: [Dimension]?, _ length: Dimension) -> Int? {
    guard let shape, shape.count >= 2, shape[0] == batch else { return nil }
    let rest = shape.indices.dropFirst().filter { shape[$0] != 1 }
    if length == 1 { return rest.isEmpty ? 1 : nil }
    return rest.count == 1 && shape[rest[0]] == length ? rest[0] : nil
  }

  /// Whether `shape` holds one number for each pixel of each image, in the order of the map.
  func isPixelMap(_ shape: [Dimension]?) -> Bool {
    guard let shape, shape.first == batch else { return false }
    return shape.dropFirst().filter { $0 != 1 } == sides.filter { $0 != 1 }
  }
}
