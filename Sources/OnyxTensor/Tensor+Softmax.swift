#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Tensor {
  /// exp(x) / Σ exp(x) along `axis`: scores become shares that sum to 1. The result has the same type and shape. A negative axis
  /// counts from the end.
  ///
  /// As ONNX Softmax (13), computed in `Double` after the largest element is subtracted, and rounded once. Lanes with a NaN or with +∞, and
  /// lanes of −∞ alone, become NaN.
  /// Throws `usage` for an axis outside the rank and for a tensor that is not of a floating type. Complexity: O(elements).
  public func softmax(axis: Int = -1) throws(OnyxError) -> Tensor {
    guard elementType.isFloating else {
      throw .usage("Softmax needs floats, and the tensor is \(typeDescription).", remedy: "Convert it first: converted(to: .float32).")
    }
    let lanes = try AxisLanes(shape, axis: axis)
    var values = try doubles()
    for start in lanes.starts {
      let positions = (0..<lanes.extent).map { start + $0 * lanes.stride }
      let largest = positions.reduce(-Double.infinity) { max($0, values[$1]) }
      var sum = 0.0
      for position in positions {
        values[position] = exp(values[position] - largest)
        sum += values[position]
      }
      for position in positions { values[position] /= sum }
    }
    return try Tensor(floating: values, as: elementType, shape: shape)
  }
}
