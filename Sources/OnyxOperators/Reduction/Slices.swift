import OnyxTensor

/// The elements of a tensor grouped by their place on some kept axes: each group runs over the other, reduced axes.
struct Slices {
  /// Position of the first element of each group, row-major over the kept axes.
  let starts: [Int]
  /// Positions of the elements of a group relative to its first, row-major over the reduced axes.
  let offsets: [Int]

  /// `reduced` are axes counted from the front. Throws `budgetExceeded` when an empty tensor has too many groups.
  init(_ shape: Shape, over reduced: Set<Int>) throws(OnyxError) {
    let kept = shape.indices.filter { !reduced.contains($0) }
    let inner = shape.indices.filter { reduced.contains($0) }
    let strides = shape.strides
    _ = try Shape(kept.map { shape[$0] }).affordable()
    _ = try Shape(inner.map { shape[$0] }).affordable()
    starts = Array(StridedPositions(extents: kept.map { shape[$0] }, strides: kept.map { strides[$0] }))
    offsets = Array(StridedPositions(extents: inner.map { shape[$0] }, strides: inner.map { strides[$0] }))
  }

  /// One result for each group of elements.
  func map<T, R>(_ values: [T], _ function: ([T]) throws(OnyxError) -> R) throws(OnyxError) -> [R] {
    var results: [R] = []
    results.reserveCapacity(starts.count)
    var pace = WorkPace(every: 1 << 15)
    for start in starts {
      try pace.check(after: 1 + offsets.count)
      results.append(try function(offsets.map { values[start + $0] }))
    }
    return results
  }

  /// Each group replaced by as many elements, in place.
  func replacing<T, R>(_ values: [T], with initial: R, _ function: ([T]) -> [R]) throws(OnyxError) -> [R] {
    var results = [R](repeating: initial, count: values.count)
    var pace = WorkPace(every: 1 << 15)
    for start in starts {
      try pace.check(after: 1 + offsets.count)
      for (offset, result) in zip(offsets, function(offsets.map { values[start + $0] })) { results[start + offset] = result }
    }
    return results
  }
}
