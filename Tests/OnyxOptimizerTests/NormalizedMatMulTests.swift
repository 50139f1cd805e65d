import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Products of tokens that are flattened and normalized, as in LeViT.
struct NormalizedMatMulTests {
  static let product = Expression.op("MatMul", .value("x"), .value("w"))
  static let inputs: [(name: String, shape: [Dimension])] = [("x", ["n", 5, 6])]

  static func make(_ formula: Expression, variance: ClosedRange<Double> = 0.5...2) throws -> Graph {
    let constants = try LowerConvTests.normalization(4, variance: variance).merging([
      "w": random([6, 4], seed: 3), "rows": Tensor([-1, 4]), "back": Tensor([-1, 5, 4]),
    ]) { $1 }
    return try graph(formula, inputs: inputs, constants: constants)
  }

  static func moved(_ target: String, _ x: Expression = product) -> Expression { .op("Reshape", x, .value(target)) }

  @Test func folds() throws {
    for rows in [Self.moved("rows"), .op("Flatten", Self.product, attributes: ["axis": .is(.int(2))])] {
      let result = try differential(Self.make(Self.moved("back", LowerConvTests.normalized(rows))), symbols: ["n": 2])
      let found = operators(result.graph)
      #expect(found.contains("onyx.FusedMatMul") && !found.contains("BatchNormalization"), "\(found)")
    }
  }

  @Test func declines() throws {
    try expectDeclined(
      Self.make(LowerConvTests.normalized(Self.moved("rows")), variance: -2 ... -1), "fold-batch-normalization-into-matmul",
      because: "must be finite", symbols: ["n": 2])
    let both = LowerConvTests.normalized(Self.moved("rows", Self.product.named("product")))
    let formula = Expression.op("ReduceSum", both) + .op("ReduceMax", .value("product"))
    try expectDeclined(Self.make(formula), "fold-batch-normalization-into-matmul", because: "is also read", symbols: ["n": 2])
  }
}
