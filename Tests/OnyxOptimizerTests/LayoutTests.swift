import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// The layout phase: which convolutions work in channel blocks, and where reorders end up.
struct LayoutTests {
  static let window: [String: AttributePattern] = ["pads": .is(.ints([1, 1, 1, 1]))]

  static func conv(_ x: Expression, _ w: String) -> Expression { .op("Conv", x, .value(w), attributes: window) }

  static func optimize(_ formula: Expression, channels: Int = 16, more: [String: Tensor] = [:]) throws -> [String] {
    let constants = try [
      "v": random([24, channels, 3, 3], seed: 5), "w": random([24, 24, 3, 3], seed: 6),
    ].merging(more) { $1 }
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["batch", Dimension(channels), 6, 5])]
    return operators(try differential(graph(formula, inputs: inputs, constants: constants), symbols: ["batch": 2]).graph)
  }

  static let x = Expression.value("x")

  @Test func oneReorderOnEachSide() throws {
    let chain = Self.conv(.op("Relu", Self.conv(Self.x, "v")), "w")
    #expect(try Self.optimize(chain) == ["onyx.BlockChannels", "onyx.BlockedConv", "onyx.BlockedConv", "onyx.UnblockChannels"])
  }

  @Test func aFirstLayerReadsThePlainImage() throws {
    #expect(try Self.optimize(Self.conv(Self.x, "v"), channels: 3) == ["onyx.BlockedConv", "onyx.UnblockChannels"])
  }

  @Test func residualsStayBlocked() throws {
    let first = Self.conv(Self.x, "v").named("first")
    #expect(
      try Self.optimize(.op("Relu", Self.conv(.op("Relu", first), "w") + first))
        == ["onyx.BlockChannels", "onyx.BlockedConv", "Relu", "onyx.BlockedConv", "onyx.UnblockChannels"])
  }

  static let unary: [Expression] =
    ["Sigmoid", "Elu", "Softplus", "Mish", "Abs", "Neg"].map { .op($0, conv(x, "v").named("c")) + .value("c") } + [
      .op("Clip", conv(x, "v").named("c"), 0, 2) - .value("c")
    ]

  @Test(arguments: unary.indices) func elementwiseFunctionsWorkInside(_ row: Int) throws {
    let found = try Self.optimize(.op("Relu", Self.conv(Self.unary[row], "w")))
    #expect(
      found.first == "onyx.BlockChannels" && found.last == "onyx.UnblockChannels" && found.filter { $0.hasSuffix("Channels") }.count == 2,
      "\(found)")
  }

  @Test func channelVectorsAreBlocked() throws {
    let first = Self.conv(Self.x, "v").named("c")
    let gated = first * .op("Sigmoid", .op("GlobalAveragePool", first))
    let found = try Self.optimize(Self.conv(gated, "w"))
    #expect(found.filter { $0.hasSuffix("Channels") } == ["onyx.BlockChannels", "onyx.UnblockChannels"], "\(found)")
  }

  @Test func concatOfWholeBlocks() throws {
    let (a, b) = (Self.conv(Self.x, "a"), Self.conv(Self.x, "v"))
    let weights = try ["a": random([32, 16, 3, 3], seed: 8), "u": random([8, 56, 3, 3], seed: 9), "t": random([8, 56, 3, 3], seed: 9)]
    let whole = Self.conv(.op("Concat", a, b, attributes: ["axis": .is(.int(1))]), "u")
    #expect(try Self.optimize(whole, more: weights).filter { $0.hasSuffix("Channels") }.count == 2)
    let torn = Self.conv(.op("Concat", b, a, attributes: ["axis": .is(.int(1))]), "t")
    #expect(
      try Self.optimize(torn, more: weights).filter { $0.hasSuffix("Channels") }
        == ["onyx.BlockChannels", "onyx.GatherChannels", "onyx.UnblockChannels"])
  }

  @Test func imagesAreResizedInside() throws {
    func found(_ inputs: [Expression], _ attributes: [String: AttributePattern], _ more: [String: Tensor]) throws -> Int {
      let resize = Expression.application(
        Expression.Application(op: OperatorName("Resize"), inputs: [Self.conv(Self.x, "v")] + inputs, attributes: attributes))
      return try Self.optimize(Self.conv(resize, "w"), more: more).filter { $0.hasSuffix("Channels") }.count
    }
    let byScale: [Expression] = [.optional("roi"), .value("scales")]
    let twice = try Tensor([1 as Float, 1, 2, 2], shape: [4])
    for attributes: [String: AttributePattern] in [
      [:], ["mode": .is(.text("linear")), "coordinate_transformation_mode": .is(.text("align_corners"))], ["mode": .is(.text("cubic"))],
    ] {
      #expect(try found(byScale, attributes, ["scales": twice]) == 2)
    }
    let swapped: [String: AttributePattern] = ["axes": .is(.ints([-1, 2])), "mode": .is(.text("linear"))]
    #expect(try found(byScale, swapped, ["scales": Tensor([1.5 as Float, 3], shape: [2])]) == 2)
    let bySize: [Expression] = [.optional("roi"), .optional("scales"), .value("sizes")]
    let planes: [String: AttributePattern] = ["axes": .is(.ints([1, 2, 3]))]
    #expect(try found(bySize, planes, ["sizes": Tensor([24 as Int64, 12, 7], shape: [3])]) == 2)
    // The batch is not known, the extents are: what exporters compute from the shape of another value.
    let computed = Expression.op(
      "Concat", .op("Slice", .op("Shape", Self.x), .value("zero"), .value("one")), .value("rest"), attributes: ["axis": .is(.int(0))])
    let rest = try ["zero": Tensor([0]), "one": Tensor([1]), "rest": Tensor([24, 9, 11]), "empty": floats([])]
    #expect(try found([.optional("roi"), .optional("scales"), computed], [:], rest) == 2)
    #expect(try found([.value("empty"), .value("empty"), computed], [:], rest) == 2)
    #expect(try found(byScale, ["axes": .is(.ints([3]))], ["scales": Tensor([2 as Float], shape: [1])]) == 4, "one axis")
    #expect(try found(byScale, [:], ["scales": Tensor([2 as Float, 1, 2, 2], shape: [4])]) == 4, "more images")
  }

  @Test func whatStaysPlain() throws {
    #expect(try Self.optimize(Self.conv(Self.x, "f"), more: ["f": random([4, 16, 3, 3])]) == ["Conv"], "few filters")
    let inputs: [(name: String, shape: [Dimension])] = [("x", [2, 16, 1, 1])]
    let pixel = try graph(.op("Conv", Self.x, .value("w")), inputs: inputs, constants: ["w": random([24, 16, 1, 1])])
    #expect(try operators(differential(pixel).graph) == ["Conv"], "one pixel")
    let computed: [(name: String, shape: [Dimension])] = [("x", [2, 16, 4, 4]), ("w", [24, 16, 1, 1])]
    try expectDeclined(graph(.op("Conv", Self.x, .value("w")), inputs: computed), "block-conv", because: "filters must be constant")
  }
}
