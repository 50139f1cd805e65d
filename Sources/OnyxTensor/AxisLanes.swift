/// The lanes of a row-major tensor along one axis: element `i` of a lane lies `i * stride` behind its start.
struct AxisLanes {
  /// Counted from the front.
  let axis: Int
  /// Elements of one lane.
  let extent: Int
  /// Distance of neighbours in a lane, in elements.
  let stride: Int
  /// First elements of all lanes, in row-major order of the other axes.
  let starts: [Int]

  /// A negative `axis` counts from the end. Throws `usage` when it is outside the rank, and `budgetExceeded` when a tensor whose axis is
  /// empty has more lanes than fit in memory.
  init(_ shape: Shape, axis: Int) throws(OnyxError) {
    guard axis >= -shape.rank, axis < shape.rank else {
      throw .usage("Axis \(axis) is outside the rank \(shape.rank) of the tensor.")
    }
    self.axis = axis < 0 ? axis + shape.rank : axis
    extent = shape[self.axis]
    let inner = try Shape(Array(shape.dimensions[(self.axis + 1)...])).elementCount
    let outer = try Shape(Array(shape.dimensions[..<self.axis])).elementCount
    let (count, overflow) = inner.multipliedReportingOverflow(by: outer)
    guard !overflow, count <= Buffer.largestByteCount / MemoryLayout<Int>.stride else {
      throw .budget("A tensor of shape \(shape) has too many lanes along axis \(axis).")
    }
    stride = inner
    let (lane, block) = (inner, inner &* extent)
    starts = (0..<count).map { $0 / lane * block + $0 % lane }
  }
}
