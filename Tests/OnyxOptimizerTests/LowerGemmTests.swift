import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Lowering of matrix products.
struct LowerGemmTests {
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 6])]
  static let product = Expression.op("MatMul", .value("x"), .value("w"))

  static func make(_ formula: Expression, _ more: [String: Tensor] = [:], inputs: [(name: String, shape: [Dimension])] = input) throws
    -> Graph
  {
    let constants = try ["w": random([6, 4], seed: 3), "c": random([4], seed: 4)].merging(more) { $1 }
    return try graph(formula, inputs: inputs, constants: constants)
  }

  @Test func matMulWithBias() throws {
    for shape: Shape in [[4], [1, 4], [1]] {
      let result = try differential(Self.make(Self.product + .value("c"), ["c": random(shape)]), symbols: ["batch": 3])
      #expect(nodeLines(result.graph) == ["Add_1_output = Gemm(x, w, c)"])
    }
  }

  @Test func matMulOfBatches() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [2, 3, 6])]
    let result = try differential(Self.make(Self.product + .value("c"), inputs: inputs))
    #expect(operators(result.graph) == ["onyx.FusedMatMul"])
  }

  @Test func addendThatWidensTheProduct() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [1, 6])]
    for shape: Shape in [[5, 4], [2, 1, 4]] {
      let graph = try Self.make(Self.product + .value("c"), ["c": random(shape)], inputs: inputs)
      try expectDeclined(graph, "lower-matmul-to-gemm", because: "broadcast to the product")
    }
  }

  static func gemm(_ attributes: [String: AttributePattern]) -> Expression {
    .op("Gemm", .value("x"), .value("w"), .optional("c"), attributes: attributes)
  }

  @Test(arguments: [false, true]) func batchNormalization(_ isTransposed: Bool) throws {
    let attributes: [String: AttributePattern] = [
      "transB": .is(.int(isTransposed ? 1 : 0)), "beta": .is(.float(0.5)), "alpha": .is(.float(2)),
    ]
    let more = try LowerConvTests.normalization(4).merging(["w": random(isTransposed ? [4, 6] : [6, 4])]) { $1 }
    let result = try differential(Self.make(LowerConvTests.normalized(Self.gemm(attributes)), more), symbols: ["batch": 3])
    #expect(operators(result.graph) == ["Gemm"])
  }

  @Test func batchNormalizationDeclines() throws {
    let formula = LowerConvTests.normalized(Self.gemm([:]))
    let rows = try Self.make(formula, LowerConvTests.normalization(4).merging(["c": random([3, 1])]) { $1 }, inputs: [("x", [3, 6])])
    try expectDeclined(rows, "fold-batch-normalization-into-gemm", because: "one number for each column")
    let infinite = try Self.make(formula, LowerConvTests.normalization(4, variance: -2 ... -1))
    try expectDeclined(infinite, "fold-batch-normalization-into-gemm", because: "must be finite", symbols: ["batch": 3])
  }

  @Test func activationAndResidual() throws {
    let inputs = Self.input + [("z", ["batch", 4])]
    let formula = Expression.op("Clip", Self.gemm(["transB": .isOrAbsent(.int(0))]) + .value("z"), 0, 6)
    let result = try differential(Self.make(formula, inputs: inputs), symbols: ["batch": 3])
    #expect(
      nodeLines(result.graph).map { $0.split(separator: " = ")[1] } == [
        "onyx.FusedGemm(x, w, c, z) {activation=\"clip\", activation_params=[0.0, 6.0], transB=0}"
      ])
    let fromMatMul = try differential(Self.make(.op("Relu", Self.product + .value("c"))), symbols: ["batch": 3])
    #expect(operators(fromMatMul.graph) == ["onyx.FusedGemm"])
  }
}
