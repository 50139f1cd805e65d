import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Scores (x · Wq + bq) · (z · Wk + bk)ᵀ become (x · Wq · Wkᵀ + bq · Wkᵀ) · zᵀ where z has no more features than its projection: one
  /// product less. What bk adds to the scores is the same for all keys of a query, which a softmax does not see.
  static let foldKeyProjection = Rewrite("fold-key-projection", changes: .rounding) { (site) throws(OnyxError) in
    guard site.node.op == OperatorName("FusedAttention", domain: "onyx"), let queries = Projection(site, input: 0),
      let keys = Projection(site, input: 1), let source = keys.node.operand(0), let x = queries.node.operand(0),
      let output = site.node.outputs.first ?? nil
    else { return .noMatch }
    guard let wq = queries.columnWeights, let wk = keys.columnWeights else { return .declined("Features must be the last axis of both.") }
    guard site.node.inputs.dropFirst(FusedAttention.scoreMixing).allSatisfy({ $0 == nil }) else {
      return .declined("Heads may not talk to each other.")
    }
    let (rows, features, depth) = (wq.shape[0], wk.shape[0], wk.shape[1])
    guard features <= depth else { return .declined("The keys must have no more features than their projection.") }
    guard rows * features <= mostProducts / max(depth, 1) else { return .declined("The weights are too many to multiply while loading.") }
    let (a, b) = (try wq.elements(as: Float.self), try wk.elements(as: Float.self))
    let bias = try queries.bias?.elements(as: Float.self)
    guard (a + b + (bias ?? [])).allSatisfy(\.isFinite) else { return .declined("The weights must be finite.") }
    /// A row of `left` times each row of Wk.
    func product(_ left: ArraySlice<Float>) -> [Float] {
      (0..<features).map { row in
        var sum = 0.0
        for (x, y) in zip(left, b[row * depth..<(row + 1) * depth]) { sum += Double(x) * Double(y) }
        return Float(sum)
      }
    }
    var patch = Patch(for: site)
    let joined = (0..<rows).flatMap { product(a[$0 * depth..<($0 + 1) * depth]) }
    var inputs: [ValueID?] = [x, patch.constant(try Tensor(joined, shape: try Shape([rows, features])))]
    if let bias { inputs.append(patch.constant(try Tensor(product(bias[...]), shape: try Shape([features])))) }
    patch.remove(queries.nodes.union(keys.nodes).union([site.index]))
    var operands = site.node.inputs
    operands[0] = patch.node(OperatorName("FusedMatMul", domain: "onyx"), inputs, like: queries.node)
    operands[1] = source
    patch.shunt(output, to: patch.node(site.node.op, operands, site.node.attributes, like: site.node))
    return .patch(patch)
  }

  /// Multiplications of weights, a moment's work while a model is loaded.
  private static let mostProducts = 1 << 22
}
