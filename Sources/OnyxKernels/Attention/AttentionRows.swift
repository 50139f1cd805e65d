import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 attention: FusedAttention and the standard operator.
///
/// SAFETY: see `KernelCall`.
enum AttentionRows {
  private typealias Fused = OnyxOperators.FusedAttention

  static let fused = KernelRow("fused_attention_f32", ["FusedAttention"], domain: "onyx", .float32) {
    (op: OnyxOperators.FusedAttention, query) throws(OnyxError) in
    let extents = try op.extents((0..<4).map { query.input($0)?.shape.map { Dimension($0) } })
    let extent = { (name: Character) in extents[name]?.known ?? 1 }
    let layout = { (index: Int) in query.input(index).map { FusedAttention.Layout($0.shape, op.inputAxes[index], isMask: index == 3) } }
    guard let q = layout(0), let k = layout(1), let v = layout(2), let y = query.outputs[0]?.shape else {
      return .declined("an input is missing")
    }
    var form = FusedAttention(
      batch: extent("b"), heads: extent("h"), queries: extent("s"), keys: extent("t"), depth: extent("d"), features: extent("e"), q: q,
      k: k, v: v, y: FusedAttention.Layout(y, op.outputAxes), mask: layout(3), scale: op.scale, isa: query.isa)
    form.mixesHeads = [Fused.scoreMixing, Fused.weightMixing].contains { query.input($0) != nil }
    return attention(form, query)
  }

  static let standard = KernelRow("attention_f32", ["Attention"], .input(0, [.float32])) { (op: Attention, query) throws(OnyxError) in
    try StandardAttention.prepare(op, query)
  }

  /// Why a form is left to the reference.
  static func reasonAgainst(_ form: FusedAttention) -> String? {
    // Without a key there is nothing to weigh, without a feature nothing to compare: the reference says what that gives.
    guard form.keys > 0, form.depth > 0 else { return "there are no keys or no features" }
    guard form.depth + form.features <= 1 << 16 else { return "the scratch of a tile would be out of proportion" }
    guard form.mixesHeads else { return nil }
    guard form.heads <= FusedAttention.mostMixedHeads else { return "more than \(FusedAttention.mostMixedHeads) heads talk" }
    return form.mixedFloats == nil ? "the scores of a tile would be out of proportion" : nil
  }

  private static func attention(_ form: FusedAttention, _ query: KernelQuery) -> Preparation {
    if let reason = reasonAgainst(form) { return .declined(reason) }
    let hasMask = form.mask != nil
    let mixtures = [Fused.scoreMixing, Fused.weightMixing].map {
      query.input($0) == nil ? nil : (at: $0, hasBias: query.input($0 + 1) != nil)
    }
    var borrowed = 0
    if form.mixesHeads, let floats = form.mixedFloats {
      let (bytes, overflow) = (floats * MemoryLayout<Float>.stride).multipliedReportingOverflow(by: query.pool.threadCount)
      borrowed = overflow ? .max : bytes
    }
    return .run(borrowedByteCount: borrowed) { call in
      unsafe form.run(
        .init(
          q: call.input(0), k: call.input(1), v: call.input(2), mask: hasMask ? call.input(3) : nil, y: call.output(),
          scoreMixture: HeadMixture(call, mixtures[0]), weightMixture: HeadMixture(call, mixtures[1])), pool: call.pool)
    }
  }
}

extension HeadMixture {
  /// The mixture among the inputs of a call.
  fileprivate init?(_ call: borrowing KernelCall, _ place: (at: Int, hasBias: Bool)?) {
    guard let place else { return nil }
    unsafe self.init(matrix: call.input(place.at), bias: place.hasBias ? call.input(place.at + 1) : nil)
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
