import OnyxTensor

/// Bounds of `TensorOperator.smallResult`.
enum SmallResult {
  /// Elements of a result up to which finding types and binding a kernel take longer than a reference does.
  static let largestElementCount = 64
}

extension Tensor {
  /// The elements of an integer tensor that are few enough for axes, extents and indices; nil for more, and for other types.
  var smallInts: [Int]? {
    guard elementCount <= SmallResult.largestElementCount else { return nil }
    switch elementType {
    case .int64: return (try? elements(as: Int64.self))?.map { Int($0) }
    case .int32: return (try? elements(as: Int32.self))?.map { Int($0) }
    default: return nil
    }
  }
}
