import OnyxTensor

/// The positions that a nest of loops over strides visits, the last extent innermost.
///
/// Broadcasting repeats an axis with stride 0; reductions walk the kept and the reduced axes apart.
struct StridedPositions: Sequence, IteratorProtocol {
  private let extents: [Int]
  private let strides: [Int]
  private var counters: [Int]
  private var position: Int
  private var remaining: Int

  /// The product of the extents must fit an `Int`: they are axes of a valid shape.
  init(extents: [Int], strides: [Int], start: Int = 0) {
    self.extents = extents
    self.strides = strides
    counters = Array(repeating: 0, count: extents.count)
    position = start
    remaining = extents.contains(0) ? 0 : extents.reduce(1, *)
  }

  /// The positions in `operand` of the elements of `result`, to which it must be broadcastable.
  init(of operand: Shape, in result: Shape) {
    var strides = [Int](repeating: 0, count: result.rank)
    for (axis, (dimension, stride)) in zip((result.rank - operand.rank)..., zip(operand, operand.strides)) where dimension != 1 {
      strides[axis] = stride
    }
    self.init(extents: result.dimensions, strides: strides)
  }

  var underestimatedCount: Int { remaining }

  mutating func next() -> Int? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    let current = position
    var axis = extents.count - 1
    while axis >= 0 {
      counters[axis] += 1
      position += strides[axis]
      if counters[axis] < extents[axis] { break }
      position -= strides[axis] * extents[axis]
      counters[axis] = 0
      axis -= 1
    }
    return current
  }
}

extension Shape {
  /// For each element of `target`, the element of this shape that broadcasting puts there. Throws unless this shape broadcasts to
  /// `target` (unidirectional). Complexity: O(target elements).
  func broadcastOffsets(to target: Shape) throws(OnyxError) -> [Int] {
    let positions = try broadcastPositions(to: target)
    try ReferenceMemory.check(target.elementCount)
    return Array(positions)
  }

  /// As `broadcastOffsets`, one after the other.
  func broadcastPositions(to target: Shape) throws(OnyxError) -> StridedPositions {
    try checkBroadcast(to: target)
    return StridedPositions(of: self, in: target)
  }

  /// Throws `invalidModel` unless this shape broadcasts to `target` (unidirectional).
  func checkBroadcast(to target: Shape) throws(OnyxError) {
    let lead = target.rank - rank
    guard lead >= 0, indices.allSatisfy({ self[$0] == 1 || self[$0] == target[lead + $0] }) else {
      throw .invalid("The shape \(self) cannot be broadcast to \(target).")
    }
  }
}

/// The common shape of operands under multidirectional broadcasting, and element-by-element combination in it.
struct Broadcast {
  let shape: Shape

  init(_ operands: [Tensor]) throws(OnyxError) { shape = try Shape.broadcast(operands.map(\.shape)).affordable() }

  func combine<A, B, R>(_ a: [A], _ aShape: Shape, _ b: [B], _ bShape: Shape, _ function: (A, B) -> R) -> [R] {
    if aShape == shape && bShape == shape { return zip(a, b).map(function) }
    return zip(StridedPositions(of: aShape, in: shape), StridedPositions(of: bShape, in: shape)).map { function(a[$0], b[$1]) }
  }
}
