extension Tensor {
  /// The index of the largest element of all, counted in row-major order; of equal elements the first. A NaN is larger than every number.
  ///
  /// Throws `usage` for an empty tensor and for one of bools, strings or complex numbers. Complexity: O(elements).
  public func argmax() throws(OnyxError) -> Int {
    let flat = try reshaped(to: try Shape([elementCount]))
    return try flat.argmax(axis: 0).integers().map(Int.init)[0]
  }

  /// The indices of the largest elements along `axis`, as an int64 tensor whose shape lacks that axis: for logits of shape [batch,classes]
  /// the classes, of shape [batch]. A negative axis counts from the end.
  ///
  /// As ONNX ArgMax (13) with `keepdims` 0: of equal elements the first is taken, and a NaN is larger than every number.
  /// Throws `usage` for an axis outside the rank, an empty axis, and a tensor of bools, strings or complex numbers.
  /// Complexity: O(elements).
  public func argmax(axis: Int) throws(OnyxError) -> Tensor {
    let lanes = try AxisLanes(shape, axis: axis)
    guard lanes.extent > 0 || lanes.starts.isEmpty else {
      throw .usage("Axis \(axis) of \(typeDescription) is empty: it has no largest element.")
    }
    let keys = try rankingKeys()
    let indices = lanes.starts.map { start in
      var best = 0
      for place in 1..<max(lanes.extent, 1) where keys[start + place * lanes.stride] > keys[start + best * lanes.stride] { best = place }
      return Int64(best)
    }
    var extents = shape.dimensions
    extents.remove(at: lanes.axis)
    return try Tensor(indices, shape: try Shape(extents))
  }

  /// The `k` largest elements along `axis` in falling order, of the same type, and their indices as int64; both have `k` in place of the
  /// axis's extent. A negative axis counts from the end.
  ///
  /// As ONNX TopK (24): of equal elements the one with the lower index comes first, and a NaN is larger than every number.
  /// Throws `usage` for an axis outside the rank, a `k` outside 0 … extent, and a tensor of bools, strings or complex numbers.
  /// Complexity: O(elements · log extent).
  public func topK(_ k: Int, axis: Int = -1) throws(OnyxError) -> (values: Tensor, indices: Tensor) {
    let lanes = try AxisLanes(shape, axis: axis)
    guard k >= 0, k <= lanes.extent else {
      throw .usage("The \(k) largest elements were asked for, and axis \(axis) of \(typeDescription) has \(lanes.extent).")
    }
    let keys = try rankingKeys()
    var extents = shape.dimensions
    extents[lanes.axis] = k
    let result = try Shape(extents)
    let target = try AxisLanes(result, axis: lanes.axis)
    var positions = [Int](repeating: 0, count: result.elementCount)
    var indices = [Int64](repeating: 0, count: result.elementCount)
    for (start, targetStart) in zip(lanes.starts, target.starts) {
      let order = (0..<lanes.extent).sorted { a, b in
        let (left, right) = (keys[start + a * lanes.stride], keys[start + b * lanes.stride])
        return left == right ? a < b : left > right
      }
      for (place, index) in order.prefix(k).enumerated() {
        positions[targetStart + place * target.stride] = start + index * lanes.stride
        indices[targetStart + place * target.stride] = Int64(index)
      }
    }
    return (try gathering(positions, shape: result), try Tensor(indices, shape: result))
  }

  /// Integers in the order of the elements: equal for equal numbers, largest for NaN.
  private func rankingKeys() throws(OnyxError) -> [Int64] {
    if elementType.isFloating { return try doubles().map(Self.rankingKey) }
    guard elementType.isInteger else { throw .usage("The elements of \(typeDescription) have no order.") }
    return try orderedIntegers()
  }

  /// The bits of a double, with those of negative numbers turned round.
  private static func rankingKey(_ value: Double) -> Int64 {
    if value.isNaN { return .max }
    let bits = Int64(bitPattern: (value + 0).bitPattern)
    return bits < 0 ? .min &- bits : bits
  }
}
