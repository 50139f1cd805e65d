import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 attention: FusedAttention, and the standard operator without a cache, a cap or a window.
///
/// SAFETY: see `KernelCall`.
enum AttentionRows {
  static let fused = KernelRow("fused_attention_f32", ["FusedAttention"], domain: "onyx", .float32) {
    (op: OnyxOperators.FusedAttention, query) throws(OnyxError) in
    let extents = try op.extents((0..<4).map { query.input($0)?.shape.map { Dimension($0) } })
    let extent = { (name: Character) in extents[name]?.known ?? 1 }
    let layout = { (index: Int) in query.input(index).map { FusedAttention.Layout($0.shape, op.inputAxes[index], isMask: index == 3) } }
    guard let q = layout(0), let k = layout(1), let v = layout(2), let y = query.outputs[0]?.shape else {
      return .declined("an input is missing")
    }
    return attention(
      FusedAttention(
        batch: extent("b"), heads: extent("h"), queries: extent("s"), keys: extent("t"), depth: extent("d"), features: extent("e"), q: q,
        k: k, v: v, y: FusedAttention.Layout(y, op.outputAxes), mask: layout(3), scale: op.scale, isa: query.isa))
  }

  static let standard = KernelRow("attention_f32", ["Attention"], .float32) { (op: Attention, query) throws(OnyxError) in
    guard query.outputs.count == 1, query.inputs.dropFirst(4).allSatisfy({ $0 == nil }) else {
      return .declined("it has a cache, or its scores are asked for")
    }
    guard op.softcap == 0, op.leftWindow == nil, op.rightWindow == nil else { return .declined("it has a cap or a window") }
    guard let q = query.input(0)?.shape, let k = query.input(1)?.shape, let v = query.input(2)?.shape, let y = query.outputs[0]?.shape,
      let form = HeadForm(q, op.queryHeads), let keyForm = HeadForm(k, op.keyHeads), let valueForm = HeadForm(v, op.keyHeads),
      let result = HeadForm(y, op.queryHeads), keyForm.heads > 0, form.heads % keyForm.heads == 0
    else { return .declined("heads do not divide the features or each other") }
    var mask: FusedAttention.Layout?
    if let shape = query.input(3)?.shape {
      guard shape.last == keyForm.length else { return .declined("the mask is shorter than the keys") }
      let strides = shape.broadcastStrides(to: try Shape([form.batch, form.heads, form.length, keyForm.length]))
      mask = .init(batch: strides[0], head: strides[1], row: strides[2], feature: strides[3])
    }
    return attention(
      FusedAttention(
        batch: form.batch, heads: form.heads, queries: form.length, keys: keyForm.length, depth: form.features,
        features: valueForm.features,
        q: form.layout, k: keyForm.layout, v: valueForm.layout, y: result.layout, mask: mask, headGroup: form.heads / keyForm.heads,
        scale: op.scale ?? Float(1 / Double(form.features).squareRoot()), isCausal: op.isCausal, emptyIsZero: true, isa: query.isa))
  }

  private static func attention(_ form: FusedAttention) -> Preparation {
    // Without a key there is nothing to weigh, without a feature nothing to compare: the reference says what that gives.
    guard form.keys > 0, form.depth > 0 else { return .declined("there are no keys or no features") }
    guard form.depth + form.features <= 1 << 16 else { return .declined("the scratch of a tile would be out of proportion") }
    let hasMask = form.mask != nil
    return .run { call in
      unsafe form.run(
        .init(q: call.input(0), k: call.input(1), v: call.input(2), mask: hasMask ? call.input(3) : nil, y: call.output()), pool: call.pool)
    }
  }
}

extension FusedAttention.Layout {
  /// Strides of the named axes; fixed ones move the start. In a mask the keys take the place of features.
  init(_ shape: Shape, _ axes: [OnyxOperators.FusedAttention.Axis], isMask: Bool = false) {
    self.init()
    for (axis, stride) in zip(axes, shape.strides) {
      switch axis {
      case .fixed(let index): offset += index * stride
      case .named("b"): batch = stride
      case .named("h"): head = stride
      case .named("s"): row = stride
      case .named("t") where !isMask: row = stride
      case .named: feature = stride
      }
    }
  }
}

/// The standard Attention's inputs: batch, heads, length, features, or batch, length, heads · features.
private struct HeadForm {
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
