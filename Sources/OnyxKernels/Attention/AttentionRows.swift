import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 attention: FusedAttention and the standard operator.
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

  static let standard = KernelRow("attention_f32", ["Attention"], .input(0, [.float32])) { (op: Attention, query) throws(OnyxError) in
    try StandardAttention.prepare(op, query)
  }

  /// Why a form is left to the reference.
  static func reasonAgainst(_ form: FusedAttention) -> String? {
    // Without a key there is nothing to weigh, without a feature nothing to compare: the reference says what that gives.
    guard form.keys > 0, form.depth > 0 else { return "there are no keys or no features" }
    return form.depth + form.features <= 1 << 16 ? nil : "the scratch of a tile would be out of proportion"
  }

  private static func attention(_ form: FusedAttention) -> Preparation {
    if let reason = reasonAgainst(form) { return .declined(reason) }
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
