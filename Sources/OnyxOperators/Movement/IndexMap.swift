import OnyxTensor

/// Where the elements of a moved tensor come from: positions in the row-major source, one for each result element, as arrays where they are
/// few or change afterwards, else as sequences.
enum IndexMap {
  /// Stands for an element that comes from no source: padding.
  static let outside = -1

  /// For each element of `shape`, in order, the sum of the shares its coordinates contribute; `outside` when one has none.
  ///
  /// Nothing is allocated before the memory check. Complexity: O(elements · rank).
  static func sums(_ shape: Shape, _ share: (_ axis: Int, _ coordinate: Int) -> Int?) throws(OnyxError) -> [Int] {
    try ReferenceMemory.check(shape.elementCount)
    return try withoutActuallyEscaping(share) { (share) throws(OnyxError) in try Self.all(AxisSums(shape, share), count: shape.elementCount)
    }
  }

  /// Positions when the axes of `source` are put in the order `permutation`.
  static func transposed(_ source: Shape, _ permutation: [Int]) throws(OnyxError) -> AxisSums {
    let strides = source.strides
    return AxisSums(try Shape(permutation.map { source[$0] })) { axis, coordinate in coordinate * strides[permutation[axis]] }
  }

  /// The positions of runs of `length` elements, one run from each of `starts`.
  static func runs(from starts: [Int], length: Int) throws(OnyxError) -> [Int] {
    let (count, overflow) = starts.count.multipliedReportingOverflow(by: length)
    guard !overflow else { throw .budget("The result has more elements than fit in memory.") }
    try ReferenceMemory.check(count)
    return try all(IndexRuns(from: starts, length: length), count: count)
  }

  /// The positions as an array. Throws `budgetExceeded` when the work has to end.
  private static func all(_ positions: some Sequence<Int>, count: Int) throws(OnyxError) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    var pace = WorkPace(every: 1 << 16)
    for position in positions {
      try pace.check()
      result.append(position)
    }
    return result
  }

  /// The index counted from the front. Throws when it is outside [-extent, extent - 1].
  static func normalize(_ index: Int, extent: Int) throws(OnyxError) -> Int {
    guard index >= -extent && index < extent else { throw .indexOutside(index, extent: extent) }
    return index < 0 ? index + extent : index
  }

  /// Positions that entries of `indices` select along `axis`, each at its own coordinates on the other axes: the elements
  /// of GatherElements, the targets of ScatterElements.
  static func alongAxis(_ axis: Int, of data: Shape, at indices: Tensor) throws(OnyxError) -> [Int] {
    let strides = data.strides
    var result = try sums(indices.shape) { $0 == axis ? 0 : $1 * strides[$0] }
    var pace = WorkPace(every: 1 << 16)
    for (position, index) in try indices.ints().enumerated() {
      try pace.check()
      result[position] += try normalize(index, extent: data[axis]) * strides[axis]
    }
    return result
  }

  /// Where the slice that each index tuple selects begins, and the element count of such a slice. The first `batch` axes
  /// are shared by data and indices: GatherND, ScatterND.
  static func tuples(of data: Shape, at indices: Tensor, batch: Int) throws(OnyxError) -> (starts: [Int], length: Int) {
    let width = indices.shape[indices.shape.rank - 1]
    let strides = data.strides
    let perBatch = indices.shape[batch..<(indices.shape.rank - 1)].reduce(1, *)
    let batchStride = data[batch...].reduce(1, *)
    let values = try indices.ints()
    var starts: [Int] = []
    let tupleCount = indices.shape.dropLast().reduce(1, *)
    try ReferenceMemory.check(tupleCount)
    starts.reserveCapacity(tupleCount)
    var pace = WorkPace(every: 1 << 14)
    for tuple in 0..<tupleCount {
      try pace.check()
      var start = tuple / max(perBatch, 1) * batchStride
      for part in 0..<width {
        let axis = batch + part
        start += try normalize(values[tuple * width + part], extent: data[axis]) * strides[axis]
      }
      starts.append(start)
    }
    return (starts, data[(batch + width)...].reduce(1, *))
  }
}

extension OnyxError {
  /// An index that is not in [-extent, extent - 1].
  package static func indexOutside(_ index: Int, extent: Int) -> OnyxError {
    .invalid("The index \(index) is outside the axis of \(extent) elements.", remedy: "Indices must lie in \(-extent) … \(extent - 1).")
  }
}
