import OnyxTensor

/// The elements of a tensor grouped by their place on some kept axes: each group runs over the other, reduced axes.
struct Slices {
  /// Position of the first element of each group, row-major over the kept axes.
  let starts: [Int]
  /// Positions of the elements of a group relative to its first, row-major over the reduced axes.
  let offsets: [Int]

  /// `reduced` are axes counted from the front. Throws `budgetExceeded` when an empty tensor has too many groups, and when the work has to
  /// end.
  init(_ shape: Shape, over reduced: Set<Int>) throws(OnyxError) {
    let kept = shape.indices.filter { !reduced.contains($0) }
    let inner = shape.indices.filter { reduced.contains($0) }
    let strides = shape.strides
    _ = try Shape(kept.map { shape[$0] }).affordable()
    _ = try Shape(inner.map { shape[$0] }).affordable()
    starts = try Self.positions(kept.map { shape[$0] }, kept.map { strides[$0] })
    offsets = try Self.positions(inner.map { shape[$0] }, inner.map { strides[$0] })
  }

  private static func positions(_ extents: [Int], _ strides: [Int]) throws(OnyxError) -> [Int] {
    var positions: [Int] = []
    positions.reserveCapacity(extents.reduce(1, *))
    var pace = WorkPace(every: 1 << 16)
    for position in StridedPositions(extents: extents, strides: strides) {
      try pace.check()
      positions.append(position)
    }
    return positions
  }

  /// One result for each group of elements.
  func map<T, R>(_ values: [T], _ function: ([T]) throws(OnyxError) -> R) throws(OnyxError) -> [R] {
    var results: [R] = []
    results.reserveCapacity(starts.count)
    var pace = WorkPace(every: 1 << 15)
    for start in starts {
      try pace.check(after: 1 + offsets.count)
      results.append(try function(offsets.mapped { values[start + $0] }))
    }
    return results
  }

  /// Each group replaced by as many elements, in place.
  func replacing<T, R>(_ values: [T], with initial: R, _ function: ([T]) throws(OnyxError) -> [R]) throws(OnyxError) -> [R] {
    var results = [R](repeating: initial, count: values.count)
    var pace = WorkPace(every: 1 << 15)
    for start in starts {
      try pace.check(after: 1 + offsets.count)
      let group = try function(offsets.mapped { values[start + $0] })
      try offsets.indices.forEachPortion { for index in $0 { results[start + offsets[index]] = group[index] } }
    }
    return results
  }
}
