import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// GlobalAveragePool(Conv(x, w, c)) → Conv(GlobalAveragePool(x), w, c) for a convolution of single pixels: the mean of sums of channels
  /// is the sum of their means, and the convolution is left with one pixel.
  static let poolBeforeConv = Rewrite(
    "pool-before-conv", changes: .rounding,
    pattern: .op("GlobalAveragePool", .op("Conv", .value("x"), .constant("w"), .optional("c"), named: "conv")),
    when: [
      Clause("The filters must be single pixels.") { $0.shape("w")?.dropFirst(2).allSatisfy { $0 == 1 } ?? false },
      Clause("Every pixel must be read once.") { match in
        guard let node = match.node("conv") else { return false }
        return (node.ints("strides") ?? []).allSatisfy { $0 == 1 } && (node.ints("pads") ?? []).allSatisfy { $0 == 0 }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let conv = match.node("conv") else { throw .bug("A matched node is gone.") }
    let mean = patch.node("GlobalAveragePool", [try match.required("x")])
    return patch.node(conv.op, [mean, try match.required("w")] + (match["c"].map { [$0] } ?? []), conv.attributes, like: conv)
  }
}
