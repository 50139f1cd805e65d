import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// One step of GroupQueryAttention: each head of keys takes its cache over, adds the new rows, and serves its group of query heads.
///
/// The tasks are the heads of keys of all sequences. A task works through its queries in tiles of positions, whose products with the
/// visible keys and values are ordinary matrix products.
///
/// SAFETY: inputs and outputs have the shapes of the query that made the kernel; a task writes the cache and the results of its own heads
/// only. Lengths and positions are checked before anything is read by them.
struct GroupQueryKernel: Sendable {
  let op: GroupQueryAttention
  let batch, sequence, features, past, capacity: Int
  /// Whether keys and values are inputs of their own, not columns of the queries.
  let isSplit: Bool
  /// [batch or 1, heads or 1, queries, keys].
  let bias: [Int]?
  /// Rows of the angles, and how many pairs they turn.
  let angles: (rows: Int, pairs: Int)
  /// Elements of `position_ids`; nil without it.
  let positionCount: Int?
  let isa: ISA

  private var group: Int { op.queryHeads / op.keyHeads }
  private var rowWidth: Int { (isSplit ? op.queryHeads : op.queryHeads + 2 * op.keyHeads) * features }

  /// What a run has read of its lengths.
  private struct Lengths {
    var before: [Int] = []
    var after: [Int] = []
    /// The position of each token by which it is turned; empty without a rotation.
    var positions: [Int] = []
  }

  func run(_ call: borrowing KernelCall) throws(OnyxError) {
    let lengths = try lengths(call)
    let (key, value): (UnsafePointer<Float>, UnsafePointer<Float>)
    let query: UnsafePointer<Float> = unsafe call.input(0)
    if isSplit {
      unsafe (key, value) = (call.input(1), call.input(2))
    } else {
      unsafe (key, value) = (query + op.queryHeads * features, query + (op.queryHeads + op.keyHeads) * features)
    }
    let stride = isSplit ? op.keyHeads * features : rowWidth
    let operands = unsafe Operands(
      query: query, key: key, value: value, keyStride: stride, pastKey: call.optionalInput(3), pastValue: call.optionalInput(4),
      cosines: call.optionalInput(7), sines: call.optionalInput(8), bias: call.optionalInput(10), sinks: call.optionalInput(11),
      queryNorm: call.optionalInput(14), keyNorm: call.optionalInput(15), y: call.output(0), keys: call.output(1), values: call.output(2))
    let pool = call.pool
    pool.parallelFor(count: batch * op.keyHeads, chunksPerThread: 16) { range in
      for task in range {
        let (image, head) = task.quotientAndRemainder(dividingBy: op.keyHeads)
        append(operands, lengths, image, head)
        attend(operands, lengths, image, head, pool)
      }
    }
  }

  @safe private struct Operands {
    let query, key, value: UnsafePointer<Float>
    let keyStride: Int
    let pastKey, pastValue, cosines, sines, bias, sinks, queryNorm, keyNorm: UnsafePointer<Float>?
    let y, keys, values: UnsafeMutablePointer<Float>
  }

  /// Throws `invalidModel` for lengths and positions that the operator refuses.
  private func lengths(_ call: borrowing KernelCall) throws(OnyxError) -> Lengths {
    let ends: UnsafePointer<Int32> = unsafe call.input(5)
    let total = unsafe Int(call.input(6, as: Int32.self).pointee)
    let isPrompt = total == sequence
    var lengths = Lengths()
    for image in 0..<batch {
      let last = unsafe Int(ends[image])
      let start = isPrompt ? 0 : last + 1 - sequence
      guard last >= 0, last < capacity, (0...past).contains(start), start <= capacity - sequence else {
        throw .invalid(
          "A sequence of \(last) + 1 tokens does not fit \(sequence) new ones, a cache of \(past) and a total length of \(total).")
      }
      lengths.before.append(start)
      lengths.after.append(last + 1)
    }
    if let bias, bias[3] < lengths.after.max() ?? 0 {
      throw .invalid("An attention bias of shape \(bias) does not fit \(sequence) queries and \(lengths.after.max() ?? 0) keys.")
    }
    guard op.rotates else { return lengths }
    guard positionCount.map({ $0 >= (isPrompt ? 1 : batch * sequence) }) ?? true else {
      throw .invalid("There are fewer position ids than tokens.")
    }
    let given: UnsafePointer<Int64>? = unsafe call.optionalInput(9)
    for token in 0..<batch * sequence {
      var position = lengths.before[token / sequence] + token % sequence
      if let given = unsafe given {
        let (sum, overflow) = unsafe Int(given[isPrompt ? 0 : token]).addingReportingOverflow(isPrompt ? token % sequence : 0)
        guard !overflow else { throw .invalid("A position id is too large.") }
        position = sum
      }
      guard (0..<angles.rows).contains(position) else { throw .invalid("A position id is outside 0 ..< \(angles.rows).") }
      lengths.positions.append(position)
    }
    return lengths
  }

  /// The cache of one head: the rows of before, the new ones, zeros.
  private func append(_ operands: Operands, _ lengths: Lengths, _ image: Int, _ head: Int) {
    let (cache, before) = (image * op.keyHeads + head, lengths.before[image])
    let rest = (capacity - before - sequence) * features
    for isKey in [true, false] {
      let target = unsafe (isKey ? operands.keys : operands.values) + cache * capacity * features
      if let old = unsafe isKey ? operands.pastKey : operands.pastValue {
        unsafe target.update(from: old + cache * past * features, count: before * features)
      }
      for position in 0..<sequence {
        let token = image * sequence + position
        let row = unsafe target + (before + position) * features
        let source = unsafe (isKey ? operands.key : operands.value) + token * operands.keyStride + head * features
        unsafe row.update(from: source, count: features)
        if isKey { unsafe turn(row, operands, lengths, token, operands.keyNorm, epsilon: op.epsilons.key) }
      }
      unsafe (target + (before + sequence) * features).update(repeating: 0, count: rest)
    }
  }

  /// Normalizes and rotates the features of a head of one token.
  private func turn(
    _ row: UnsafeMutablePointer<Float>, _ operands: Operands, _ lengths: Lengths, _ token: Int, _ norm: UnsafePointer<Float>?,
    epsilon: Float
  ) {
    if let norm = unsafe norm {
      var sum: Float = 0
      for feature in 0..<features { unsafe sum += row[feature] * row[feature] }
      let factor = 1 / (sum / Float(features) + epsilon).squareRoot()
      for feature in 0..<features { unsafe row[feature] *= factor * norm[feature] }
    }
    guard op.rotates, let cosines = unsafe operands.cosines, let sines = unsafe operands.sines else { return }
    let start = lengths.positions[token] * angles.pairs
    for pair in 0..<angles.pairs {
      let (first, second) = op.isInterleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + angles.pairs)
      let (c, s, a, b) = unsafe (cosines[start + pair], sines[start + pair], row[first], row[second])
      unsafe row[first] = c * a - s * b
      unsafe row[second] = s * a + c * b
    }
  }

  /// Floats of the scores of a tile, unless one position has more.
  private static let tileFloats = 1 << 17

  /// All queries of the group of one head of keys; rows of a tile are positions, in each the heads of the group.
  private func attend(_ operands: Operands, _ lengths: Lengths, _ image: Int, _ head: Int, _ pool: ThreadPool) {
    let (before, after) = (lengths.before[image], lengths.after[image])
    let keys = unsafe UnsafePointer(operands.keys + (image * op.keyHeads + head) * capacity * features)
    let values = unsafe UnsafePointer(operands.values + (image * op.keyHeads + head) * capacity * features)
    let height = min(sequence, max(1, Self.tileFloats / ((after + 1) * group)))
    unsafe pool.workspace.withFloats(height * group * (2 * features + after + 1)) { queries in
      let results = unsafe queries + height * group * features
      let scores = unsafe results + height * group * features
      for first in stride(from: 0, to: sequence, by: height) {
        let tile = first..<min(first + height, sequence)
        // Rows of padding see what the last token sees.
        let end = op.isCausal ? min(before + tile.upperBound, after) : after
        let start = op.window.map { max(0, min(before + tile.lowerBound + 1, after) - max(1, $0)) } ?? 0
        let (rows, count, width) = (tile.count * group, end - start, end - start + 1)
        for row in 0..<rows {
          let token = image * sequence + tile.lowerBound + row / group
          let target = unsafe queries + row * features
          unsafe target.update(from: operands.query + token * rowWidth + (head * group + row % group) * features, count: features)
          unsafe turn(target, operands, lengths, token, operands.queryNorm, epsilon: op.epsilons.query)
        }
        unsafe Gemm.multiply(
          m: rows, n: count, k: features, .matrix(Matrix(queries, rowStride: features)),
          .matrix(Matrix(keys + start * features, rowStride: features).transposed), into: scores, rowStride: width,
          epilogue: .init(alpha: op.scale ?? 1 / Float(features).squareRoot()), isa: isa, pool: pool)
        for row in 0..<rows {
          let position = tile.lowerBound + row / group
          unsafe soften(
            scores + row * width, start: start, visible: visible(position, before, after), end: end, operands, image,
            head * group + row % group, position)
        }
        unsafe Gemm.multiply(
          m: rows, n: features, k: count, .matrix(Matrix(scores, rowStride: width)),
          .matrix(Matrix(values + start * features, rowStride: features)), into: results, rowStride: features, isa: isa, pool: pool)
        for row in 0..<rows {
          // A hidden value that is not finite makes NaN of its weight of 0: it must not take part.
          let own = visible(tile.lowerBound + row / group, before, after)
          guard own != start..<end, (0..<features).contains(where: { unsafe results[row * features + $0].isNaN }) else { continue }
          unsafe Gemm.multiply(
            m: 1, n: features, k: own.count, .matrix(Matrix(scores + row * width + own.lowerBound - start, rowStride: width)),
            .matrix(Matrix(values + own.lowerBound * features, rowStride: features)), into: results + row * features,
            rowStride: features, isa: isa, pool: pool)
        }
        for row in 0..<rows {
          let token = image * sequence + tile.lowerBound + row / group
          let target = unsafe operands.y + (token * op.queryHeads + head * group + row % group) * features
          unsafe target.update(from: results + row * features, count: features)
        }
      }
    }
  }

  /// The keys that the query at `position` sees, at least one.
  private func visible(_ position: Int, _ before: Int, _ after: Int) -> Range<Int> {
    let last = op.isCausal ? min(before + position + 1, after) : after
    return (op.window.map { max(0, last - max(1, $0)) } ?? 0)..<last
  }

  /// Scores of the keys from `start` to `end` become weights: those of visible keys by a softmax, others 0. The row has one element more.
  private func soften(
    _ row: UnsafeMutablePointer<Float>, start: Int, visible: Range<Int>, end: Int, _ operands: Operands, _ image: Int, _ head: Int,
    _ position: Int
  ) {
    let (own, count) = unsafe (row + (visible.lowerBound - start), Int64(visible.count))
    if op.softcap > 0 {
      let unary = unsafe isa.elementwise.unary!
      unsafe unary[UnaryOperation.affine.rawValue]!(own, own, count, 1 / op.softcap, 0)
      unsafe unary[ONYX_UNARY_TANH]!(own, own, count, 0, 0)
      unsafe unary[UnaryOperation.affine.rawValue]!(own, own, count, op.softcap, 0)
    }
    if let bias, let values = unsafe operands.bias {
      let plane = (bias[0] == 1 ? 0 : image) * bias[1] + (bias[1] == 1 ? 0 : head)
      let added = unsafe values + (plane * bias[2] + position) * bias[3] + visible.lowerBound
      unsafe isa.elementwise.binary[BinaryOperation.add.rawValue]!(own, own, added, count, 0)
    }
    let hasSink = unsafe operands.sinks != nil || op.isSmooth
    // The element behind the visible ones is a score of its own for the denominator, and no weight.
    if hasSink { unsafe own[visible.count] = operands.sinks?[head] ?? 0 }
    unsafe isa.normalize.softmax_lines!(own, own, 1, count + (hasSink ? 1 : 0), 0)
    unsafe row.update(repeating: 0, count: visible.lowerBound - start)
    unsafe (row + (visible.upperBound - start)).update(repeating: 0, count: end - visible.upperBound + 1)
  }
}
