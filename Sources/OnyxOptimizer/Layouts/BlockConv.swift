import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Conv or FusedConv over images → UnblockChannels(BlockedConv(BlockChannels(x), …)). A first layer of few channels reads the
  /// plain image.
  static let blockConv = Rewrite(
    "block-conv", changes: .rounding, inner: .mayStay, pattern: .anyOf(.product("Conv"), anyFusedConv),
    when: [
      .isFloat32,
      Clause("The input must have two spatial axes and known channels, the filters must be constant.") { sizes($0) != nil },
      Clause("The bias must be constant.") { $0["third"] == nil || $0.constant("third") != nil },
      // Few filters of one tap are faster than a reorder of all channels that they read.
      Clause("Too few filters fill a block.") { match in
        guard let sizes = sizes(match) else { return false }
        return sizes.filters >= 8 || sizes.isPoint && match.workspace.blocked(match["first"]) != nil
      },
      Clause("One output pixel is a matrix product.") { match in
        match.result?.shape.map { $0.count == 4 && !$0[2...].allSatisfy { $0 == 1 } } ?? false
      },
      Clause("Groups of channels share blocks.") { match in sizes(match).map { $0.isServed } ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let product = match.node("product"), let sizes = sizes(match) else { throw .bug("A checked convolution is gone.") }
    let x = try match.required("first")
    let readsPlain = sizes.group == 1 && sizes.channels <= 4 && match.workspace.blocked(x) == nil
    var inputs: [ValueID?] = [
      readsPlain ? x : patch.block(x), try match.required("second"), match["third"], match["z"].map { patch.block($0) },
    ]
    while inputs.last == .some(nil) { inputs.removeLast() }
    let y = patch.node(OperatorName("BlockedConv", domain: "onyx"), inputs, product.attributes, like: product)
    return patch.unblock(y, channels: sizes.filters)
  }

  private static let anyFusedConv = Expression.application(
    Expression.Application(
      op: OperatorName("FusedConv", domain: "onyx"), inputs: [.value("first"), .value("second"), .optional("third"), .optional("z")],
      name: "product"))

  private struct Sizes {
    let channels, filters, group: Int
    /// Whether windows have one tap, and all filters read all channels.
    let isPoint: Bool

    /// Dense convolutions; the groups that kernels know: as many filters as channels inside a block, or whole blocks.
    var isServed: Bool {
      if group == 1 { return true }
      let (inputs, outputs) = (channels / group, filters / group)
      return inputs == outputs && [1, 2, 4, 8].contains(inputs) || inputs % ChannelBlocks.size == 0 && outputs % ChannelBlocks.size == 0
    }
  }

  private static func sizes(_ match: Match) -> Sizes? {
    guard let product = match.node("product"), match.shape("first")?.count == 4, let w = match.constant("second")?.shape, w.rank == 4,
      w.elementCount > 0
    else { return nil }
    let group = product.int("group", default: 1)
    let (channels, overflow) = w[1].multipliedReportingOverflow(by: group)
    return overflow || group < 1
      ? nil : Sizes(channels: channels, filters: w[0], group: group, isPoint: w[2...].allSatisfy { $0 == 1 } && group == 1)
  }
}
