import OnyxGraph
import OnyxOperators
import OnyxTensor

/// One node on the way from a source to an operand of a product.
struct OperandStep {
  let index: Int
  let node: Node
  let input: ValueID
  let output: ValueID

  /// Operators that carry their first input and do not join it with another.
  static let unary: Set<String> = [
    "Identity", "Dropout", "Cast", "CastLike", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Split", "Slice",
    "Gather", "GatherND", "Pad", "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "BatchNormalization",
    "InstanceNormalization", "GroupNormalization", "LpNormalization", "Relu", "Elu", "Gelu", "Sigmoid", "HardSwish", "Swish", "Tanh",
    "Softplus", "Exp", "Softmax", "Clip", "Neg", "RotaryEmbedding", "AveragePool", "MaxPool", "ReduceMean", "GlobalAveragePool",
    "QuantizeLinear", "DequantizeLinear", "DepthToSpace", "SpaceToDepth", "Resize", "Tile",
  ]
  /// Operators that join values, any of which may be the carried one.
  static let joining: Set<String> = ["Add", "Sub", "Mul", "Div", "Concat", "Where"]

  /// The values that a node may carry on.
  static func carried(by node: Node, in view: some GraphView) -> [ValueID] {
    let inputs = node.inputs.compactMap { $0 }
    if unary.contains(node.op.name) { return Array(inputs.prefix(1)) }
    if joining.contains(node.op.name), node.op.domain.isEmpty {
      return inputs.dropFirst(node.op.name == "Where" ? 1 : 0).filter { view.constant($0) == nil }
    }
    return []
  }

  var isMovement: Bool { Walk.movements.contains(node.op.name) || ["Cast", "Split", "Slice", "Gather", "GatherND"].contains(node.op.name) }
}

/// A linear layer that makes queries, keys or values: fixed weights, one operand that is computed.
struct TokenLayer {
  enum Form: Sendable { case dense, convolution }

  let index: Int
  let source: ValueID
  let output: ValueID
  let form: Form
  /// Where the channels stand that it reads, and those that it makes.
  let inputAxis: Int
  let outputAxes: [Int]
  let weights: [ValueID]
  /// Axes of the output as axes of the source; nil for those that it makes.
  let kept: [Int?]

  /// MatMul and Gemm with a constant matrix on either side, Einsum with constant weights, Conv that mixes channels.
  init?(_ value: ValueID, in view: some GraphView) {
    guard let (index, node) = view.maker(of: value), let first = node.operand(0), let second = node.operand(1),
      let output = view.shape(value)
    else { return nil }
    self.index = index
    self.output = value
    let constants = [first, second].map { view.isFixed($0) }
    let bias = node.operand(2).map { [Walk.resolved($0, in: view)] } ?? []
    switch node.op.name {
    case "MatMul", "Gemm", "FusedGemm":
      guard constants[0] != constants[1], let rank = view.shape(constants[0] ? second : first)?.count, rank == output.count, rank >= 2,
        view.shape(constants[0] ? first : second)?.count == 2
      else { return nil }
      (source, form) = (constants[0] ? second : first, .dense)
      inputAxis = rank - (constants[0] ? 2 : 1)
      outputAxes = [inputAxis]
      weights = [Walk.resolved(constants[0] ? first : second, in: view)] + bias
      kept = Self.all(but: inputAxis, rank)
    case "Conv", "FusedConv":
      guard constants[1], !constants[0], let input = view.shape(first), let extents = view.shape(Walk.resolved(second, in: view)),
        input.count >= 3, input.count == output.count, extents.count == input.count
      else { return nil }
      // One filter for each channel mixes places only.
      guard extents[1] != 1 || input[1] == 1 else { return nil }
      (source, form, inputAxis, outputAxes) = (first, .convolution, 1, [1])
      weights = [Walk.resolved(second, in: view)] + bias
      kept = Self.all(but: 1, input.count)
    case "Einsum":
      guard constants[0] != constants[1], let product = Contraction(at: index, in: view), product.contracted.count == 1 else { return nil }
      let side: Contraction.Side = constants[0] ? .right : .left
      guard let axis = product.axes(side).firstIndex(where: product.contracted.contains) else { return nil }
      (source, form, inputAxis) = (product.value(side), .dense, axis)
      kept = product.resultAxes.map { product.axes(side).firstIndex(of: $0) }
      outputAxes = kept.indices.filter { [kept] in kept[$0] == nil }
      weights = [Walk.resolved(product.value(side.other), in: view)]
    default: return nil
    }
  }

  private static func all(but axis: Int, _ rank: Int) -> [Int?] { (0..<rank).map { $0 == axis ? nil : $0 } }

}
