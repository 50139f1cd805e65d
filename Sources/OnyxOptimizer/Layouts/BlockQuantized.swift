import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Channel blocks of bytes: quantized convolutions work in them, and reorders sink through what is done to bytes one by one.
extension Rewrite {
  /// QLinearConv over images → UnblockChannels(BlockedQLinearConv(BlockChannels(x), …)). A first layer of few channels reads the plain
  /// image.
  static let blockQuantizedConv = Rewrite(
    "block-quantized-conv", changes: .exact, inner: .mayStay,
    pattern: .op(
      "QLinearConv", .value("x"), .constant("x.scale"), .constant("x.zero"), .constant("w"), .constant("w.scale"), .constant("w.zero"),
      .constant("y.scale"), .constant("y.zero"), .optional("bias"), named: "conv"),
    when: [
      Clause("The input must have two spatial axes and known channels.") { QuantizedSizes($0) != nil },
      Clause("The bias must be constant.") { $0["bias"] == nil || $0.constant("bias") != nil },
      Clause("Too few filters fill a block.") { QuantizedSizes($0).map { $0.filters >= 8 } ?? false },
      Clause("One output pixel of an image that is not blocked is a matrix product.") { match in
        match.result?.shape.map { $0.count == 4 && !$0[2...].allSatisfy { $0 == 1 } } ?? false || match.workspace.blocked(match["x"]) != nil
      },
      Clause("The convolution must be dense with symmetric weights, or depthwise.") { match in
        guard let sizes = QuantizedSizes(match) else { return false }
        return sizes.isDepthwise || sizes.group == 1 && isSymmetric(match)
      },
      Clause("The scales must be finite, and the sums must fit int32.") { match in
        guard let sizes = QuantizedSizes(match), let xScale = match.scales("x")?.first, let yScale = match.scales("y")?.first else {
          return false
        }
        return match.scales("w")?.allSatisfy { (xScale * $0 / yScale).isFinite } ?? false && sizes.sumsFit(bias: match.constant("bias"))
      },
      Clause("Few channels under a dilated kernel fill no block.") { match in
        QuantizedSizes(match).map { $0.isDepthwise || $0.channels > 4 || !$0.isDilated } ?? false
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let conv = match.node("conv"), let sizes = QuantizedSizes(match) else { throw .bug("A checked convolution is gone.") }
    let x = try match.required("x")
    let readsPlain = sizes.group == 1 && sizes.channels <= 4
    let inputs = [readsPlain ? x : patch.block(x)] + conv.inputs.dropFirst()
    let y = patch.node(OperatorName("BlockedQLinearConv", domain: "onyx"), inputs, conv.attributes, like: conv)
    return patch.unblock(y, channels: sizes.filters)
  }

  private static func isSymmetric(_ match: Match) -> Bool {
    let middle: Int64 = match.constant("w")?.elementType == .int8 ? 0 : 128
    return (try? match.constant("w.zero")?.integers())?.allSatisfy { $0 == middle } ?? false
  }

  /// QuantizedBinary of operands of one shape, or one of them a number for each channel.
  static let sinkReorderThroughQuantizedBinary = Rewrite(
    "sink-reorder-through-quantized-binary", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      quantizedBinary(.unblocked("x"), .unblocked("y")), quantizedBinary(.unblocked("x"), .value("v")),
      quantizedBinary(.value("v"), .unblocked("x"))),
    when: [
      Clause("Both operands must have one shape, or one of them a number for each channel.") { match in
        guard let x = match.shape("x"), let channels = match.channels(of: "x") else { return false }
        if match["y"] != nil { return match.shape("y") == x && match.channels(of: "y") == channels }
        return match.isChannelVector("v", channels: channels, rank: x.count - 1)
      }
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    var inputs = node.inputs
    if let y = match["y"] {
      (inputs[0], inputs[3]) = (try match.required("x"), y)
    } else {
      let vector = patch.block(try match.required("v"))
      let isLeft = node.inputs[0] == match["v"]
      (inputs[0], inputs[3]) = isLeft ? (vector, try match.required("x")) : (try match.required("x"), vector)
    }
    return patch.unblock(patch.node(node.op, inputs, node.attributes, like: node), channels: channels)
  }

  private static func quantizedBinary(_ a: Expression, _ b: Expression) -> Expression {
    .onyx(
      "QuantizedBinary", a, .constant("a.scale"), .constant("a.zero"), b, .constant("b.scale"), .constant("b.zero"), .constant("y.scale"),
      .constant("y.zero"), named: "node")
  }

  /// ByteTable, and QuantizeLinear and DequantizeLinear with one scale.
  static let sinkReorderThroughQuantization = Rewrite(
    "sink-reorder-through-quantization", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      .onyx("ByteTable", .unblocked("x"), .constant("table"), named: "node"),
      .op("QuantizeLinear", .unblocked("x"), .constant("scale"), .optional("zero"), named: "node"),
      .op("DequantizeLinear", .unblocked("x"), .constant("scale"), .optional("zero"), named: "node")),
    when: [
      Clause("There must be one scale for all elements.") { match in
        guard match["scale"] != nil else { return true }
        return match.constant("scale")?.elementCount == 1 && match.node("node")?.int("block_size", default: 0) == 0
      },
      Clause("Bytes that only the end of the graph wants as floats are reordered as bytes.") { match in
        match.node("node")?.op != OperatorName("DequantizeLinear") || !match.workspace.pinned.contains(match.output)
      },
      Clause("Blocked kernels are float32 or of bytes.") { match in
        [match.elementType(of: "x"), match.elementType].allSatisfy { [.float32, .int8, .uint8].contains($0) }
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    let y = patch.node(node.op, [try match.required("x")] + node.inputs.dropFirst(), node.attributes, like: node)
    return patch.unblock(y, channels: channels)
  }

  static let sinkReorderThroughQuantizedMean = Rewrite(
    "sink-reorder-through-quantized-mean", changes: .exact, inner: .mayStay,
    pattern: .onyx(
      "QuantizedMean", .unblocked("x"), .constant("x.scale"), .constant("x.zero"), .constant("y.scale"), .constant("y.zero"), named: "node")
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    let y = patch.node(node.op, [try match.required("x")] + node.inputs.dropFirst(), ["blocked": .int(1)], like: node)
    return patch.unblock(y, channels: channels)
  }
}

/// The sizes of a QLinearConv with constant weights over images.
private struct QuantizedSizes {
  let channels, filters, group, taps: Int
  let isDilated: Bool

  init?(_ match: Match) {
    guard let conv = match.node("conv"), match.shape("x")?.count == 4, let w = match.constant("w")?.shape, w.rank == 4, w.elementCount > 0
    else { return nil }
    group = conv.int("group", default: 1)
    let (channels, overflow) = w[1].multipliedReportingOverflow(by: group)
    guard !overflow, group >= 1 else { return nil }
    (self.channels, filters, taps) = (channels, w[0], w[2] * w[3])
    isDilated = conv.ints("dilations")?.contains { $0 != 1 } ?? false
  }

  /// One channel for each filter, in sums that float32 holds.
  var isDepthwise: Bool { group > 1 && channels == group && filters == group && taps <= 256 }

  func sumsFit(bias: Tensor?) -> Bool {
    let greatest = (try? bias?.integers())?.reduce(0) { max($0, Int($1.magnitude)) } ?? 0
    let depth = channels / group * taps
    return depth < 1 << 15 && greatest + depth * 255 * 255 < 1 << 31
  }
}
