import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The standard's Attention: what past keys and values are joined with, masks of truth values, and lengths, around `FusedAttention`.
///
/// SAFETY: see `KernelCall`.
struct StandardAttention: Sendable {
  private let form: FusedAttention
  /// Joined keys and values; nil: the inputs are read where they are.
  private let caches: [KeyValueCache]
  /// Elements of a mask of truth values.
  private let flagCount: Int
  private let hasMask: Bool
  /// Whether each sequence has a length of its own.
  private let hasLengths: Bool

  static func prepare(_ op: Attention, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    let types = [0, 1, 2, 4, 5].compactMap { query.input($0)?.elementType }
    guard types.allSatisfy({ $0 == .float32 }) else { return .declined("an input is not float32") }
    guard query.outputs.count <= 3 || query.outputs[3] == nil else { return .declined("its scores are asked for") }
    guard let q = query.input(0)?.shape, let k = query.input(1)?.shape, let v = query.input(2)?.shape, let y = query.outputs[0]?.shape,
      let form = HeadForm(q, op.queryHeads), let keyForm = HeadForm(k, op.keyHeads), let valueForm = HeadForm(v, op.keyHeads),
      let result = HeadForm(y, op.queryHeads), keyForm.heads > 0, form.heads % keyForm.heads == 0
    else { return .declined("heads do not divide the features or each other") }
    let past = query.input(4)?.shape[2] ?? 0
    let isJoined = query.input(4) != nil || query.outputs.dropFirst().contains { $0 != nil }
    let caches = isJoined ? [try KeyValueCache(keyForm, past: past), try KeyValueCache(valueForm, past: past)] : []
    let keys = past + keyForm.length
    var mask: FusedAttention.Layout?
    let maskType = query.input(3)
    if let maskType {
      guard maskType.elementType == .float32 || maskType.elementType == .bool else {
        return .declined("the mask is \(maskType.elementType)")
      }
      let shape = maskType.shape
      let strides = shape.broadcastStrides(to: try Shape([form.batch, form.heads, form.length, shape[shape.rank - 1]]))
      mask = .init(batch: strides[0], head: strides[1], row: strides[2], feature: strides[3])
    }
    let attention = FusedAttention(
      batch: form.batch, heads: form.heads, queries: form.length, keys: keys, depth: form.features, features: valueForm.features,
      q: form.layout, k: caches.first?.layout ?? keyForm.layout, v: caches.last?.layout ?? valueForm.layout, y: result.layout, mask: mask,
      headGroup: form.heads / keyForm.heads, scale: op.scale ?? Float(1 / Double(form.features).squareRoot()),
      visible: VisibleKeys(
        left: op.leftWindow, right: op.isCausal ? 0 : op.rightWindow, past: past, limit: maskType.map { $0.shape[$0.shape.rank - 1] }),
      softcap: op.softcap, emptyIsZero: true, isa: query.isa)
    if let reason = AttentionRows.reasonAgainst(attention) { return .declined(reason) }
    let flags = maskType?.elementType == .bool ? maskType?.shape.elementCount ?? 0 : 0
    let prepared = StandardAttention(
      form: attention, caches: caches, flagCount: flags, hasMask: mask != nil, hasLengths: query.input(6) != nil)
    return .run(scratchByteCount: try prepared.scratchByteCount(query)) { (call) throws(OnyxError) in
      try prepared.run(call, hasOutput: caches.indices.map { query.outputs.count > $0 + 1 && query.outputs[$0 + 1] != nil })
    }
  }

  /// Bytes of the mask as numbers, and of joined keys and values that are no outputs.
  private func scratchByteCount(_ query: KernelQuery) throws(OnyxError) -> Int {
    var count = flagCount
    for (index, cache) in caches.enumerated() where query.outputs.count <= index + 1 || query.outputs[index + 1] == nil {
      let (sum, overflow) = count.addingReportingOverflow(cache.count)
      guard !overflow else { throw .budget("The joined keys and values do not fit in memory.") }
      count = sum
    }
    return try Tensor.byteCount(count, width: MemoryLayout<Float>.stride)
  }

  private func run(_ call: borrowing KernelCall, hasOutput: [Bool]) throws(OnyxError) {
    var scratch = unsafe call.scratch.assumingMemoryBound(to: Float.self)
    var joined: [UnsafePointer<Float>] = unsafe [call.input(1), call.input(2)]
    for (index, cache) in caches.enumerated() {
      let target = unsafe hasOutput[index] ? call.output(index + 1, as: Float.self) : scratch
      if !hasOutput[index] { unsafe scratch += cache.count }
      unsafe cache.join(call.optionalInput(4 + index), call.input(1 + index), target, call.pool)
      unsafe joined[index] = UnsafePointer(target)
    }
    var mask = unsafe hasMask && flagCount == 0 ? call.input(3, as: Float.self) : nil
    if flagCount > 0 {
      let flags = unsafe call.input(3, as: UInt8.self)
      for index in 0..<flagCount { unsafe scratch[index] = flags[index] != 0 ? 0 : -.infinity }
      unsafe mask = UnsafePointer(scratch)
    }
    let lengths = unsafe hasLengths ? call.input(6, as: Int64.self) : nil
    if let lengths = unsafe lengths {
      for image in 0..<form.batch where unsafe lengths[image] < 0 || lengths[image] > Int64(form.keys) {
        throw unsafe .invalid("'nonpad_kv_seqlen' has the value \(lengths[image]); each must lie in 0 … \(form.keys), the number of keys.")
      }
    }
    unsafe form.run(.init(q: call.input(0), k: joined[0], v: joined[1], mask: mask, lengths: lengths, y: call.output()), pool: call.pool)
  }
}

/// Past keys or values with the new ones behind them: batch, heads, length, features.
private struct KeyValueCache: Sendable {
  private let form: HeadForm
  private let past: Int
  let count: Int

  init(_ form: HeadForm, past: Int) throws(OnyxError) {
    self.form = form
    self.past = past
    count = try Shape([form.batch, form.heads, past + form.length, form.features]).elementCount
  }

  private var length: Int { past + form.length }

  var layout: FusedAttention.Layout {
    .init(batch: form.heads * length * form.features, head: length * form.features, row: form.features, feature: 1)
  }

  /// SAFETY: `target` has `count` elements, `new` those of the form, `old` those of `past` positions.
  func join(_ old: UnsafePointer<Float>?, _ new: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    let (width, layout) = (form.features, form.layout)
    pool.parallelFor(count: form.batch * form.heads, grain: max(1, 16384 / max(1, length * width))) { range in
      for index in range {
        let start = unsafe target + index * length * width
        if let old = unsafe old { unsafe start.update(from: old + index * past * width, count: past * width) }
        let first = index / form.heads * layout.batch + index % form.heads * layout.head
        for position in 0..<form.length {
          unsafe (start + (past + position) * width).update(from: new + first + position * layout.row, count: width)
        }
      }
    }
  }
}

/// The standard Attention's inputs: batch, heads, length, features, or batch, length, heads · features.
struct HeadForm: Sendable {
  let batch, heads, length, features: Int
  let layout: FusedAttention.Layout

  init?(_ shape: Shape, _ count: Int?) {
    if shape.rank == 4 {
      (batch, heads, length, features) = (shape[0], shape[1], shape[2], shape[3])
      layout = .init(batch: heads * length * features, head: length * features, row: features, feature: 1)
    } else {
      guard shape.rank == 3, let count, count > 0, shape[2] % count == 0 else { return nil }
      (batch, heads, length, features) = (shape[0], count, shape[1], shape[2] / count)
      layout = .init(batch: length * shape[2], head: features, row: shape[2], feature: 1)
    }
  }
}
