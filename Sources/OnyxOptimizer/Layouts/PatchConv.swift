import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Convolutions whose windows tile the image without overlap: each window is one row of a matrix.
extension Rewrite {
  /// Transpose(Conv(x)) to channels last → Reshape, Transpose and FusedMatMul over windows of a plain image.
  static let patchConv = Rewrite(
    "patch-conv", changes: .rounding,
    pattern: .anyOf(
      .op("Transpose", tilingConv(.value("x")), attributes: ["perm": .is(.ints([0, 2, 3, 1]))]),
      .op(
        "Transpose", .op("Reshape", tilingConv(.value("x")), .value("sizes"), named: "flat"), attributes: ["perm": .is(.ints([0, 2, 1]))])),
    when: tilingClauses + [
      Clause("A Reshape in between must join the spatial axes.") { match in
        guard match.node("flat") != nil else { return true }
        guard let tiles = TilingConv(match), let shape = match.result?.shape, let count = try? tiles.rows * tiles.columns else {
          return false
        }
        return shape.count == 3 && shape[1] == count
      }
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let tiles = TilingConv(match), let shape = match.result?.shape else { throw .bug("A checked convolution is gone.") }
    let x = try match.required("x")
    let split = [tiles.batch, Dimension(tiles.channels), tiles.rows, Dimension(tiles.height), tiles.columns, Dimension(tiles.width)]
    let y = try tiles.product(x, split, order: [0, 2, 4, 1, 3, 5], channelsLast: false, match, &patch)
    return match.node("flat") == nil ? y : try patch.reshape(y, from: tiles.result, to: shape)
  }

  /// Conv(Transpose(x)) of an image with channels last → Transpose(Reshape, Transpose and FusedMatMul of x).
  static let channelsLastPatchConv = Rewrite(
    "channels-last-patch-conv", changes: .rounding, inner: .mayStay,
    pattern: tilingConv(.op("Transpose", .value("x"), attributes: ["perm": .is(.ints([0, 3, 1, 2]))])), when: tilingClauses
  ) { (match, patch) throws(OnyxError) in
    guard let tiles = TilingConv(match) else { throw .bug("A checked convolution is gone.") }
    let x = try match.required("x")
    let split = [tiles.batch, tiles.rows, Dimension(tiles.height), tiles.columns, Dimension(tiles.width), Dimension(tiles.channels)]
    let y = try tiles.product(x, split, order: [0, 1, 3, 2, 4, 5], channelsLast: true, match, &patch)
    return patch.node("Transpose", [y], ["perm": .ints([0, 3, 1, 2])])
  }

  private static func tilingConv(_ x: Expression) -> Expression { .op("Conv", x, .constant("w"), .optional("bias"), named: "conv") }

  private static let tilingClauses = [
    Clause.isFloat32,
    Clause("Windows must tile the image without overlap or padding, in one group.") { TilingConv($0) != nil },
    Clause("The bias must be constant.") { $0["bias"] == nil || $0.constant("bias") != nil },
  ]
}

/// A convolution with stride and kernel alike.
private struct TilingConv {
  let batch, rows, columns: Dimension
  let channels, filters, height, width: Int

  /// [batch, rows, columns, filters]
  var result: [Dimension] { [batch, rows, columns, Dimension(filters)] }

  init?(_ match: Match) {
    guard let node = match.node("conv"), let w = match.constant("w")?.shape, w.rank == 4, w.elementCount > 0, w[2] * w[3] > 1,
      node.int("group", default: 1) == 1, node.ints("strides") == [w[2], w[3]], (node.ints("pads") ?? []).allSatisfy({ $0 == 0 }),
      (node.ints("dilations") ?? []).allSatisfy({ $0 == 1 }), ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET")),
      let source = node.operand(0), let image = match.workspace.inferred(source)?.shape, image.count == 4, image[1] == Dimension(w[1]),
      let rows = try? image[2].dividedExactly(by: Dimension(w[2])), let columns = try? image[3].dividedExactly(by: Dimension(w[3]))
    else { return nil }
    (batch, self.rows, self.columns) = (image[0], rows, columns)
    (filters, channels, height, width) = (w[0], w[1], w[2], w[3])
  }

  /// The result with channels last: windows of x, cut by `split` and gathered by `order`, times the filters.
  func product(
    _ x: ValueID, _ split: [Dimension], order: [Int], channelsLast: Bool, _ match: Match, _ patch: inout Patch
  ) throws(OnyxError) -> ValueID {
    let cut = try patch.reshape(x, from: match.shape("x"), to: split)
    let gathered = patch.node("Transpose", [cut], ["perm": .ints(order.map(Int64.init))])
    let depth = channels * height * width
    let windows = try patch.reshape(gathered, from: order.map { split[$0] }, to: [batch, rows, columns, Dimension(depth)])
    var inputs: [ValueID?] = [windows, patch.constant(try matrix(try match.requiredConstant("w"), channelsLast: channelsLast))]
    if let bias = match["bias"] { inputs.append(bias) }
    return patch.node(OperatorName("FusedMatMul", domain: "onyx"), inputs, like: match.node("conv"))
  }

  /// The filters as columns, their elements in the order of a window's.
  private func matrix(_ w: Tensor, channelsLast: Bool) throws(OnyxError) -> Tensor {
    let values = try w.elements(as: Float.self)
    let (taps, depth) = (height * width, channels * height * width)
    var matrix = [Float](repeating: 0, count: values.count)
    for filter in 0..<filters {
      for channel in 0..<channels {
        for tap in 0..<taps {
          let row = channelsLast ? tap * channels + channel : channel * taps + tap
          matrix[row * filters + filter] = values[filter * depth + channel * taps + tap]
        }
      }
    }
    return try Tensor(matrix, shape: try Shape([depth, filters]))
  }
}

extension Patch {
  /// Reshape to a shape that may have symbols. Throws when no Reshape can say it.
  fileprivate mutating func reshape(_ value: ValueID, from shape: [Dimension]?, to target: [Dimension]) throws(OnyxError) -> ValueID {
    guard let sizes = ReshapeTarget(from: shape, to: target) else { throw .invalid("The shape must be known up to one dimension.") }
    return try sizes.reshape(value, in: &self)
  }
}
