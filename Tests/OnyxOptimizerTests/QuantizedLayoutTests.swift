import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Channel blocks of bytes: which quantized convolutions work in them, and where reorders end up.
struct QuantizedLayoutTests {
  static let window: [String: AttributePattern] = ["pads": .is(.ints([1, 1, 1, 1]))]

  /// `x` quantized and real again by the numbers of `name`.
  static func bytes(_ x: Expression, _ name: String) -> Expression { QuantiseTests.dq(QuantiseTests.q(x, name), name) }

  static func conv(_ x: Expression, _ w: String, _ attributes: [String: AttributePattern] = window) -> Expression {
    .op("Conv", x, QuantiseTests.dq(.value(w), "w", ["axis": .is(.int(0))]), attributes: attributes)
  }

  static func optimize(_ formula: Expression, channels: Int = 16, wType: ElementType = .int8, wZero: Int64 = 0) throws -> [String] {
    var constants = try QuantiseTests.numbers("x", 0.02, 100)
    for (name, scale) in [("y", Float(0.3)), ("z", 0.5), ("m", 0.1), ("s", 0.004)] {
      constants.merge(try QuantiseTests.numbers(name, scale, name == "s" ? 0 : 128)) { $1 }
    }
    constants.merge(try QuantiseTests.numbers("w", 0.01, wZero, wType)) { $1 }
    let shapes: [String: Shape] = [
      "v": [24, channels, 3, 3], "w": [24, 24, 3, 3], "d": [24, 1, 3, 3], "p": [24, 24, 1, 1], "few": [4, channels, 3, 3],
    ]
    for (name, shape) in shapes { constants[name] = try QuantiseTests.bytes(shape, wType) }
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["batch", Dimension(channels), 6, 5])]
    return operators(try differential(graph(formula, inputs: inputs, constants: constants), symbols: ["batch": 2], step: 1.01).graph)
  }

  static let x = bytes(.value("x"), "x")

  @Test func aResidualBlockStaysInBlocks() throws {
    let first = Self.bytes(Self.conv(Self.x, "v"), "y").named("first")
    let second = Self.bytes(Self.conv(first, "w"), "z").named("second")
    let gate = Self.bytes(.op("Sigmoid", Self.bytes(.op("GlobalAveragePool", second), "m")), "s")
    let sum = Self.bytes(.op("Add", Self.bytes(.op("Mul", gate, .value("second")), "z"), .value("first")), "z")
    let pooled = Expression.op("MaxPool", sum, attributes: ["kernel_shape": .is(.ints([2, 2]))])
    #expect(
      try Self.optimize(pooled) == [
        "QuantizeLinear", "onyx.BlockChannels", "onyx.BlockedQLinearConv", "onyx.BlockedQLinearConv", "onyx.QuantizedMean",
        "onyx.ByteTable",
        "onyx.QuantizedBinary", "onyx.QuantizedBinary", "onyx.BlockedMaxPool", "onyx.UnblockChannels", "DequantizeLinear",
      ])
  }

  /// A sum and a table join the convolution in front of them; a convolution that something else reads stays by itself.
  @Test func whatFollowsAConvolutionJoinsIt() throws {
    let first = Self.bytes(Self.conv(Self.x, "v"), "y").named("first")
    let sum = Self.bytes(.op("Add", Self.bytes(Self.conv(first, "w"), "z"), .value("first")), "m").named("sum")
    let swish = Self.bytes(.op("HardSwish", Self.bytes(Self.conv(sum, "w"), "y")), "s")
    let conv = "onyx.BlockedQLinearConv"
    let ends = (["QuantizeLinear", "onyx.BlockChannels"], ["onyx.UnblockChannels", "DequantizeLinear"])
    #expect(try Self.optimize(swish) == ends.0 + [conv, conv, conv] + ends.1)
    let gated = Self.bytes(.op("Mul", Self.bytes(.op("HardSwish", first), "z"), .value("first")), "z")
    #expect(try Self.optimize(gated) == ends.0 + [conv, "onyx.ByteTable", "onyx.QuantizedBinary"] + ends.1)
  }

  /// The convolutions of a gate work in blocks, too, so that their tables join them.
  @Test func aGateOfConvolutionsStaysInBlocks() throws {
    let first = Self.bytes(Self.conv(Self.x, "v"), "y").named("first")
    let mean = Self.bytes(.op("GlobalAveragePool", first), "m")
    let gate = Self.bytes(.op("HardSigmoid", Self.bytes(Self.conv(Self.bytes(Self.conv(mean, "p", [:]), "z"), "p", [:]), "z")), "s")
    let conv = "onyx.BlockedQLinearConv"
    #expect(
      try Self.optimize(Self.bytes(.op("Mul", gate, .value("first")), "z")) == [
        "QuantizeLinear", "onyx.BlockChannels", conv, "onyx.QuantizedMean", conv, conv, "onyx.QuantizedBinary", "onyx.UnblockChannels",
        "DequantizeLinear",
      ])
  }

  @Test func depthwiseWorksInBlocks() throws {
    let depthwise = Self.bytes(
      Self.conv(Self.bytes(Self.conv(Self.x, "v"), "y"), "d", Self.window.merging(["group": .is(.int(24))]) { $1 }), "z")
    let expected = [
      "QuantizeLinear", "onyx.BlockChannels", "onyx.BlockedQLinearConv", "onyx.BlockedQLinearConv", "onyx.UnblockChannels",
      "DequantizeLinear",
    ]
    #expect(try Self.optimize(depthwise) == expected)
  }

  @Test func aFirstLayerReadsThePlainImage() throws {
    let expected = ["QuantizeLinear", "onyx.BlockedQLinearConv", "onyx.UnblockChannels", "DequantizeLinear"]
    #expect(try Self.optimize(Self.bytes(Self.conv(Self.x, "v"), "y"), channels: 3) == expected)
    // Unsigned weights about 128 are symmetric as well.
    #expect(try Self.optimize(Self.bytes(Self.conv(Self.x, "v"), "y"), channels: 3, wType: .uint8, wZero: 128) == expected)
  }

  @Test func whatBlocksDoNotServeStaysPlain() throws {
    let plain = ["QuantizeLinear", "QLinearConv", "DequantizeLinear"]
    #expect(try Self.optimize(Self.bytes(Self.conv(Self.x, "v"), "y"), wZero: 3) == plain)
    #expect(try Self.optimize(Self.bytes(Self.conv(Self.x, "few"), "y")) == plain)
    let dilated = Self.conv(Self.x, "v", ["dilations": .is(.ints([2, 2])), "pads": .is(.ints([2, 2, 2, 2]))])
    #expect(try Self.optimize(Self.bytes(dilated, "y"), channels: 3) == plain)
  }

  /// Floats between two quantized steps stay in blocks, too.
  @Test func aFloatIslandStaysInBlocks() throws {
    let first = Self.bytes(Self.conv(Self.x, "v"), "y").named("first")
    let island = Self.bytes(.op("Sub", .op("Softplus", first), .value("first")), "z")
    let found = try Self.optimize(Self.bytes(Self.conv(island, "w"), "y"))
    #expect(found.filter { $0.hasSuffix("Channels") } == ["onyx.BlockChannels", "onyx.UnblockChannels"], "\(found)")
  }
}
