import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What stands behind a product in blocks joins it, and numbers for each channel become such a product: a convolution of one tap with a
/// filter for each channel.
extension Rewrite {
  /// BatchNormalization(UnblockChannels(x)) and UnblockChannels(x) · c, one number c for each channel.
  static let blockScale = Rewrite(
    "block-scale", changes: .rounding, inner: .mayStay,
    pattern: .anyOf(.normalization(of: .unblocked("x")), .op("Mul", .unblocked("x"), .constant("factor"), named: "scaling")),
    when: [
      .isFloat32,
      Clause("The input must have two spatial axes and several channels.") { match in
        match.shape("x")?.count == 5 && match.channels(of: "x").map { $0 > 1 } ?? false
      },
      Clause("Factors and shifts must be finite, one for each channel.") { scale($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let (factors, shifts) = scale(match), let channels = match.channels(of: "x") else { throw .bug("Checked factors are gone.") }
    let weights = try Tensor(floating: factors, as: .float32, shape: try Shape([channels, 1, 1, 1]))
    var inputs = [try match.required("x"), patch.constant(weights)]
    if let shifts { inputs.append(patch.constant(try Tensor(floating: shifts, as: .float32, shape: try Shape([channels])))) }
    let node = match.node("normalization") ?? match.node("scaling")
    let y = patch.node(blockedConv, inputs, ["group": .int(Int64(channels))], like: node)
    return patch.unblock(y, channels: channels)
  }

  private static let blockedConv = OperatorName("BlockedConv", domain: "onyx")

  private static func scale(_ match: Match) -> (factors: [Double], shifts: [Double]?)? {
    guard let channels = match.channels(of: "x") else { return nil }
    if match.node("normalization") != nil {
      guard let found = match.normalization, found.factors.count == channels else { return nil }
      return (found.factors, found.shifts)
    }
    guard let constant = match.constant("factor"), constant.elementCount == channels, match.result?.shape?.count == 4,
      let factors = ChannelVector.read(constant, channels: channels, rank: 4), factors.allSatisfy(\.isFinite)
    else { return nil }
    return (factors, nil)
  }

  /// A product in blocks that nothing follows.
  private static let bareConv = Expression.onyx(
    "UnblockChannels",
    .application(
      Expression.Application(
        op: blockedConv,
        inputs: [.value("first"), .constant("weights"), .optional("third"), .optional("z"), .optional("factors")],
        attributes: ["activation": .isOrAbsent(.text(FusedActivation.none.name))], name: "product")), named: "plain")

  /// UnblockChannels(BlockedConv(x, W, b)) + c for one number c for each channel.
  static let fuseBlockedBias = Rewrite(
    "fuse-blocked-bias", changes: .rounding, pattern: .op("Add", bareConv, .constant("addend")),
    when: [
      .isFloat32,
      Clause("The bias must be constant.") { $0["third"] == nil || $0.constant("third") != nil },
      Clause("The addend must be one number for each channel.") { addends($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let product = match.node("product"), let addends = addends(match) else { throw .bug("Checked addends are gone.") }
    let old = try match.constant("third")?.doubles()
    guard old?.count ?? addends.count == addends.count else { throw .invalid("The bias is not one for each filter.") }
    let bias = try Tensor(
      floating: addends.indices.map { addends[$0] + (old?[$0] ?? 0) }, as: .float32, shape: try Shape([addends.count]))
    var inputs = product.inputs
    while inputs.count < 3 { inputs.append(nil) }
    inputs[2] = patch.constant(bias)
    return patch.unblock(patch.node(product.op, inputs, product.attributes, like: product), channels: addends.count)
  }

  private static func addends(_ match: Match) -> [Double]? {
    guard let channels = match.node("plain")?.int("channels", default: 0), let constant = match.constant("addend"),
      match.result?.shape?.count == 4, match.shape("weights")?.first == Dimension(channels)
    else { return nil }
    return ChannelVector.read(constant, channels: channels, rank: 4)
  }

  /// activation(UnblockChannels(BlockedConv(…))).
  static let fuseBlockedActivation = Rewrite(
    "fuse-blocked-activation", changes: .exact, pattern: .anyOf(Expression.activations(bareConv)), when: [.isFloat32, .sayableActivation]
  ) { (match, patch) throws(OnyxError) in
    guard let product = match.node("product"), let plain = match.node("plain"), let activation = match.activation else {
      throw .bug("A checked activation is gone.")
    }
    let y = patch.node(product.op, product.inputs, product.attributes.merging(activation.attributes) { $1 }, like: product)
    return patch.unblock(y, channels: plain.int("channels", default: 0))
  }

  /// UnblockChannels(BlockedConv(x, W, b)) + UnblockChannels(z), either way round: the product takes z in, if nothing else reads it.
  static let fuseBlockedResidual = Rewrite("fuse-blocked-residual", changes: .rounding, roots: ["Add"]) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let output = node.outputs.first ?? nil, node.inputs.count == 2 else { return .noMatch }
    var reason: String?
    for (plain, other) in [(node.operand(0), node.operand(1)), (node.operand(1), node.operand(0))] {
      guard let (index, reorder) = workspace.maker(of: plain), let y = workspace.blocked(plain), let z = workspace.blocked(other),
        let (convIndex, conv) = workspace.maker(of: y.value), conv.op == blockedConv, conv.operand(3) == nil, plain != other,
        conv.text("activation", default: FusedActivation.none.name) == FusedActivation.none.name
      else { continue }
      guard z.channels == y.channels, workspace.inferred(z.value)?.shape == workspace.inferred(y.value)?.shape else {
        reason = "Both operands must have one shape."
        continue
      }
      let removed: Set = [site.index, index, convIndex]
      if let escape = workspace.escape(from: removed, except: output) {
        reason = escape
        continue
      }
      var patch = Patch(for: site)
      patch.remove(removed)
      var inputs = conv.inputs
      while inputs.count < 4 { inputs.append(nil) }
      inputs[3] = z.value
      patch.shunt(
        output,
        to: patch.unblock(
          patch.node(conv.op, inputs, conv.attributes, like: conv), channels: reorder.int("channels", default: 0)))
      return .patch(patch)
    }
    return reason.map { .declined($0) } ?? .noMatch
  }
}
