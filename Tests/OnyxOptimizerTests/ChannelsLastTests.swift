import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Transposes meet their inverse, and what lies between them works with channels last.
struct ChannelsLastTests {
  static func first(_ x: Expression) -> Expression { FuseAttentionTests.transposed(x, 0, 3, 1, 2) }
  static func last(_ x: Expression) -> Expression { FuseAttentionTests.transposed(x, 0, 2, 3, 1) }

  static func optimize(_ formula: Expression, _ inputs: [(name: String, shape: [Dimension])], _ constants: [String: Tensor] = [:]) throws
    -> [String]
  {
    operators(try differential(graph(formula, inputs: inputs, constants: constants), symbols: ["n": 2]).graph)
  }

  static let image: [(name: String, shape: [Dimension])] = [("x", ["n", 6, 4, 8])]
  static let depthwise: [String: AttributePattern] = ["group": .is(.int(8)), "pads": .is(.ints([1, 1, 1, 1]))]

  @Test func depthwiseConvolution() throws {
    let constants = try ["w": random([8, 1, 3, 3]), "b": random([8])]
    let formula = Self.last(.op("Conv", Self.first(.value("x")), .value("w"), .value("b"), attributes: Self.depthwise))
    #expect(try Self.optimize(formula, Self.image, constants) == ["onyx.ChannelsLastConv"])
  }

  /// A block of ConvNeXt: depthwise convolution, normalization, two products, a factor for each channel and the residual.
  @Test func block() throws {
    let constants = try [
      "w": random([8, 1, 3, 3], seed: 1), "b": random([8], seed: 2), "scale": random([8], seed: 3), "shift": random([8], seed: 4),
      "up": random([8, 32], seed: 5),
      "upBias": random([32], seed: 6), "down": random([32, 8], seed: 7), "downBias": random([8], seed: 8),
      "gamma": random([8, 1, 1], seed: 9),
    ]
    let x = Self.first(.value("x")).named("image")
    let y = Expression.op(
      "LayerNormalization", Self.last(.op("Conv", x, .value("w"), .value("b"), attributes: Self.depthwise)), .value("scale"),
      .value("shift"))
    let hidden = Expression.op("Gelu", .op("MatMul", y, .value("up")) + .value("upBias"))
    let sum = Self.first(.op("MatMul", hidden, .value("down")) + .value("downBias")) * .value("gamma") + .value("image")
    #expect(
      try Self.optimize(Self.last(sum), Self.image, constants)
        == ["onyx.ChannelsLastConv", "LayerNormalization", "onyx.FusedMatMul", "onyx.FusedMatMul"])
  }

  @Test func sinkingThroughArithmetic() throws {
    let two = Self.image + [("y", ["n", 6, 4, 8])]
    #expect(try Self.optimize(Self.last(Self.first(.value("x")) - Self.first(.value("y"))), two) == ["Sub"])
    #expect(try Self.optimize(Self.last(.value("c") / Self.first(.value("x"))), Self.image, ["c": random([8, 1, 1], 1...2)]) == ["Div"])
    #expect(try Self.optimize(Self.last(Self.first(.value("x")) * .value("c")), Self.image, ["c": random([4])]) == ["Mul"])
    #expect(
      try Self.optimize(Self.first(.value("x")) * .value("c"), Self.image, ["c": random([6, 4])]) == ["Transpose", "Mul"], "two long axes")
    let widened = try Self.optimize(Self.first(.value("x")) * .value("c"), [("x", [1, 6, 4, 8])], ["c": random([3, 1, 1, 1, 1])])
    #expect(widened == ["Transpose", "Mul"], "the constant has more axes")
  }

  static let tiling: [String: AttributePattern] = ["strides": .is(.ints([2, 2]))]

  @Test func patchesOfAPlainImage() throws {
    let conv = Expression.op("Conv", .value("x"), .value("w"), .value("b"), attributes: Self.tiling)
    let constants = try ["w": random([12, 3, 2, 2]), "b": random([12]), "flat": Tensor([0, 12, 12])]
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["n", 3, 8, 6])]
    let found = try Self.optimize(Self.last(conv), inputs, constants)
    #expect(found == ["Reshape", "Transpose", "Reshape", "onyx.FusedMatMul"])
    let rows = try Self.optimize(FuseAttentionTests.transposed(FuseAttentionTests.shaped(conv, "flat"), 0, 2, 1), inputs, constants)
    #expect(rows == ["Reshape", "Transpose", "Reshape", "onyx.FusedMatMul", "Reshape"])
  }

  @Test func patchesWithChannelsLast() throws {
    let conv = Expression.op("Conv", Self.first(.value("x")), .value("w"), attributes: Self.tiling)
    let found = try Self.optimize(Self.last(.op("Relu", conv)), Self.image, ["w": random([12, 8, 2, 2])])
    #expect(found.filter { $0 == "onyx.FusedMatMul" }.count == 1 && !found.contains { $0.hasSuffix("Conv") }, "\(found)")
  }

  @Test func declines() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [2, 3, 9, 6])]
    let formula = Self.last(.op("Conv", .value("x"), .value("w"), attributes: Self.tiling))
    try expectDeclined(graph(formula, inputs: inputs, constants: ["w": random([12, 3, 2, 2])]), "patch-conv", because: "tile the image")
    try expectDeclined(graph(formula, inputs: inputs, constants: ["w": random([12, 3, 3, 3])]), "patch-conv", because: "tile the image")
    let dense = Self.last(.op("Conv", Self.first(.value("x")), .value("w")))
    try expectDeclined(
      graph(dense, inputs: Self.image, constants: ["w": random([8, 8, 3, 3])]), "channels-last-depthwise", because: "own filter",
      symbols: ["n": 2])
    let mixed = Self.first(.value("x")) + FuseAttentionTests.transposed(.value("y"), 0, 3, 2, 1)
    let two: [(name: String, shape: [Dimension])] = [("x", [2, 4, 4, 8]), ("y", [2, 4, 4, 8])]
    try expectDeclined(graph(mixed, inputs: two), "sink-transpose-through-binary", because: "transposed alike")
  }
}
