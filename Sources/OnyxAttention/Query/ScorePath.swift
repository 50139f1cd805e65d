import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The way from a product of queries and keys to the softmax over it.
struct ScorePath {
  /// What is added to the scores, or says where they are left out.
  struct Addend {
    let value: ValueID
    /// The condition of a Where and not a term.
    let isCondition: Bool
    /// The scores that it is joined with.
    let scores: ValueID
  }

  let product: Contraction
  var steps: [OperandStep] = []
  var addends: [Addend] = []
  /// Whether a layer mixes the heads.
  var mixesHeads = false
  /// Whether the scores are multiplied.
  var isScaled = false

  private static let longest = 16
  /// Operators that carry scores alone.
  private static let unary = Walk.movements.union(["Cast", "Slice", "Tanh", "Clip", "Pad", "BatchNormalization"])

  /// The way to `value`; `allowsConstant` also takes a product with learned queries.
  init?(to value: ValueID, allowsConstant: Bool, in view: some GraphView) {
    var seen: Set<ValueID> = []
    guard let path = Self.find(value, Self.longest, allowsConstant, &seen, in: view) else { return nil }
    self = path
  }

  private init(_ product: Contraction) {
    self.product = product
    isScaled = product.isScaled
  }

  private static func find(
    _ value: ValueID, _ depth: Int, _ allowsConstant: Bool, _ seen: inout Set<ValueID>, in view: some GraphView
  ) -> ScorePath? {
    guard depth > 0, seen.insert(value).inserted, let (index, node) = view.maker(of: value) else { return nil }
    func step(_ input: ValueID, _ change: (inout ScorePath) -> Void = { _ in }) -> ScorePath? {
      guard var path = find(input, depth - 1, allowsConstant, &seen, in: view) else { return nil }
      path.steps.append(OperandStep(index: index, node: node, input: input, output: value))
      change(&path)
      return path
    }
    let inputs = node.inputs.compactMap { $0 }
    let computed = inputs.filter { !view.isFixed($0) }
    switch node.op.name {
    case "MatMul", "Gemm", "Einsum", "Conv", "FusedConv":
      if computed.count == 1, let layer = TokenLayer(value, in: view) {
        let isSquare = view.shape(layer.source)?.indices.contains(layer.inputAxis) == true && layer.keepsShape(in: view)
        if isSquare, let path = step(layer.source, { $0.mixesHeads = true }) { return path }
      }
      guard computed.count == 2 || computed.count == 1 && allowsConstant, let product = Contraction(at: index, in: view) else { return nil }
      return ScorePath(product)
    case "Add", "Sub":
      for input in computed where node.op.name == "Add" || input == inputs.first {
        guard let other = inputs.first(where: { $0 != input }) else { continue }
        let found = step(input) { path in
          // A layer of the heads has a bias of its own.
          if path.mixesHeads, path.steps.dropLast().last?.isHeadLayer == true, view.constant(other) != nil { return }
          path.addends.append(Addend(value: other, isCondition: false, scores: input))
        }
        if let found { return found }
      }
      return nil
    case "Mul", "Div":
      for input in computed where node.op.name == "Mul" || input == inputs.first {
        if let path = step(input, { $0.isScaled = true }) { return path }
      }
      return nil
    case "Where":
      for input in computed where input != inputs.first {
        if let path = step(input, { $0.addends.append(Addend(value: inputs[0], isCondition: true, scores: input)) }) { return path }
      }
      return nil
    case "Max", "Min":
      guard computed.count == 1 else { return nil }
      return step(computed[0])
    default:
      guard unary.contains(node.op.name), let input = inputs.first else { return nil }
      return step(input)
    }
  }
}

extension OperandStep {
  /// Whether it is a layer, as those that mix heads are.
  var isHeadLayer: Bool { ["MatMul", "Gemm", "Einsum", "Conv", "FusedConv"].contains(node.op.name) }
}

extension TokenLayer {
  /// Whether it makes as many channels as it reads, at one place: the layers that mix heads do.
  func keepsShape(in view: some GraphView) -> Bool {
    guard let input = view.shape(source), let result = view.shape(output), input == result, result.count >= 3 else { return false }
    let extents = weights.first.flatMap { view.shape($0) } ?? []
    return extents.dropFirst(2).allSatisfy { $0 == 1 } && extents.count >= 2 && extents[0] == extents[1]
  }
}

/// The way from a softmax to the product of its weights with values.
struct WeightPath {
  let softmax: Int
  /// What the softmax reads, what it makes, and along which axis of it.
  let scores: ValueID
  let weights: ValueID
  let axis: Int
  var steps: [OperandStep] = []
  var mixesHeads = false
  /// Whether other weights are added, as shares of both.
  var hasOthers = false

  private static let longest = 12
  private static let unary = Walk.movements.union(["Cast", "Slice", "Split", "BatchNormalization"])

  /// The ways to `value`: several where weights of several softmaxes are added.
  static func all(to value: ValueID, in view: some GraphView) -> [WeightPath] {
    var seen: Set<ValueID> = []
    return find(value, longest, &seen, in: view)
  }

  private init(softmax: Int, scores: ValueID, weights: ValueID, axis: Int) {
    (self.softmax, self.scores, self.weights, self.axis) = (softmax, scores, weights, axis)
  }

  private static func find(_ value: ValueID, _ depth: Int, _ seen: inout Set<ValueID>, in view: some GraphView) -> [WeightPath] {
    guard depth > 0, seen.insert(value).inserted, let index = view.producer(of: value), let node = view.node(index) else { return [] }
    if let end = softmax(value, index, node, in: view) { return [end] }
    func steps(_ inputs: [ValueID], _ change: (inout WeightPath) -> Void = { _ in }) -> [WeightPath] {
      var paths: [WeightPath] = []
      for input in inputs {
        for var path in find(input, depth - 1, &seen, in: view) {
          path.steps.append(OperandStep(index: index, node: node, input: input, output: value))
          change(&path)
          paths.append(path)
        }
      }
      return paths
    }
    let inputs = node.inputs.compactMap { $0 }
    let computed = inputs.filter { !view.isFixed($0) }
    switch node.op.name {
    case "MatMul", "Einsum", "Conv", "FusedConv":
      guard let layer = TokenLayer(value, in: view), layer.keepsShape(in: view) else { return [] }
      return steps([layer.source]) { $0.mixesHeads = true }
    case "Add":
      return steps(computed) { path in
        // The bias of a layer over heads is one number for each; other weights are a whole map.
        if path.steps.dropLast().last?.isHeadLayer != true || computed.count > 1 { path.hasOthers = true }
      }
    case "Mul": return steps(computed)
    case "Div": return steps(Array(inputs.prefix(1)))
    case "Where": return steps(computed.filter { $0 != inputs.first })
    default:
      guard unary.contains(node.op.name), node.op.domain.isEmpty else { return [] }
      return steps(Array(inputs.prefix(1)))
    }
  }

  /// Softmax, or the quotient that it stands for: exp(x) divided by its sum.
  private static func softmax(_ value: ValueID, _ index: Int, _ node: Node, in view: some GraphView) -> WeightPath? {
    guard let rank = view.shape(value)?.count, let input = node.operand(0) else { return nil }
    func path(_ scores: ValueID, _ axis: Int) -> WeightPath? {
      let axis = axis < 0 ? axis + rank : axis
      return axis >= 0 && axis < rank ? WeightPath(softmax: index, scores: scores, weights: value, axis: axis) : nil
    }
    if node.op == OperatorName("Softmax") { return path(input, node.int("axis", default: -1)) }
    guard node.op == OperatorName("Div"), let (_, exponential) = view.maker(of: input), exponential.op == OperatorName("Exp"),
      let scores = exponential.operand(0), let (_, sum) = view.maker(of: node.operand(1)), sum.op == OperatorName("ReduceSum"),
      sum.operand(0) == input, let axes = sum.ints("axes") ?? view.ints(sum, 1), axes.count == 1
    else { return nil }
    return path(scores, axes[0])
  }
}

extension Sequence<OperandStep> {
  /// The axes of what the last step makes, as parts of the axes of what the first one reads.
  func layout(from value: ValueID, in view: some GraphView) -> AxisLayout? {
    var layout = view.shape(value).map { AxisLayout($0) }
    for step in self { layout = layout?.after(step, in: view) }
    return layout
  }
}
