import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A product over the axis of heads, third from the end, with a constant matrix: Transpose(linear(Transpose(source))).
struct HeadMixing {
  let source: ValueID
  let nodes: Set<Int>
  /// [h, g]: what head g takes of head h; and what is added to head g.
  let matrix: ValueID
  let bias: ValueID?

  /// Most heads that `FusedAttention` mixes fast.
  private static let mostHeads = 32

  /// nil when `value` is made in another way.
  init?(_ value: ValueID?, in workspace: Workspace) {
    guard let value, let shape = workspace.inferred(value)?.shape, shape.count >= 3, let heads = shape[shape.count - 3].known, heads > 1,
      heads <= Self.mostHeads, let back = workspace.maker(of: value), back.node.op == OperatorName("Transpose")
    else { return nil }
    let (rank, axes) = (shape.count, Array(shape.indices))
    guard back.node.ints("perm") == axes.dropLast(3) + [rank - 1, rank - 3, rank - 2],
      let linear = Linear(back.node.operand(0), columns: heads, in: workspace),
      let front = workspace.maker(of: linear.source), front.node.op == OperatorName("Transpose"),
      front.node.ints("perm") == axes.dropLast(3) + [rank - 2, rank - 1, rank - 3], let source = front.node.operand(0),
      workspace.inferred(source)?.shape == shape
    else { return nil }
    self.source = source
    nodes = linear.nodes.union([back.index, front.index])
    (matrix, bias) = (linear.matrix, linear.bias)
  }
}

/// source · matrix + bias with constants.
private struct Linear {
  let source, matrix: ValueID
  private(set) var bias: ValueID?
  private(set) var nodes: Set<Int>

  init?(_ value: ValueID?, columns: Int, in workspace: Workspace) {
    guard var maker = workspace.maker(of: value) else { return nil }
    nodes = [maker.index]
    if maker.node.op == OperatorName("Add") {
      guard let a = maker.node.operand(0), let b = maker.node.operand(1) else { return nil }
      let isLeft = workspace.constant(a) == nil
      guard let product = workspace.maker(of: isLeft ? a : b), product.node.op == OperatorName("MatMul") else { return nil }
      bias = isLeft ? b : a
      maker = product
      nodes.insert(product.index)
    } else if maker.node.op == OperatorName("FusedMatMul", domain: "onyx") {
      guard maker.node.text("activation", default: "none") == "none", maker.node.operand(3) == nil else { return nil }
      bias = maker.node.operand(2)
    } else if maker.node.op != OperatorName("MatMul") {
      return nil
    }
    guard let source = maker.node.operand(0), let matrix = maker.node.operand(1),
      let constant = workspace.constant(matrix), constant.elementType == .float32, constant.shape.rank == 2, constant.shape[0] == columns,
      constant.shape[1] == columns
    else { return nil }
    if let bias {
      guard let constant = workspace.constant(bias), constant.elementType == .float32, constant.shape.rank == 1,
        constant.shape[0] == columns
      else { return nil }
    }
    (self.source, self.matrix) = (source, matrix)
  }
}
