import CKernels
import OnyxThreads

/// Attention of few queries, as of a token that a decoder adds: every row is a product of a vector with the keys, which are read where
/// they are, and one with the values.
///
/// SAFETY: as in `FusedAttention`; scratch holds the keys' scores, a query and a result.
extension FusedAttention {
  /// Up to here packing the values costs more than reading them once for each query.
  private static let fewQueries = 4

  var isByRow: Bool { queries <= FusedAttention.fewQueries && q.feature == 1 && k.feature == 1 && v.feature == 1 }

  func runByRow(_ operands: Operands, pool: ThreadPool) {
    let grain = max(1, GemmProduct.serialWork / 16 / max(1, keys * (depth + features)))
    pool.parallelFor(count: batch * heads * queries, grain: grain) { range in
      unsafe pool.workspace.withFloats(keys + depth + features) { scratch in
        for row in range {
          let (head, query) = row.quotientAndRemainder(dividingBy: queries)
          unsafe attend(operands, image: head / heads, head: head % heads, query: query, scratch)
        }
      }
    }
  }

  private func attend(_ operands: Operands, image: Int, head: Int, query: Int, _ scratch: UnsafeMutablePointer<Float>) {
    let seen = visible.range(query, of: queries, count: keys, length: operands.length(image))
    let (scores, scaled, sums) = unsafe (scratch, scratch + keys, scratch + keys + depth)
    let keyHead = head / headGroup
    unsafe isa.elementwise.unary[Int(ONYX_UNARY_AFFINE)]!(
      scaled, operands.q + q.offset + image * q.batch + head * q.head + query * q.row, Int64(depth), scale, 0)
    let key = unsafe operands.k + k.offset + image * k.batch + keyHead * k.head + seen.lowerBound * k.row
    unsafe isa.gemm.gemv_columns!(scores, scaled, key, Int64(k.row), Int64(depth), Int64(seen.count))
    if softcap > 0 { unsafe cap(scores, seen.count) }
    if let mask, let base = unsafe operands.mask {
      let at = unsafe base + mask.offset + image * mask.batch + head * mask.head + query * mask.row + seen.lowerBound * mask.feature
      for index in 0..<seen.count { unsafe scores[index] += at[index * mask.feature] }
    }
    let target = unsafe operands.y + y.offset + image * y.batch + head * y.head + query * y.row
    let result = unsafe y.feature == 1 ? target : sums
    if unsafe isEmpty(scores, seen.count) {
      unsafe isa.elementwise.fill!(result, emptyIsZero ? 0 : .nan, Int64(features))
    } else {
      unsafe isa.normalize.softmax_lines!(scores, scores, 1, Int64(seen.count), 0)
      let value = unsafe operands.v + v.offset + image * v.batch + keyHead * v.head + seen.lowerBound * v.row
      unsafe isa.gemm.gemv_rows!(result, scores, value, Int64(v.row), Int64(seen.count), Int64(features))
    }
    if y.feature != 1 { for feature in 0..<features { unsafe target[feature * y.feature] = sums[feature] } }
  }

  /// Whether no key is visible.
  private func isEmpty(_ scores: UnsafePointer<Float>, _ count: Int) -> Bool {
    for index in 0..<count where unsafe scores[index] != -.infinity { return false }
    return true
  }

  /// softcap · tanh(score / softcap)
  func cap(_ scores: UnsafeMutablePointer<Float>, _ count: Int) {
    let unary = unsafe isa.elementwise.unary!
    unsafe unary[Int(ONYX_UNARY_AFFINE)]!(scores, scores, Int64(count), 1 / softcap, 0)
    unsafe unary[Int(ONYX_UNARY_TANH)]!(scores, scores, Int64(count), 0, 0)
    unsafe unary[Int(ONYX_UNARY_AFFINE)]!(scores, scores, Int64(count), softcap, 0)
  }
}
