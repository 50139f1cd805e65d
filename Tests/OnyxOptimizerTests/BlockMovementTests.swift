import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// What moves channels and pixels works on blocks: no reorders are left but those at the borders of the graph.
struct BlockMovementTests {
  static let x = Expression.value("x")

  static func conv(_ x: Expression, _ w: String, pads: [Int64] = [1, 1, 1, 1]) -> Expression {
    .op("Conv", x, .value(w), attributes: ["pads": .is(.ints(pads))])
  }

  /// Operators after optimization; `x` has 16 channels, v makes 24 of them, w 24 of 24, a 40 of 16.
  static func optimize(_ formula: Expression, _ more: [String: Tensor] = [:], symbols: [String: Int] = ["batch": 2]) throws -> [String] {
    let constants = try [
      "v": random([24, 16, 3, 3], seed: 5, -0.3...0.3), "w": random([24, 24, 3, 3], seed: 6, -0.3...0.3),
      "a": random([40, 16, 3, 3], seed: 7, -0.3...0.3),
    ].merging(more) { $1 }
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["batch", 16, 6, 5])]
    return operators(try differential(graph(formula, inputs: inputs, constants: constants), symbols: symbols).graph)
  }

  static func reorders(_ found: [String]) -> Int { found.count { ["onyx.BlockChannels", "onyx.UnblockChannels"].contains($0) } }

  static let v = conv(x, "v")
  static let a = conv(x, "a")

  static func concat(_ parts: Expression..., axis: Int64 = 1) -> Expression {
    .application(
      Expression.Application(op: OperatorName("Concat"), inputs: parts, attributes: ["axis": .is(.int(axis))]))
  }

  @Test func tornPartsAreGathered() throws {
    let found = try Self.optimize(
      Self.conv(Self.concat(Self.v, Self.a), "u"), ["u": random([8, 64, 3, 3], seed: 9, -0.3...0.3)])
    #expect(Self.reorders(found) == 2 && found.contains("onyx.GatherChannels"), "\(found)")
  }

  @Test func aPlainPartIsBlocked() throws {
    let weights = ["u": try random([8, 40, 3, 3], seed: 9, -0.3...0.3)]
    let found = try Self.optimize(Self.conv(Self.concat(Self.v, .op("Log", .op("Exp", Self.x))), "u"), weights)
    #expect(Self.reorders(found) == 3 && found.contains("onyx.GatherChannels"), "\(found)")
    let few = try Self.optimize(
      Self.concat(.op("Exp", Self.x), .op("Exp", Self.x), .op("Exp", Self.v)), weights)
    #expect(!few.contains("onyx.GatherChannels"))
  }

  @Test func imagesOneBelowTheOther() throws {
    let found = try Self.optimize(Self.conv(Self.concat(Self.v, .op("Relu", Self.v), axis: 2), "w"))
    #expect(Self.reorders(found) == 2 && found.contains("Concat"), "\(found)")
  }

  @Test func aShuffleOfTornHalvesIsOneGather() throws {
    let both = Self.concat(Self.v, .op("Relu", Self.v))
    let cut = Expression.op("Reshape", both, .value("cut"))
    let shuffled = Expression.op(
      "Reshape", .op("Transpose", cut, attributes: ["perm": .is(.ints([0, 2, 1, 3, 4]))]), .value("joined"))
    let more = try [
      "cut": Tensor([0, 2, 24, 6, 5]), "joined": Tensor([0, -1, 6, 5]), "u": random([8, 48, 1, 1], seed: 9, -0.3...0.3),
      "t": random([8, 20, 1, 1], seed: 9, -0.3...0.3), "first": Tensor([3]), "last": Tensor([23]), "one": Tensor([1]),
    ]
    let found = try Self.optimize(Self.conv(shuffled, "u", pads: [0, 0, 0, 0]), more)
    #expect(Self.reorders(found) == 2 && found.count { $0 == "onyx.GatherChannels" } == 1 && !found.contains("Transpose"), "\(found)")
    let part = Expression.op("Slice", shuffled, .value("first"), .value("last"), .value("one"))
    let sliced = try Self.optimize(Self.conv(part, "t", pads: [0, 0, 0, 0]), more)
    #expect(Self.reorders(sliced) == 2 && sliced.count { $0 == "onyx.GatherChannels" } == 1, "\(sliced)")
  }

  @Test func partsOfChannelsAndPixels() throws {
    let more = try [
      "starts": Tensor([-1, 1, 0]), "ends": Tensor([2, 6, 4]), "axes": Tensor([1, -2, 3]), "steps": Tensor([-2, 1, 2]),
      "u": random([8, 11, 1, 1], seed: 9, -0.3...0.3), "chosen": Tensor([3, -1, 3, 0]), "t": random([8, 4, 1, 1], seed: 9, -0.3...0.3),
    ]
    let slice = Expression.op("Slice", Self.v, .value("starts"), .value("ends"), .value("axes"), .value("steps"))
    let found = try Self.optimize(Self.conv(slice, "u", pads: [0, 0, 0, 0]), more)
    #expect(Self.reorders(found) == 2 && found.contains("Slice") && found.contains("onyx.GatherChannels"), "\(found)")
    let gather = Expression.op("Gather", Self.v, .value("chosen"), attributes: ["axis": .is(.int(-3))])
    let gathered = try Self.optimize(Self.conv(gather, "t", pads: [0, 0, 0, 0]), more)
    #expect(Self.reorders(gathered) == 2 && gathered.contains("onyx.GatherChannels"), "\(gathered)")
  }

  @Test func splitChannelsStayBlocked() throws {
    var builder = GraphBuilder("split", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["batch", 16, 6, 5])
    let v = builder.constant(try random([24, 16, 1, 1], seed: 2, -0.3...0.3))
    let w = builder.constant(try random([16, 10, 3, 3], seed: 3, -0.3...0.3))
    let y = builder.nodes("Conv", [x, v], outputs: 1)[0]
    let parts = builder.nodes("Split", [y, builder.constant(try Tensor([14, 10]))], outputs: 2, attributes: ["axis": .int(1)])
    builder.output(builder.nodes("Conv", [parts[1], w], outputs: 1)[0])
    builder.output(parts[0])
    let found = operators(try differential(builder.graph, symbols: ["batch": 2]).graph)
    #expect(Self.reorders(found) == 3 && found.count { $0 == "onyx.GatherChannels" } == 2 && !found.contains("Split"), "\(found)")
  }

  @Test func paddedPixelsStayBlocked() throws {
    let more = try ["pads": Tensor([0, 0, 1, 0, 0, 0, 2, 1]), "few": Tensor([2, 1]), "axis": Tensor([-1]), "fill": floats([0.5], [])]
    for (inputs, mode): ([Expression], String) in [
      ([.value("pads"), .value("fill")], "constant"), ([.value("pads")], "edge"),
      ([.value("few"), .optional("none"), .value("axis")], "reflect"),
    ] {
      let pad = Expression.application(
        Expression.Application(op: OperatorName("Pad"), inputs: [Self.v] + inputs, attributes: ["mode": .is(.text(mode))]))
      let found = try Self.optimize(Self.conv(pad, "w"), more)
      #expect(Self.reorders(found) == 2 && found.contains("Pad"), "\(found)")
    }
    let channels = Expression.op("Pad", Self.v, .value("pads"))
    let wide = try Self.optimize(Self.conv(channels, "u"), ["pads": Tensor([0, 2, 0, 0, 0, 1, 0, 0]), "u": random([8, 27, 3, 3])])
    #expect(Self.reorders(wide) == 4)
  }

  static let operands: [(Expression, Tensor, Int)] = try! [
    (v * .value("c"), random([24, 1, 1]), 2), (v + .value("c"), random([1, 24, 1, 1]), 2), (.value("c") - v, floats([2]), 2),
    (v / .value("c"), floats([3], []), 2), (.op("PRelu", v, .value("c")), random([24, 1, 1]), 2),
    (.op("PRelu", v, .value("c")), floats([0.25]), 2),
    (v + .value("c"), random([1, 24, 6, 5]), 2), (v * .value("c"), random([6, 5]), 4), (v / .value("c"), random([24, 1, 1], 1...2), 4),
    // One number that only the run knows could make the lanes past the last channel infinite; 32 channels have none.
    (v * .op("ReduceMax", x), floats([1]), 4), (conv(v, "b") * .op("ReduceMax", x), floats([1]), 2),
    (conv(v, "b") * .op("Sigmoid", .op("ReduceMean", conv(v, "b"), .value("c"))), Tensor([1]), 3),
  ]

  @Test(arguments: operands.indices) func operandsMeetBlocks(_ row: Int) throws {
    let (formula, constant, count) = Self.operands[row]
    let blocks = [
      "c": constant, "b": try random([32, 24, 3, 3], seed: 4, -0.3...0.3), "u": try random([16, 32, 3, 3], seed: 4, -0.3...0.3),
    ]
    let found = try Self.optimize(Self.conv(.op("Softplus", formula), row < 10 ? "w" : "u"), blocks)
    #expect(Self.reorders(found) == count, "\(found)")
  }

  @Test func normalizedGroupsStayBlocked() throws {
    let more = try [
      "groups": Tensor([0, 4, -1]), "shape": Tensor([0, 24, 6, 5]), "s": floats([1, 2, 1, 1]), "b": floats([0, 0, 1, 0]),
      "factor": random([24, 1, 1], seed: 3), "addend": random([1, 24, 1, 1], seed: 4), "gs": random([24], seed: 5),
      "gb": random([24], seed: 6),
    ]
    let grouped = Expression.op(
      "Reshape", .op("InstanceNormalization", .op("Reshape", Self.v, .value("groups")), .value("s"), .value("b")), .value("shape"))
    let found = try Self.optimize(Self.conv(.op("Relu", grouped * .value("factor") + .value("addend")), "w"), more)
    #expect(
      found == [
        "onyx.BlockChannels", "onyx.BlockedConv", "onyx.BlockedGroupNormalization", "Relu", "onyx.BlockedConv", "onyx.UnblockChannels",
      ],
      "\(found)")
    let instance = Expression.op("InstanceNormalization", Self.v, .value("gs"), .value("gb"))
    #expect(Self.reorders(try Self.optimize(Self.conv(instance, "w"), more)) == 2)
    let wrong = try more.merging(["groups": Tensor([0, 5, -1]), "s": random([5]), "b": random([5])]) { $1 }
    #expect(!(try Self.optimize(grouped, wrong).contains("GroupNormalization")), "groups that straddle channels")
  }
}
