import CKernels
import OnyxTensor
import OnyxThreads

/// The index tuples of GatherND and ScatterND, and the slices of the data that they select.
///
/// SAFETY: offsets are used only when every index of their tuples is inside its axis.
struct IndexTuples: Sendable {
  let count: Int
  /// Elements of a slice.
  let length: Int
  /// The extents of the axes that a tuple indexes.
  let extents: [Int]
  private let strides: [Int64]
  private let batches: Int
  private let batchStride: Int

  /// The first `batch` axes are shared; the tuples are the last axis of the indices, at least 1 and at most the data's other axes long.
  init(data: Shape, indices: Shape, batch: Int) {
    let width = indices[indices.rank - 1]
    count = indices.dropLast().reduce(1, *)
    length = data[(batch + width)...].reduce(1, *)
    extents = Array(data[batch..<batch + width])
    strides = data.strides[batch..<batch + width].map { Int64($0) }
    batches = data[..<batch].reduce(1, *)
    batchStride = data[batch...].reduce(1, *)
  }

  /// Finds the offsets of all tuples, in elements of the data, and calls `body` for pieces of them on all threads; a piece with an index
  /// outside is recorded instead.
  ///
  /// SAFETY: `offsets` holds `count` numbers.
  func forEach(
    _ call: borrowing KernelCall, failure: borrowing IndexFailure, _ offsets: UnsafeMutablePointer<Int64>, runBytes: Int,
    _ body: (_ first: Int, _ count: Int) -> Void
  ) {
    guard count > 0, batches > 0 else { return }
    let tuples = unsafe call.input(1, as: Int64.self)
    let (parts, perBatch) = (extents.count, count / batches)
    let piece = max(1, min(perBatch, 65536 / max(runBytes, 16)))
    let pieces = (perBatch + piece - 1) / piece
    let wide = extents.map { Int64($0) }
    call.pool.parallelFor(count: batches * pieces, grain: max(1, 65536 / (piece * max(runBytes, 16)))) { range in
      for task in range {
        let (batch, part) = task.quotientAndRemainder(dividingBy: pieces)
        let first = batch * perBatch + part * piece
        let n = min(piece, perBatch - part * piece)
        let done = unsafe Int(
          onyx_tuple_offsets(offsets + first, tuples + first * parts, Int64(n), Int64(parts), wide, strides))
        if done < n * parts {
          failure.record(first * parts + done)
          continue
        }
        if batch > 0 { for index in first..<first + n { unsafe offsets[index] += Int64(batch * batchStride) } }
        body(first, n)
      }
    }
  }
}
