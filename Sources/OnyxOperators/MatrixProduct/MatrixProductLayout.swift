import OnyxTensor

/// The sizes of a numpy.matmul whose shapes are known, and its scalar loop.
package struct MatrixProductLayout: Sendable, Hashable {
  /// Rows of the left and of the result; 1 for a vector.
  package let rows: Int
  /// Columns of the right and of the result; 1 for a vector.
  package let columns: Int
  /// Columns of the left, rows of the right.
  package let depth: Int
  /// The batch axes of the result.
  package let batch: Shape
  private let leftBatch: Shape
  private let rightBatch: Shape

  /// Throws when the shapes cannot be multiplied.
  package init(_ a: Shape, _ b: Shape) throws(OnyxError) {
    guard let last = a.last, b.rank >= 1, b[max(0, b.rank - 2)] == last else {
      throw .invalid("The matrices of shapes \(a) and \(b) cannot be multiplied.")
    }
    depth = last
    rows = a.rank > 1 ? a[a.rank - 2] : 1
    columns = b.rank > 1 ? b[b.rank - 1] : 1
    leftBatch = try Shape(Array(a.dimensions.dropLast(2)))
    rightBatch = try Shape(Array(b.dimensions.dropLast(2)))
    batch = try Shape.broadcast([leftBatch, rightBatch])
  }

  /// For each matrix of the result, which matrix of the left and of the right makes it.
  package func matrices() throws(OnyxError) -> (left: [Int], right: [Int]) {
    (try leftBatch.broadcastOffsets(to: batch), try rightBatch.broadcastOffsets(to: batch))
  }

  /// `y` is the result filled with zeros.
  func multiply<T: WideNumber>(_ a: [T], _ b: [T], into zeros: [T]) throws(OnyxError) -> [T] {
    var y = zeros
    if y.isEmpty { return y }
    let (left, right) = try matrices()
    var pace = WorkPace(every: 1 << 16)
    for matrix in left.indices {
      for row in 0..<rows {
        let target = (matrix * rows + row) * columns
        for k in 0..<depth {
          try pace.check(after: 1 + columns)
          let factor = a[(left[matrix] * rows + row) * depth + k]
          let source = (right[matrix] * depth + k) * columns
          for column in 0..<columns { y[target + column].add(factor, times: b[source + column]) }
        }
      }
    }
    return y
  }
}
