import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Regions whose values have their channels last: ConvNeXt's blocks, the patches of vision transformers. Transposes sink until they meet
/// their inverse, and the convolutions between them take the layout over.
extension Rewrite {
  /// f(Transpose(a), Transpose(b)) → Transpose(f(a, b)), and f(Transpose(a), c) for a constant with at most one long axis.
  static let sinkTransposeThroughBinary = Rewrite(
    "sink-transpose-through-binary", changes: .exact, inner: .mayStay,
    pattern: .anyOf(
      ["Add", "Sub", "Mul", "Div"].flatMap { op -> [Expression] in
        let (a, b) = (Expression.op("Transpose", .value("a"), named: "a.node"), Expression.op("Transpose", .value("b"), named: "b.node"))
        return [
          .op(op, a, b, named: "node"), .op(op, a, .constant("c"), named: "node"), .op(op, .constant("c"), a, named: "node"),
        ]
      }),
    when: [
      Clause("Both operands must be transposed alike, from one shape.") { match in
        guard match["b"] != nil else { return true }
        return match.node("a.node")?.ints("perm") == match.node("b.node")?.ints("perm") && match.shape("a") == match.shape("b")
      },
      Clause("The order of the axes must be known.") { permutation($0) != nil },
      Clause("The constant must have one long axis, and not the larger shape.") { match in
        match["c"] == nil || operand(match) != nil
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let permutation = permutation(match) else { throw .bug("A checked node is gone.") }
    let a = try match.required("a")
    var operands = [a, match["b"] ?? a]
    if let constant = operand(match) {
      let c = patch.constant(constant)
      operands = node.operand(0) == match["c"] ? [c, a] : [a, c]
    }
    let y = patch.node(node.op, operands, node.attributes, like: node)
    return patch.node("Transpose", [y], ["perm": .ints(permutation.map(Int64.init))])
  }

  private static func permutation(_ match: Match) -> [Int]? {
    guard let perm = match.node("a.node")?.ints("perm"), match.shape("a")?.count == perm.count, perm.sorted() == Array(perm.indices) else {
      return nil
    }
    return perm
  }

  /// The constant as it meets the value before the transposition.
  private static func operand(_ match: Match) -> Tensor? {
    guard let c = match.constant("c"), let permutation = permutation(match), c.shape.rank <= permutation.count, c.elementCount > 0,
      c.shape.filter({ $0 != 1 }).count <= 1
    else { return nil }
    let padded = Array(repeating: 1, count: permutation.count - c.shape.rank) + Array(c.shape)
    var extents = padded
    for (axis, source) in permutation.enumerated() { extents[source] = padded[axis] }
    while extents.count > 1, extents.first == 1 { extents.removeFirst() }
    return (try? Shape(extents)).flatMap { try? c.reshaped(to: $0) }
  }

  /// Transpose(Conv(Transpose(x))) → ChannelsLastConv(x) for a depthwise convolution between transposes from and to channels last.
  static let channelsLastDepthwise = Rewrite(
    "channels-last-depthwise", changes: .exact, inner: .mayStay,
    pattern: .op(
      "Transpose",
      .op(
        "Conv", .op("Transpose", .value("x"), attributes: ["perm": .is(.ints([0, 3, 1, 2]))]), .constant("w"), .optional("bias"),
        named: "conv"),
      attributes: ["perm": .is(.ints([0, 2, 3, 1]))]),
    when: [
      .isFloat32,
      Clause("Each channel must have its own filter.") { match in
        guard let w = match.constant("w")?.shape, w.rank == 4, let node = match.node("conv") else { return false }
        return w[1] == 1 && w[0] == node.int("group", default: 1) && w[0] > 1
      },
      Clause("The bias must be constant.") { $0["bias"] == nil || $0.constant("bias") != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let conv = match.node("conv") else { throw .bug("A checked convolution is gone.") }
    var inputs: [ValueID?] = [try match.required("x"), try match.required("w"), match["bias"]]
    while inputs.last == .some(nil) { inputs.removeLast() }
    return patch.node(OperatorName("ChannelsLastConv", domain: "onyx"), inputs, conv.attributes, like: conv)
  }
}
