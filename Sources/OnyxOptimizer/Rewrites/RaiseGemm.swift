import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Reshape(Gemm(a, w, c)) → FusedMatMul(Reshape(a), w, c) where only the rows become several axes: what follows the product in the
  /// shape of its input, a residual or an activation, can then be fused with it.
  static let raiseGemm = Rewrite("raise-gemm", changes: .rounding, roots: ["Reshape"]) { (site) throws(OnyxError) in
    let workspace = site.workspace
    guard case let output?? = site.node.outputs.first, let gemm = workspace.maker(of: site.node.operand(0)),
      gemm.node.op == OperatorName("Gemm"), let a = gemm.node.operand(0), let w = gemm.node.operand(1),
      case let product?? = gemm.node.outputs.first,
      let shape = workspace.inferred(output)?.shape, let weights = workspace.constant(w), weights.elementType == .float32
    else { return .noMatch }
    let matrix = weights.shape
    guard ["transA", "transB"].allSatisfy({ gemm.node.int($0, default: 0) == 0 }),
      ["alpha", "beta"].allSatisfy({ gemm.node.float($0, default: 1) == 1 })
    else { return .declined("The matrices must be plain, and no factor before them.") }
    guard shape.count > 2, shape.last == Dimension(matrix[1]) else { return .declined("The columns of the product must stay an axis.") }
    let bias = gemm.node.operand(2)
    guard bias.map({ workspace.constant($0)?.shape.dimensions == [matrix[1]] }) ?? true else {
      return .declined("The addend must be one number for each column.")
    }
    guard workspace.onlyReader(of: product) == site.index, !workspace.isOutput(product) else {
      return .declined("Nobody else may read the product.")
    }
    let wanted = shape.dropLast() + [Dimension(matrix[0])]
    // The rows were mostly several axes before.
    let inner = workspace.maker(of: a).flatMap { $0.node.op == OperatorName("Reshape") ? $0.node.operand(0) : nil }
    var patch = Patch(for: site)
    var rows: ValueID?
    for source in [inner, a] {
      guard rows == nil, let source, let from = workspace.inferred(source)?.shape else { continue }
      rows = from == Array(wanted) ? source : try ReshapeTarget(from: from, to: Array(wanted))?.reshape(source, in: &patch)
    }
    guard let rows else { return .declined("The shape must be known up to axes of the input or one other dimension.") }
    patch.remove([site.index, gemm.index])
    let name = bias == nil ? OperatorName("MatMul") : OperatorName("FusedMatMul", domain: "onyx")
    patch.shunt(output, to: patch.node(name, [rows, w] + (bias.map { [$0] } ?? []), like: gemm.node))
    return .patch(patch)
  }
}
