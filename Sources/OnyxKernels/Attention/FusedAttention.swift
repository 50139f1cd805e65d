import CKernels
import OnyxThreads

/// softmax(scale · Q · Kᵀ + mask) · V for many heads at once, without the matrix of scores in memory.
///
/// A task is one head and one tile of queries, as many as the lanes of a panel. Scores of a tile lie as [key][query], so that the softmax
/// runs lane by lane and its result is the packed operand of the product with V. Keys come in blocks of at most 256; later blocks rescale
/// what earlier ones gave. Blocks and tiles depend on the shape only, so results are bit-equal for every number of threads.
///
/// SAFETY: every operand holds the elements that its extents and strides reach; scratch sizes are computed from the same extents.
package struct FusedAttention: Sendable {
  /// Where an operand's element (batch, head, row, feature) lies, in elements from the start. A stride of 0 repeats.
  package struct Layout: Sendable, Hashable {
    package var offset, batch, head, row, feature: Int

    package init(offset: Int = 0, batch: Int = 0, head: Int = 0, row: Int = 0, feature: Int = 0) {
      (self.offset, self.batch, self.head, self.row, self.feature) = (offset, batch, head, row, feature)
    }
  }

  package let batch, heads, queries, keys, depth, features: Int
  package let q, k, v, y: Layout
  /// What is added to the scores: `row` counts queries, `feature` keys.
  package var mask: Layout?
  /// Query heads that share one head of keys and values.
  package let headGroup: Int
  package let scale: Float
  /// The keys that each query sees.
  package let visible: VisibleKeys
  /// Scores are held to −softcap … softcap by a hyperbolic tangent, before the mask; 0: they are not.
  package var softcap: Float
  /// A query that sees no key gives zeros instead of NaN.
  package var emptyIsZero: Bool
  /// Heads talk to each other: the operands hold at least one mixture.
  package var mixesHeads = false
  let isa: ISA

  package init(
    batch: Int, heads: Int, queries: Int, keys: Int, depth: Int, features: Int, q: Layout, k: Layout, v: Layout, y: Layout,
    mask: Layout? = nil,
    headGroup: Int = 1, scale: Float, visible: VisibleKeys = .all, softcap: Float = 0, emptyIsZero: Bool = false, isa: ISA
  ) {
    (self.batch, self.heads, self.queries, self.keys, self.depth, self.features) = (batch, heads, queries, keys, depth, features)
    (self.q, self.k, self.v, self.y, self.mask) = (q, k, v, y, mask)
    self.softcap = softcap
    (self.headGroup, self.scale, self.visible, self.emptyIsZero, self.isa) = (headGroup, scale, visible, emptyIsZero, isa)
  }

  @safe package struct Operands {
    let q, k, v: UnsafePointer<Float>
    let mask: UnsafePointer<Float>?
    /// Keys of each sequence of the batch, at most those of the form; nil: all.
    let lengths: UnsafePointer<Int64>?
    let y: UnsafeMutablePointer<Float>
    /// How heads talk before the softmax and behind it.
    let scoreMixture, weightMixture: HeadMixture?

    package init(
      q: UnsafePointer<Float>, k: UnsafePointer<Float>, v: UnsafePointer<Float>, mask: UnsafePointer<Float>?,
      lengths: UnsafePointer<Int64>? = nil, y: UnsafeMutablePointer<Float>, scoreMixture: HeadMixture? = nil,
      weightMixture: HeadMixture? = nil
    ) {
      self.scoreMixture = scoreMixture
      self.weightMixture = weightMixture
      unsafe self.q = q
      unsafe self.k = k
      unsafe self.v = v
      unsafe self.mask = mask
      unsafe self.lengths = lengths
      unsafe self.y = y
    }

    /// Keys of a sequence of the batch; nil: all.
    func length(_ image: Int) -> Int? {
      guard let lengths = unsafe lengths else { return nil }
      return unsafe Int(lengths[image])
    }
  }

  static let longestBlock = 256
  /// Packed keys and values held at a time, in floats.
  private static let packedFloats = 1 << 20

  var width: Int { unsafe Int(isa.gemm.column_panel) }
  private var rowPanel: Int { unsafe Int(isa.gemm.row_panel) }
  var keyHeads: Int { heads / headGroup }

  /// Operands with unit stride along the sum are read in place, unless their rows meet in few sets of the cache.
  private var packsKeys: Bool { k.feature != 1 || k.row % 1024 == 0 }
  private var packsValues: Bool { !weighsInPlace && (v.row != 1 || v.feature % 1024 == 0) }
  /// Few queries weigh the features of values and results side by side, where packing the values would cost as much.
  private var weighsInPlace: Bool {
    v.feature == 1 && y.feature == 1 && keys <= Self.longestBlock && queries <= 2 * width && !mixesHeads
  }
  private var keyFloats: Int { packsKeys ? (keys + rowPanel - 1) / rowPanel * rowPanel * depth : 0 }
  private var valueFloats: Int { packsValues ? (features + rowPanel - 1) / rowPanel * rowPanel * keys : 0 }

  var work: Int { queries * keys * (depth + features) }

  package func run(_ operands: Operands, pool: ThreadPool) {
    guard batch > 0, heads > 0, queries > 0, features > 0 else { return }
    if isByRow && !mixesHeads { return runByRow(operands, pool: pool) }
    let perHead = keyFloats + valueFloats
    let total = batch * keyHeads
    var group = max(1, min(total, FusedAttention.packedFloats / max(perHead, 1)))
    // Heads that talk are packed together.
    if mixesHeads { group = max(group / keyHeads, 1) * keyHeads }
    unsafe pool.workspace.withFloats(group * perHead + 16) { packed in
      for first in stride(from: 0, to: total, by: group) {
        let chunk = first..<min(first + group, total)
        if perHead > 0 {
          pool.parallelFor(count: chunk.count, grain: max(1, 32768 / perHead)) { range in
            for index in range { unsafe pack(operands, chunk.lowerBound + index, packed + index * perHead) }
          }
        }
        if mixesHeads {
          unsafe attendMixed(operands, chunk, packed, perHead, pool)
        } else {
          unsafe attend(operands, chunk, packed, perHead, pool)
        }
      }
    }
  }

  /// Queries of every head that reads the packed ones.
  private func attend(
    _ operands: Operands, _ chunk: Range<Int>, _ packed: UnsafeMutablePointer<Float>, _ perHead: Int, _ pool: ThreadPool
  ) {
    let tiles = (queries + width - 1) / width
    let count = chunk.count * headGroup * tiles
    let tileWork = max(1, work / tiles)
    pool.parallelFor(count: count, grain: max(1, GemmProduct.serialWork / 4 / tileWork)) { range in
      unsafe pool.workspace.withFloats((min(keys, Self.longestBlock) + depth + features + 4) * width) { scratch in
        for task in range {
          let (head, tile) = task.quotientAndRemainder(dividingBy: tiles)
          let index = head / headGroup
          let keyHead = chunk.lowerBound + index
          let image = keyHead / keyHeads
          unsafe Tile(
            attention: self, operands: operands, image: image, head: keyHead % keyHeads * headGroup + head % headGroup, first: tile * width,
            packed: UnsafePointer(packed + index * perHead), scratch: scratch
          ).run()
        }
      }
    }
  }

  private func pack(_ operands: Operands, _ keyHead: Int, _ target: UnsafeMutablePointer<Float>) {
    let (image, head) = keyHead.quotientAndRemainder(dividingBy: keyHeads)
    if packsKeys {
      unsafe isa.gemm.pack!(
        target, Int64(rowPanel), Int64(rowPanel * depth), operands.k + k.offset + image * k.batch + head * k.head, Int64(k.row),
        Int64(k.feature),
        Int64(keys), Int64(depth))
    }
    if packsValues {
      unsafe isa.gemm.pack!(
        target + keyFloats, Int64(rowPanel), Int64(rowPanel * keys), operands.v + v.offset + image * v.batch + head * v.head,
        Int64(v.feature),
        Int64(v.row), Int64(features), Int64(keys))
    }
  }

  /// One head and up to `width` queries.
  @safe struct Tile {
    let attention: FusedAttention
    let operands: Operands
    let image, head, first: Int
    let packed: UnsafePointer<Float>
    let queries, lanes: Int
    /// Keys of the sequence.
    let length: Int?
    let scores, query, values, top, sum, factor: UnsafeMutablePointer<Float>

    /// `plane` is where the scores lie, other than in scratch.
    init(
      attention: FusedAttention, operands: Operands, image: Int, head: Int, first: Int, packed: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<Float>, plane: UnsafeMutablePointer<Float>? = nil
    ) {
      self.attention = attention
      self.operands = operands
      (self.image, self.head, self.first) = (image, head, first)
      unsafe self.packed = packed
      let width = attention.width
      queries = min(width, attention.queries - first)
      length = operands.length(image)
      let vector = width / Int(attention.vectorsOfPanel)
      lanes = (queries + vector - 1) / vector * vector
      unsafe top = scratch
      unsafe sum = top + width
      unsafe factor = sum + width
      unsafe query = factor + width
      unsafe values = query + attention.depth * width
      unsafe scores = plane ?? values + attention.features * width
    }

    func packQueries() {
      let a = attention
      unsafe a.isa.gemm.pack!(
        query, Int64(a.width), Int64(a.width * a.depth), operands.q + a.q.offset + image * a.q.batch + head * a.q.head + first * a.q.row,
        Int64(a.q.row),
        Int64(a.q.feature), Int64(queries), Int64(a.depth))
    }

    func run() {
      let a = attention
      let width = a.width
      packQueries()
      // What some query of the tile sees.
      let seen = visible(0).lowerBound..<max(visible(0).lowerBound, visible(queries - 1).upperBound)
      let count = max(1, (seen.count + FusedAttention.longestBlock - 1) / FusedAttention.longestBlock)
      for block in 0..<count {
        let range = seen.lowerBound + seen.count * block / count..<seen.lowerBound + seen.count * (block + 1) / count
        score(range)
        unsafe a.isa.attention.soften!(scores, Int64(range.count), Int64(width), Int64(lanes), top, sum, factor, block == 0 ? 1 : 0)
        if a.weighsInPlace { return weighInPlace(range) }
        if block > 0 { unsafe a.isa.attention.rescale!(values, Int64(a.features), Int64(width), Int64(lanes), factor) }
        unsafe weigh(range, accumulate: block > 0)
      }
      unsafe finish(sum)
    }

    /// The results of all keys that are seen at once, from the values where they lie.
    private func weighInPlace(_ seen: Range<Int>) {
      let a = attention
      unsafe a.isa.attention.weigh!(
        operands.y + a.y.offset + image * a.y.batch + head * a.y.head + first * a.y.row, Int64(a.y.row), scores, Int64(a.width), sum,
        Int64(queries), operands.v + a.v.offset + image * a.v.batch + head / a.headGroup * a.v.head + seen.lowerBound * a.v.row,
        Int64(a.v.row), Int64(seen.count), Int64(a.features), a.emptyIsZero ? 1 : 0)
    }

    /// Writes the weighted values, divided by the sums of the lanes.
    func finish(_ sum: UnsafePointer<Float>) {
      let a = attention
      unsafe a.isa.attention.finish!(
        operands.y + a.y.offset + image * a.y.batch + head * a.y.head + first * a.y.row, Int64(a.y.row), Int64(a.y.feature), values,
        Int64(a.features), Int64(a.width), sum, Int64(queries), a.emptyIsZero ? 1 : 0)
    }

    /// The keys that a query of the tile sees.
    private func visible(_ lane: Int) -> Range<Int> {
      attention.visible.range(first + lane, of: attention.queries, count: attention.keys, length: length)
    }

    /// scores[key][query] = mask + scale · K · Qᵀ
    func score(_ block: Range<Int>) {
      let a = attention
      let isCapped = a.softcap > 0
      let hasMask = !isCapped && placeMask(block)
      let keyHead = head / a.headGroup
      for start in stride(from: 0, to: max(a.depth, 1), by: GemmProduct.longestBlock) {
        let depth = min(GemmProduct.longestBlock, a.depth - start)
        var flags = UInt32(ONYX_GEMM_SCALE)
        if hasMask || start > 0 { flags |= UInt32(ONYX_GEMM_ACCUMULATE) }
        let right = unsafe query + start * a.width
        if a.packsKeys {
          // Blocks begin anywhere; panels of keys do not.
          unsafe multiplyPacked(packed, a.depth, block, start..<start + depth, right, scores, alpha: a.scale, flags: flags)
        } else {
          let base = unsafe operands.k + a.k.offset + image * a.k.batch + keyHead * a.k.head + block.lowerBound * a.k.row + start
          unsafe multiplyInPlace(base, a.k.row, block.count, depth, right, scores, alpha: a.scale, flags: flags)
        }
      }
      if isCapped {
        unsafe a.cap(scores, block.count * a.width)
        addMask(block)
        hide(block)
      }
    }

    /// Adds the mask to scores.
    private func addMask(_ block: Range<Int>) {
      let a = attention
      guard let mask = a.mask, let base = unsafe operands.mask else { return }
      let at = unsafe base + mask.offset + image * mask.batch + head * mask.head + first * mask.row + block.lowerBound * mask.feature
      for key in 0..<block.count {
        for lane in 0..<queries { unsafe scores[key * a.width + lane] += at[lane * mask.row + key * mask.feature] }
      }
    }

    /// Whether a query of the tile does not see all keys of a block.
    private func hides(_ block: Range<Int>) -> Bool {
      block.lowerBound < visible(queries - 1).lowerBound || block.upperBound > visible(0).upperBound
    }

    /// Puts −∞ where a query does not see a key.
    private func hide(_ block: Range<Int>) {
      guard hides(block) else { return }
      for lane in 0..<queries {
        let seen = visible(lane).clamped(to: block)
        for key in block.lowerBound..<seen.lowerBound { unsafe scores[(key - block.lowerBound) * attention.width + lane] = -.infinity }
        for key in seen.upperBound..<block.upperBound { unsafe scores[(key - block.lowerBound) * attention.width + lane] = -.infinity }
      }
    }

    /// values[feature][query] (+)= Vᵀ · exponentials, those of the block's first key at `scores`, or elsewhere.
    func weigh(_ block: Range<Int>, accumulate: Bool, at place: UnsafeMutablePointer<Float>? = nil) {
      let a = attention
      let scores = unsafe place ?? scores
      let flags = accumulate ? UInt32(ONYX_GEMM_ACCUMULATE) : 0
      if a.packsValues {
        unsafe multiplyPacked(packed + a.keyFloats, a.keys, 0..<a.features, block, scores, values, alpha: 1, flags: flags)
      } else {
        let base = unsafe operands.v + a.v.offset + image * a.v.batch + head / a.headGroup * a.v.head + block.lowerBound
        unsafe multiplyInPlace(base, a.v.feature, a.features, block.count, scores, values, alpha: 1, flags: flags)
      }
    }

    private func multiplyInPlace(
      _ left: UnsafePointer<Float>, _ leftStride: Int, _ rows: Int, _ depth: Int, _ right: UnsafePointer<Float>,
      _ out: UnsafeMutablePointer<Float>,
      alpha: Float, flags: UInt32
    ) {
      var epilogue = unsafe onyx_direct_epilogue(
        bias: nil, addend: nil, addend_row_stride: 0, alpha: alpha, low: -.infinity, high: .infinity, flags: flags)
      unsafe attention.isa.gemm.direct!(
        Int64(depth), left, Int64(leftStride), Int64(rows), right, Int64(attention.width * depth), Int64(lanes), out,
        Int64(attention.width), &epilogue)
    }

    /// Rows of panels that hold `terms` terms each. The first panel may begin before the rows: it is entered in its middle.
    private func multiplyPacked(
      _ left: UnsafePointer<Float>, _ terms: Int, _ rows: Range<Int>, _ depth: Range<Int>, _ right: UnsafePointer<Float>,
      _ out: UnsafeMutablePointer<Float>, alpha: Float, flags: UInt32
    ) {
      let panel = attention.rowPanel
      var epilogue = unsafe onyx_gemm_epilogue(
        row_bias: nil, column_bias: nil, alpha: alpha, low: -.infinity, high: .infinity, flags: flags)
      var row = rows.lowerBound
      while row < rows.upperBound {
        let inner = row % panel
        let count =
          inner == 0 && rows.upperBound - row >= panel ? (rows.upperBound - row) / panel * panel : min(panel - inner, rows.upperBound - row)
        unsafe attention.isa.gemm.block!(
          Int64(depth.count), left + (row - inner) * terms + depth.lowerBound * panel + inner, Int64(panel * terms), Int64(count), right,
          Int64(attention.width * depth.count), Int64(lanes), out + (row - rows.lowerBound) * attention.width, Int64(attention.width),
          &epilogue)
        row += count
      }
    }

    /// Writes what is added to the products before them; false when there is nothing to add.
    private func placeMask(_ block: Range<Int>) -> Bool {
      let a = attention
      let width = a.width
      if let mask = a.mask, let base = unsafe operands.mask {
        let at = unsafe base + mask.offset + image * mask.batch + head * mask.head + first * mask.row + block.lowerBound * mask.feature
        if mask.row == 0 {
          for key in 0..<block.count { unsafe a.isa.elementwise.fill!(scores + key * width, at[key * mask.feature], Int64(width)) }
        } else {
          unsafe a.isa.gemm.pack!(
            scores, Int64(width), Int64(width * block.count), at, Int64(mask.row), Int64(mask.feature), Int64(queries), Int64(block.count))
        }
      } else if hides(block) {
        unsafe a.isa.elementwise.fill!(scores, 0, Int64(width * block.count))
      } else {
        return false
      }
      hide(block)
      return true
    }
  }

  /// Vectors in a panel of columns.
  private var vectorsOfPanel: Int { unsafe isa.gemm.isa == UInt32(ONYX_ISA_NEON) ? 4 : 2 }
}
