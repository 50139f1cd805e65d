import CKernels
import OnyxThreads

/// How heads talk: head g becomes bias[g] + Σ over h of matrix[h, g] times head h.
///
/// SAFETY: the matrix holds the square of the heads, the bias their number.
@safe package struct HeadMixture {
  let matrix: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?

  package init(matrix: UnsafePointer<Float>, bias: UnsafePointer<Float>?) {
    unsafe self.matrix = matrix
    unsafe self.bias = bias
  }
}

/// Attention whose heads talk (Shazeer et al. 2020, arXiv:2003.02436). A task is one tile of queries with all heads: their scores lie one
/// plane behind the other, over all keys, since the mixture behind the softmax needs every head's sum. Lanes do not meet, so results are
/// bit-equal for every number of threads.
///
/// SAFETY: as in `FusedAttention`; scratch holds `mixedFloats`.
extension FusedAttention {
  /// Most heads that a mixture may have.
  package static var mostMixedHeads: Int { Int(ONYX_MIXED_HEADS) }

  /// Floats that a thread needs while heads talk: planes of scores, sums of heads, a tile's other memory; nil when they are past counting.
  var mixedFloats: Int? {
    var floats = keys
    for factor in [heads, width] {
      let (product, overflow) = floats.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      floats = product
    }
    let (sum, overflow) = floats.addingReportingOverflow((depth + features + heads + 4) * width)
    return overflow || sum > Int.max / 64 ? nil : sum
  }

  /// Queries of the images whose packed keys and values are there.
  func attendMixed(
    _ operands: Operands, _ chunk: Range<Int>, _ packed: UnsafeMutablePointer<Float>, _ perHead: Int, _ pool: ThreadPool
  ) {
    let tiles = (queries + width - 1) / width
    let images = chunk.lowerBound / keyHeads..<chunk.upperBound / keyHeads
    let tileWork = max(1, work / tiles * heads)
    pool.parallelFor(count: images.count * tiles, grain: max(1, GemmProduct.serialWork / 4 / tileWork)) { range in
      unsafe pool.workspace.withFloats(mixedFloats ?? 0) { scratch in
        for task in range {
          let (image, tile) = task.quotientAndRemainder(dividingBy: tiles)
          unsafe mixTile(
            operands, image: images.lowerBound + image, first: tile * width, UnsafePointer(packed + image * keyHeads * perHead), perHead,
            scratch)
        }
      }
    }
  }

  private func mixTile(
    _ operands: Operands, image: Int, first: Int, _ packed: UnsafePointer<Float>, _ perHead: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let plane = keys * width
    let planes = unsafe scratch + (depth + features + heads + 4) * width
    let (sums, rest) = unsafe (scratch, scratch + heads * width)
    let tile = { (head: Int) in
      unsafe Tile(
        attention: self, operands: operands, image: image, head: head, first: first, packed: packed + head / headGroup * perHead,
        scratch: rest, plane: planes + head * plane)
    }
    var lanes = 0
    for head in 0..<heads {
      let one = tile(head)
      lanes = one.lanes
      one.packQueries()
      one.score(0..<keys)
    }
    if let mixture = operands.scoreMixture { unsafe mix(planes, mixture, lanes, sums: nil) }
    for head in 0..<heads {
      let one = tile(head)
      unsafe isa.attention.soften!(
        one.scores, Int64(keys), Int64(width), Int64(lanes), one.top, sums + head * width, one.factor, 1)
    }
    if let mixture = operands.weightMixture { unsafe mix(planes, mixture, lanes, sums: sums) }
    for head in 0..<heads {
      let one = tile(head)
      for start in stride(from: 0, to: keys, by: FusedAttention.longestBlock) {
        let block = start..<min(start + FusedAttention.longestBlock, keys)
        unsafe one.weigh(block, accumulate: start > 0, at: one.scores + start * width)
      }
      if operands.weightMixture != nil { unsafe isa.elementwise.fill!(one.sum, 1, Int64(width)) }
      unsafe one.finish(operands.weightMixture == nil ? sums + head * width : one.sum)
    }
  }

  private func mix(_ planes: UnsafeMutablePointer<Float>, _ mixture: HeadMixture, _ lanes: Int, sums: UnsafePointer<Float>?) {
    unsafe isa.attention.mix!(
      planes, Int64(heads), Int64(keys * width), Int64(keys), Int64(width), Int64(lanes), mixture.matrix, mixture.bias, sums)
  }
}
