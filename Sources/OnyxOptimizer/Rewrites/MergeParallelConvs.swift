import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Conv(x, A) + Conv(x, B) → Conv(x, A + B), where the smaller window lies inside the larger one; x itself and a BatchNormalization of
  /// it count as convolutions of one tap. So the branches of a block that was trained with several become one (RepVGG, arXiv 2101.03697).
  static let mergeParallelConvs = Rewrite(
    "merge-parallel-convs", changes: .rounding,
    pattern: .anyOf([Expression.branch("b"), .value("x"), .normalization(of: .value("x"))].map { .branch("a") + $0 }),
    when: [
      Clause("The weights and biases must be constant float32.") { match in
        match.elementType == .float32 && ["a", "b"].allSatisfy { match["\($0).bias"] == nil || match.constant("\($0).bias") != nil }
      },
      Clause("The images must have known channels and one shape.") { Branch.shape($0) != nil },
      Clause("One window must lie inside the other one.") { match in
        guard let a = Branch(match, "a"), let b = Branch(other: match, of: a) else { return false }
        return a.sum(b) != nil
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let a = Branch(match, "a"), let b = Branch(other: match, of: a), let sum = a.sum(b) else {
      throw .bug("Checked branches are gone.")
    }
    let filters = sum.outer.shape[0]
    var inputs = [try match.required("x"), patch.constant(try sum.weights())]
    if a.bias != nil || b.bias != nil {
      let (one, two) = (try a.bias?.elements(as: Float.self), try b.bias?.elements(as: Float.self))
      guard one?.count ?? filters == filters, two?.count ?? filters == filters else {
        throw .invalid("The bias is not one for each filter.")
      }
      inputs.append(
        patch.constant(try Tensor((0..<filters).map { filter -> Float in (one?[filter] ?? 0) + (two?[filter] ?? 0) }, shape: [filters])))
    }
    return patch.node(OperatorName("Conv"), inputs, sum.outer.attributes, like: sum.outer.node)
  }
}

extension Expression {
  fileprivate static func branch(_ name: String) -> Expression {
    .op("Conv", .value("x"), .constant("\(name).weights"), .optional("\(name).bias"), named: name)
  }
}

/// A convolution of x with constant weights: a Conv, or x times a number for each channel.
private struct Branch {
  let node: Node
  /// [filters, channels of a group, taps…]
  let weights: Tensor
  let bias: Tensor?
  let group: Int
  let strides, dilations, before: [Int]
  var shape: Shape { weights.shape }

  var attributes: [String: Attribute] { node.attributes }

  /// The shape of x, when that of the result follows from it.
  static func shape(_ match: Match) -> [Dimension]? {
    guard let x = match.shape("x"), let y = match.result?.shape, x.count >= 3, x.count == y.count, x[1].known != nil, y[1].known != nil
    else {
      return nil
    }
    // A residual or a second convolution that is broadcast is no branch.
    guard let sum = match.rootNode else { return nil }
    return sum.inputs.allSatisfy { $0.flatMap { match.workspace.inferred($0)?.shape } == y } ? x : nil
  }

}

extension Branch {
  /// nil for padding that the node does not give in numbers.
  init?(_ match: Match, _ name: String) {
    guard let node = match.node(name), let weights = match.constant("\(name).weights"), weights.shape.rank >= 3, weights.elementCount > 0,
      node.text("auto_pad", default: "NOTSET") == "NOTSET"
    else { return nil }
    let rank = weights.shape.rank - 2
    (self.node, self.weights, bias) = (node, weights, match.constant("\(name).bias"))
    group = node.int("group", default: 1)
    strides = node.ints("strides") ?? Array(repeating: 1, count: rank)
    dilations = node.ints("dilations") ?? Array(repeating: 1, count: rank)
    before = Array((node.ints("pads") ?? Array(repeating: 0, count: 2 * rank)).prefix(rank))
    guard group >= 1, weights.shape[0] % group == 0, [strides, dilations, before].allSatisfy({ $0.count == rank }) else { return nil }
  }

  /// The other operand of the sum: a Conv, x, or its normalization, in the groups of `a`.
  init?(other match: Match, of a: Branch) {
    if match.node("b") != nil {
      self.init(match, "b")
      return
    }
    guard let channels = match.shape("x")?[1].known, channels == a.shape[0], channels == a.shape[1] * a.group,
      a.strides.allSatisfy({ $0 == 1 })
    else { return nil }
    var (factors, shifts): ([Double], [Double]?) = (Array(repeating: 1, count: channels), nil)
    if match.node("normalization") != nil {
      guard let found = match.normalization, found.factors.count == channels else { return nil }
      (factors, shifts) = (found.factors, found.shifts)
    }
    let (depth, rank) = (a.shape[1], a.shape.rank - 2)
    let (elements, overflow) = channels.multipliedReportingOverflow(by: depth)
    guard !overflow, elements <= a.weights.elementCount,
      let weights = try? Tensor(
        of: Float.self, shape: Shape([channels, depth] + Array(repeating: 1, count: rank)),
        fill: { target in
          for index in 0..<elements {
            target[index] = index % depth == index / depth % depth ? Float(factors[index / depth]) : 0
          }
        })
    else { return nil }
    self.init(
      node: a.node, weights: weights, bias: shifts.flatMap { try? Tensor(floating: $0, as: .float32, shape: [channels]) }, group: a.group,
      strides: a.strides, dilations: a.dilations, before: Array(repeating: 0, count: rank))
  }

  /// Both as one: the outer window, and where the inner one begins in it. nil when neither lies inside the other.
  struct Sum {
    let outer, inner: Branch
    let offsets: [Int]

    /// The outer weights plus the inner ones at their places.
    func weights() throws(OnyxError) -> Tensor {
      let source = try inner.weights.elements(as: Float.self)
      var places = [0]
      for (axis, extent) in inner.shape.enumerated() {
        let (first, stride) = (axis < 2 ? 0 : offsets[axis - 2], outer.shape.strides[axis])
        places = places.flatMap { place in (0..<extent).map { place + (first + $0) * stride } }
      }
      var sums = try outer.weights.elements(as: Float.self)
      for (index, place) in places.enumerated() { sums[place] += source[index] }
      return try Tensor(sums, shape: outer.shape)
    }
  }

  func sum(_ other: Branch) -> Sum? { place(of: other) ?? other.place(of: self) }

  private func place(of inner: Branch) -> Sum? {
    guard inner.group == group, inner.strides == strides, inner.shape.rank == shape.rank, inner.shape[0] == shape[0],
      inner.shape[1] == shape[1]
    else { return nil }
    var offsets: [Int] = []
    for axis in strides.indices {
      let (size, inside) = (shape[axis + 2], inner.shape[axis + 2])
      let (offset, rest) = (before[axis] - inner.before[axis]).quotientAndRemainder(dividingBy: dilations[axis])
      guard inside == 1 || inner.dilations[axis] == dilations[axis], rest == 0, offset >= 0, offset + inside <= size else { return nil }
      offsets.append(offset)
    }
    return Sum(outer: self, inner: inner, offsets: offsets)
  }
}
