import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Projections of one value that feed one attention become one product with the joined weights, read piece by piece.
  static let mergeProjections = Rewrite("merge-projections", changes: .exact) { (site) throws(OnyxError) in
    guard site.node.op == OperatorName("FusedAttention", domain: "onyx") else { return .noMatch }
    let projections = (0..<3).map { Projection(site, input: $0) }
    for members in [[0, 1, 2], [1, 2], [0, 1], [0, 2]] {
      let found = members.compactMap { projections[$0] }
      guard found.count == members.count, let first = found.first, found.allSatisfy({ $0.goes(with: first) }),
        Set(found.map(\.product)).count == found.count
      else { continue }
      return try Projection.merge(found, at: site)
    }
    return .noMatch
  }
}

/// A product with constant weights whose result only an attention reads, perhaps in another shape.
struct Projection {
  /// Which input of the attention.
  let input: Int
  let product: Int
  let node: Node
  /// The product and what reshapes its result.
  let nodes: Set<Int>
  let weights: Tensor
  let bias: Tensor?
  let result: [Dimension]
  /// The shape and the names of the axes in which the attention reads it, and those of them that are the product's channels.
  let shape: [Dimension]
  let names: [String]
  let channels: Range<Int>

  /// The matrix of a product whose columns are the features of queries or keys, and which the attention reads in its own shape.
  var columnWeights: Tensor? {
    !isConv && shape == result && names.last == "d" && weights.shape[1] > 0 ? weights : nil
  }

  private static let labels = ["q_axes", "k_axes", "v_axes"]

  private var isConv: Bool { node.op == OperatorName("Conv") }
  private var channelAxis: Int { isConv ? 1 : result.count - 1 }
  private var count: Int { isConv ? weights.shape[0] : weights.shape[1] }

  init?(_ site: Site, input: Int) {
    let workspace = site.workspace
    guard let read = site.node.operand(input), let shape = workspace.inferred(read)?.shape, workspace.onlyReader(of: read) == site.index,
      site.node.inputs.filter({ $0 == read }).count == 1, var maker = workspace.maker(of: read)
    else { return nil }
    var nodes: Set = [maker.index]
    if maker.node.op == OperatorName("Reshape"), let inner = maker.node.operand(0), workspace.onlyReader(of: inner) == maker.index,
      let earlier = workspace.maker(of: inner)
    {
      maker = earlier
      nodes.insert(earlier.index)
    }
    guard let output = maker.node.outputs.first ?? nil, let result = workspace.inferred(output)?.shape,
      nodes.allSatisfy({ index in
        workspace.node(index)?.outputs.allSatisfy { $0.map { !workspace.isOutput($0) } ?? true } ?? false
      }), Projection.isPlain(maker.node), let weights = maker.node.operand(1).flatMap({ workspace.constant($0) }),
      weights.elementType == .float32
    else { return nil }
    bias = maker.node.operand(2).flatMap { workspace.constant($0) }
    guard maker.node.operand(2) == nil || bias != nil else { return nil }
    (self.input, product, node, self.nodes, self.weights, self.result, self.shape) = (
      input, maker.index, maker.node, nodes, weights, result, shape
    )
    names = site.node.text(Projection.labels[input], default: "").split(separator: " ").map(String.init)
    let isConv = maker.node.op == OperatorName("Conv")
    guard names.count == shape.count, weights.shape.rank == (isConv ? result.count : 2),
      !isConv || weights.shape.dropFirst(2).allSatisfy({ $0 == 1 }),
      let channels = Projection.span(of: isConv ? 1 : result.count - 1, in: result, among: shape)
    else { return nil }
    self.channels = channels
  }

  /// Products without a step behind them; convolutions of single pixels.
  private static func isPlain(_ node: Node) -> Bool {
    switch (node.op.domain, node.op.name) {
    case ("", "MatMul"): return true
    case ("onyx", "FusedMatMul"): return node.text("activation", default: "none") == "none" && node.operand(3) == nil
    case ("", "Conv"):
      return node.int("group", default: 1) == 1 && (node.ints("strides") ?? []).allSatisfy { $0 == 1 }
        && (node.ints("pads") ?? []).allSatisfy { $0 == 0 }
        && ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET"))
    default: return false
    }
  }

  func goes(with other: Projection) -> Bool {
    node.op.name.hasSuffix("MatMul") == other.node.op.name.hasSuffix("MatMul") && node.operand(0) == other.node.operand(0)
      && weights.shape == other.weights.shape
  }

  /// Which of `axes`, another shape of the same elements, make up axis `axis` of `outer`; nil when one of them reaches over its
  /// border.
  private static func span(of axis: Int, in outer: [Dimension], among axes: [Dimension]) -> Range<Int>? {
    func end(_ extent: Dimension, from start: Int) -> Int? {
      var (product, next) = (Dimension(1), start)
      while product != extent {
        guard next < axes.count, let larger = try? product * axes[next] else { return nil }
        (product, next) = (larger, next + 1)
      }
      return next
    }
    guard let before = try? Array(outer[..<axis]).product(), let start = end(before, from: 0), let stop = end(outer[axis], from: start)
    else { return nil }
    return start..<stop
  }

  static func merge(_ members: [Projection], at site: Site) throws(OnyxError) -> Outcome {
    guard let first = members.first, let source = first.node.operand(0) else { return .noMatch }
    var patch = Patch(for: site)
    patch.remove(members.reduce(into: [site.index]) { $0.formUnion($1.nodes) })
    var inputs: [ValueID?] = [source, patch.constant(try first.joinedWeights(members))]
    if members.contains(where: { $0.bias != nil }) { inputs.append(patch.constant(try joinedBias(members))) }
    let op = first.isConv ? first.node.op : OperatorName("FusedMatMul", domain: "onyx")
    let product = patch.node(op, inputs, first.isConv ? first.node.attributes : [:], like: first.node)
    var shape = first.result
    shape[first.channelAxis] = Dimension(first.count * members.count)
    var operands = site.node.inputs
    var attributes = site.node.attributes
    for (position, member) in members.enumerated() {
      var (cut, names) = (member.shape, member.names)
      cut.insert(Dimension(members.count), at: member.channels.lowerBound)
      names.insert("\(position)", at: member.channels.lowerBound)
      guard let target = ReshapeTarget(from: shape, to: cut) else { return .declined("The shapes must be known up to one dimension.") }
      operands[member.input] = try target.reshape(product, in: &patch)
      attributes[labels[member.input]] = .text(names.joined(separator: " "))
    }
    guard let output = site.node.outputs.first ?? nil else { return .noMatch }
    patch.shunt(output, to: patch.node(site.node.op, operands, attributes, like: site.node))
    return .patch(patch)
  }

  /// Filters one after another, or matrices side by side.
  private func joinedWeights(_ members: [Projection]) throws(OnyxError) -> Tensor {
    var all: [[Float]] = []
    for member in members { all.append(try member.weights.elements(as: Float.self)) }
    var extents = Array(weights.shape)
    extents[isConv ? 0 : 1] *= members.count
    guard !isConv else { return try Tensor(all.flatMap { $0 }, shape: try Shape(extents)) }
    var joined: [Float] = []
    joined.reserveCapacity(extents[0] * extents[1])
    for row in 0..<extents[0] { for values in all { joined += values[row * count..<(row + 1) * count] } }
    return try Tensor(joined, shape: try Shape(extents))
  }

  private static func joinedBias(_ members: [Projection]) throws(OnyxError) -> Tensor {
    var joined: [Float] = []
    for member in members { joined += try member.bias?.elements(as: Float.self) ?? Array(repeating: 0, count: member.count) }
    return try Tensor(joined, shape: try Shape([joined.count]))
  }
}
