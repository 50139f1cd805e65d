import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Operators that move whole channels or pixels work on blocks: channels by `onyx.GatherChannels`, pixels as they are.
extension Rewrite {
  /// Concat along channels of values that are mostly blocked; along another axis of values that all are. Whole blocks follow each other
  /// as they are.
  static let sinkReorderThroughConcat = Rewrite(
    "sink-reorder-through-concat", changes: .exact, roots: ["Concat"]
  ) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    let sources = node.inputs.map { workspace.blocked($0) }
    guard let output = node.outputs.first ?? nil, let first = sources.lazy.compactMap({ $0 }).first else { return .noMatch }
    guard let rank = workspace.inferred(output)?.shape?.count else { return .declined("The rank must be known.") }
    let axis = try Shape.normalize(axis: node.int("axis", default: 0), rank: rank)
    var patch = Patch(for: site)
    patch.remove([site.index])
    if axis != 1 {
      let all = sources.compactMap { $0 }
      guard all.count == sources.count, all.allSatisfy({ $0.channels == first.channels }) else {
        return .declined("Every input must be blocked.")
      }
      let y = patch.node(node.op, all.map(\.value), ["axis": .int(Int64(axis))], like: node)
      patch.shunt(output, to: patch.unblock(y, channels: first.channels))
      return .patch(patch)
    }
    var parts: [Workspace.BlockedValue] = []
    for (input, source) in zip(node.inputs, sources) {
      if let source {
        parts.append(source)
      } else if let input, let channels = workspace.inferred(input)?.shape?[1].known {
        parts.append(.init(value: patch.block(input), channels: channels))
      } else {
        return .declined("The number of channels must be known.")
      }
    }
    let total = parts.reduce(0) { $0 + $1.channels }
    guard 2 * sources.reduce(0, { $0 + ($1?.channels ?? 0) }) > total else { return .declined("Most channels must be blocked.") }
    patch.shunt(output, to: patch.unblock(patch.joined(parts, like: node), channels: total))
    return .patch(patch)
  }

  /// Split along channels.
  static let sinkReorderThroughSplit = Rewrite("sink-reorder-through-split", changes: .exact, roots: ["Split"]) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let x = workspace.blocked(node.operand(0)), let rank = workspace.inferred(x.value)?.shape?.count else { return .noMatch }
    guard try Shape.normalize(axis: node.int("axis", default: 0), rank: rank - 1) == 1 else {
      return .declined("The axis must be that of the channels.")
    }
    var patch = Patch(for: site)
    patch.remove([site.index])
    var start = 0
    for output in node.outputs {
      guard let output, let count = workspace.inferred(output)?.shape?[1].known, count > 0 else {
        return .declined("Every part must be there and have some channels.")
      }
      patch.shunt(output, to: patch.unblock(patch.gather([x.value], Array(start..<start + count), like: node), channels: count))
      start += count
    }
    guard start == x.channels else { return .declined("The parts must be all channels.") }
    return .patch(patch)
  }

  /// Slice of channels, pixels or images, its ranges constant.
  static let sinkReorderThroughSlice = Rewrite("sink-reorder-through-slice", changes: .exact, roots: ["Slice"]) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let x = workspace.blocked(node.operand(0)), let rank = workspace.inferred(x.value)?.shape?.count,
      let output = node.outputs.first ?? nil
    else { return .noMatch }
    func ints(_ index: Int, else usual: [Int]?) throws(OnyxError) -> [Int]? {
      guard let operand = node.operand(index) else { return usual }
      return try workspace.constant(operand)?.ints()
    }
    guard let starts = try ints(1, else: nil), let ends = try ints(2, else: nil),
      let given = try ints(3, else: Array(starts.indices)), let steps = try ints(4, else: starts.map { _ in 1 }),
      ends.count == starts.count, given.count == starts.count, steps.count == starts.count, !steps.contains(0)
    else { return .declined("The ranges must be constant.") }
    var axes: [Int] = []
    for axis in given { axes.append(try Shape.normalize(axis: axis, rank: rank - 1)) }
    guard Set(axes).count == axes.count else { return .declined("The axes must differ.") }
    var patch = Patch(for: site)
    patch.remove([site.index])
    var (y, channels) = (x.value, x.channels)
    let pixels = axes.indices.filter { axes[$0] != 1 }
    if !pixels.isEmpty {
      let lists = try [starts, ends, axes, steps].map { (list) throws(OnyxError) in try Tensor(pixels.map { list[$0] }) }
      y = patch.node(node.op, [y] + lists.map { patch.constant($0) }, [:], like: node)
    }
    if let index = axes.firstIndex(of: 1) {
      let range = SliceRange.Known(start: starts[index], end: ends[index], step: steps[index]).resolve(extent: x.channels)
      guard range.count > 0 else { return .declined("No channel is left.") }
      channels = range.count
      y = patch.gather([y], (0..<channels).map { range.first + $0 * steps[index] }, like: node)
    }
    patch.shunt(output, to: patch.unblock(y, channels: channels))
    return .patch(patch)
  }

  /// Gather of some channels, their numbers constant.
  static let sinkReorderThroughGather = Rewrite(
    "sink-reorder-through-gather", changes: .exact, inner: .mayStay,
    pattern: .op("Gather", .unblocked("x"), .constant("indices"), named: "node"),
    when: [
      Clause("The indices must be some channels in a row.") { match in
        guard let rank = match.shape("x")?.count, let axis = match.node("node")?.int("axis", default: 0) else { return false }
        return (axis == 1 || axis == 2 - rank) && channelIndices(match) != nil
      }
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let indices = channelIndices(match) else { throw .bug("Checked indices are gone.") }
    return patch.unblock(patch.gather([try match.required("x")], indices, like: node), channels: indices.count)
  }

  private static func channelIndices(_ match: Match) -> [Int]? {
    guard let channels = match.channels(of: "x"), let tensor = match.constant("indices"), tensor.shape.rank == 1, tensor.elementCount > 0,
      let indices = try? tensor.ints(), indices.allSatisfy({ (-channels..<channels).contains($0) })
    else { return nil }
    return indices.map { $0 < 0 ? $0 + channels : $0 }
  }

  /// Pad around pixels, the pads constant.
  static let sinkReorderThroughPad = Rewrite("sink-reorder-through-pad", changes: .exact, roots: ["Pad"]) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let x = workspace.blocked(node.operand(0)), let rank = workspace.inferred(x.value)?.shape?.count,
      let output = node.outputs.first ?? nil
    else { return .noMatch }
    let given = try node.operand(3).map { (operand) throws(OnyxError) in try workspace.constant(operand)?.ints() } ?? Array(0..<rank - 1)
    guard let given, let pads = try node.operand(1).flatMap({ workspace.constant($0) })?.ints(), pads.count == 2 * given.count else {
      return .declined("Pads and axes must be constant.")
    }
    if let fill = node.operand(2), try workspace.constant(fill)?.doubles().first?.isFinite != true {
      return .declined("The added elements must be a finite constant.")
    }
    var axes: [Int] = []
    for axis in given { axes.append(try Shape.normalize(axis: axis, rank: rank - 1)) }
    let kept = axes.indices.filter { axes[$0] != 1 }
    guard Set(axes).count == axes.count, axes.indices.allSatisfy({ axes[$0] != 1 || pads[$0] == 0 && pads[$0 + axes.count] == 0 }) else {
      return .declined("Channels must stay as they are.")
    }
    var patch = Patch(for: site)
    patch.remove([site.index])
    let lists = (kept.map { pads[$0] } + kept.map { pads[$0 + axes.count] }, kept.map { axes[$0] })
    let y = patch.node(
      node.op, [x.value, patch.constant(try Tensor(lists.0)), node.operand(2), patch.constant(try Tensor(lists.1))], node.attributes,
      like: node)
    patch.shunt(output, to: patch.unblock(y, channels: x.channels))
    return .patch(patch)
  }
}

extension Rewrite {
  /// Reshape(Transpose(Reshape(x))) that cuts the channels up, permutes the parts and joins them: a channel shuffle.
  static let sinkReorderThroughShuffle = Rewrite(
    "sink-reorder-through-shuffle", changes: .exact, inner: .mayStay,
    pattern: .op(
      "Reshape",
      .op("Transpose", .op("Reshape", .unblocked("x"), .value("cut"), named: "cutting"), named: "transpose"), .value("joined"),
      named: "node"),
    when: [Clause("Only parts of the channels may change places.") { shuffled($0) != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = shuffled(match) else { throw .bug("A checked shuffle is gone.") }
    return patch.unblock(patch.gather([try match.required("x")], channels, like: node), channels: channels.count)
  }

  /// The channels in their new order.
  private static func shuffled(_ match: Match) -> [Int]? {
    guard let x = match.shape("x"), x.count >= 4, let channels = match.channels(of: "x"), let result = match.result?.shape,
      result == [x[0], Dimension(channels)] + x[2..<x.count - 1],
      let cut = (match.node("cutting")?.outputs.first ?? nil).flatMap({ match.workspace.inferred($0)?.shape }),
      let order = match.node("transpose")?.ints("perm"), order.count == cut.count
    else { return nil }
    let (spatial, end) = (x.count - 3, cut.count - (x.count - 3))
    guard end > 1, cut[0] == x[0], cut[end...].elementsEqual(x[2..<2 + spatial]), order[0] == 0,
      order[end...].elementsEqual(end..<cut.count), let parts = Array(cut[1..<end]).allKnown,
      parts.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == channels, order[1..<end].sorted() == Array(1..<end)
    else { return nil }
    // Strides of the parts before, walked in the order behind.
    let strides = parts.indices.map { parts[($0 + 1)...].reduce(1, *) }
    return order[1..<end].reduce([0]) { channels, part in
      channels.flatMap { channel in (0..<parts[part - 1]).map { channel + $0 * strides[part - 1] } }
    }
  }

  /// Sources of one gather: each is read by a piece of its own.
  private static let mostSources = 6

  /// A gather of gathered or joined channels reads them where they come from; one that changes nothing goes.
  static let mergeChannelGathers = Rewrite(
    "merge-channel-gathers", changes: .exact, roots: [GatherChannels.name]
  ) { site throws(OnyxError) in
    let (node, workspace) = (site.node, site.workspace)
    guard let output = node.outputs.first ?? nil, let channels = node.ints("channels") else { return .noMatch }
    var (lanes, merges): ([(value: ValueID, lane: Int)], Bool) = ([], false)
    for case let input? in node.inputs {
      guard let own = workspace.lanes(of: input) else { return .declined("The number of channels must be known.") }
      let inner = workspace.gatheredLanes(of: input)
      merges = merges || inner != nil
      lanes += (inner ?? []) + own.dropFirst(inner?.count ?? 0)
    }
    guard channels.allSatisfy({ lanes.indices.contains($0) }) else { return .noMatch }
    let places = channels.map { lanes[$0] }
    var sources: [ValueID] = []
    for place in places where !sources.contains(place.value) { sources.append(place.value) }
    var patch = Patch(for: site)
    patch.remove([site.index])
    if let source = sources.first, sources.count == 1, places.map({ $0.lane }) == Array(places.indices),
      workspace.lanes(of: source)?.count == ChannelBlocks.count(places.count) * ChannelBlocks.size
    {
      patch.shunt(output, to: source)
      return .patch(patch)
    }
    guard merges || sources.count < node.inputs.count else { return .noMatch }
    guard sources.count <= max(mostSources, node.inputs.count) else { return .declined("The channels come from too many values.") }
    var firsts: [ValueID: Int] = [:]
    var count = 0
    for source in sources {
      firsts[source] = count
      count += workspace.lanes(of: source)?.count ?? 0
    }
    patch.shunt(output, to: patch.gather(sources, places.map { (firsts[$0.value] ?? 0) + $0.lane }, like: node))
    return .patch(patch)
  }
}

extension Workspace {
  /// What a plain value is made of by UnblockChannels.
  struct BlockedValue {
    let value: ValueID
    let channels: Int
  }

  /// nil unless UnblockChannels makes the value.
  func blocked(_ plain: ValueID?) -> BlockedValue? {
    guard let maker = maker(of: plain)?.node, maker.op == OperatorName("UnblockChannels", domain: "onyx"), let value = maker.operand(0)
    else { return nil }
    return BlockedValue(value: value, channels: maker.int("channels", default: 0))
  }

  /// The lanes of a blocked value as they are.
  fileprivate func lanes(of value: ValueID) -> [(value: ValueID, lane: Int)]? {
    guard let shape = inferred(value)?.shape, shape.count >= 4, let blocks = shape[1].known, blocks <= 1 << 20 else { return nil }
    return (0..<blocks * ChannelBlocks.size).map { (value, $0) }
  }

  /// Where the first lanes of a blocked value come from; nil when it is no gather and no Concat of blocks. Lanes past those of a gather
  /// are zeros.
  fileprivate func gatheredLanes(of value: ValueID) -> [(value: ValueID, lane: Int)]? {
    guard let node = maker(of: value)?.node else { return nil }
    let isConcat = node.op == OperatorName("Concat") && node.int("axis", default: 0) == 1
    guard isConcat || node.op == GatherChannels.name else { return nil }
    var lanes: [(value: ValueID, lane: Int)] = []
    for case let input? in node.inputs {
      guard let own = self.lanes(of: input) else { return nil }
      lanes += own
    }
    if isConcat { return lanes }
    guard let channels = node.ints("channels"), channels.allSatisfy({ lanes.indices.contains($0) }) else { return nil }
    return channels.map { lanes[$0] }
  }
}

extension Patch {
  /// Lanes of blocked values as channels of one.
  mutating func gather(_ values: [ValueID], _ lanes: [Int], like node: Node) -> ValueID {
    self.node(GatherChannels.name, values, ["channels": .ints(lanes.map(Int64.init))], like: node)
  }

  /// Blocked values one after the other along their channels.
  mutating func joined(_ parts: [Workspace.BlockedValue], like node: Node) -> ValueID {
    if parts.dropLast().allSatisfy({ $0.channels % ChannelBlocks.size == 0 }) {
      return self.node(OperatorName("Concat"), parts.map(\.value), ["axis": .int(1)], like: node)
    }
    var (lanes, first): ([Int], Int) = ([], 0)
    for part in parts {
      lanes += first..<first + part.channels
      first += ChannelBlocks.count(part.channels) * ChannelBlocks.size
    }
    return gather(parts.map(\.value), lanes, like: node)
  }
}
