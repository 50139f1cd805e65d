import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// The forms of pooling over a whole map.
struct RecogniseGlobalPoolTests {
  static let x = Expression.value("x")
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 3, 4, 5])]

  static func reduce(_ op: String, keepsDimensions: Int64 = 1) -> Expression {
    .op(op, x, .optional("axes"), attributes: ["keepdims": .isOrAbsent(.int(keepsDimensions))])
  }

  @Test(arguments: [("ReduceMean", "GlobalAveragePool"), ("ReduceMax", "GlobalMaxPool")]) func reduction(_ op: String, _ pool: String)
    throws
  {
    for axes in [[2, 3], [-1, -2]] {
      let result = try differential(graph(Self.reduce(op), inputs: Self.input, constants: ["axes": Tensor(axes)]), symbols: ["batch": 2])
      #expect(operators(result.graph) == [pool])
    }
    let name = "recognise-global-reduction"
    for axes in [[1, 2, 3], [2], [1, 3]] {
      let graph = try graph(Self.reduce(op), inputs: Self.input, constants: ["axes": Tensor(axes)])
      try expectDeclined(graph, name, because: "all after batch and channels", symbols: ["batch": 2])
    }
    try expectDeclined(graph(Self.reduce(op), inputs: Self.input), name, because: "all after batch and channels", symbols: ["batch": 2])
    let dropped = try graph(Self.reduce(op, keepsDimensions: 0), inputs: Self.input, constants: ["axes": Tensor([2, 3])])
    try expectDeclined(dropped, name, because: "must be kept", symbols: ["batch": 2])
    let integers = try graph(Self.reduce(op), inputs: Self.input, constants: ["axes": Tensor([2, 3])], type: .int32)
    try expectDeclined(integers, name, because: "must be floating", symbols: ["batch": 2])
  }

  static func pool(_ op: String, _ attributes: [String: AttributePattern], kernel: [Int64] = [4, 5]) -> Expression {
    .op(op, x, attributes: ["kernel_shape": AttributePattern.is(.ints(kernel))].merging(attributes) { $1 })
  }

  @Test(arguments: [("AveragePool", "GlobalAveragePool"), ("MaxPool", "GlobalMaxPool")]) func window(_ op: String, _ pool: String) throws {
    let equal: [[String: AttributePattern]] = [
      [:], ["strides": .is(.ints([2, 2]))], ["pads": .is(.ints([0, 0, 0, 0]))], ["ceil_mode": .is(.int(1))],
      ["auto_pad": .is(.text("VALID"))],
    ]
    for attributes in equal {
      let result = try differential(graph(Self.pool(op, attributes), inputs: Self.input), symbols: ["batch": 2])
      #expect(operators(result.graph) == [pool])
    }
    func expect(_ formula: Expression, _ reason: String) throws {
      try expectDeclined(graph(formula, inputs: Self.input), "recognise-global-pool", because: reason, symbols: ["batch": 2])
    }
    try expect(Self.pool(op, [:], kernel: [4, 4]), "the whole map")
    try expect(Self.pool(op, ["pads": .is(.ints([1, 1, 1, 1]))]), "must not be padded")
    try expect(Self.pool(op, ["auto_pad": .is(.text("SAME_UPPER"))]), "must not be padded")
    try expect(Self.pool(op, ["dilations": .is(.ints([2, 2])), "pads": .is(.ints([3, 4, 3, 4]))]), "must not be padded")
  }

  /// A dilated window as large as the map would not fit without pads, so this twin only shows that the clause speaks.
  @Test func dilatedWindow() throws {
    let one = try graph(
      .op("MaxPool", Self.x, attributes: ["kernel_shape": .is(.ints([1, 1])), "dilations": .is(.ints([2, 2]))]),
      inputs: [("x", [1, 1, 1, 1])])
    try expectDeclined(one, "recognise-global-pool", because: "must not be dilated")
  }

  @Test func poolOfBytes() throws {
    try expectDeclined(
      graph(Self.pool("MaxPool", [:]), inputs: Self.input, type: .int8), "recognise-global-pool", because: "must be floating",
      symbols: ["batch": 2])
  }

  /// The mean over a convolution, `attributes` its own.
  static func pooled(_ attributes: [String: AttributePattern] = [:], bias: Bool = true) -> Expression {
    .op(
      "GlobalAveragePool",
      bias
        ? .op("Conv", x, .value("w"), .value("c"), attributes: attributes) : .op("Conv", x, .value("w"), attributes: attributes))
  }

  static func filters(_ shape: [Int]) throws -> [String: Tensor] {
    ["w": try random(try Shape(shape), seed: 3), "c": try random([shape[0]], seed: 4)]
  }

  /// Convolutions of single pixels come behind the mean.
  @Test(arguments: [true, false]) func pixelsAreAveragedFirst(bias: Bool) throws {
    var options = OptimizerOptions()
    options.disabled = ["block-conv"]
    for group in [1, 3] {
      let attributes: [String: AttributePattern] = ["group": .is(.int(Int64(group))), "strides": .is(.ints([1, 1]))]
      let made = try graph(Self.pooled(attributes, bias: bias), inputs: Self.input, constants: Self.filters([6, 3 / group, 1, 1]))
      let result = try differential(made, options, symbols: ["batch": 2])
      #expect(result.report.counts["pool-before-conv"] == 1)
      #expect(operators(result.graph) == ["GlobalAveragePool", "Conv"])
    }
  }

  @Test func windowsStayBeforeTheMean() throws {
    func expect(_ attributes: [String: AttributePattern], _ shape: [Int], _ reason: String) throws {
      let made = try graph(Self.pooled(attributes), inputs: Self.input, constants: Self.filters(shape))
      try expectDeclined(made, "pool-before-conv", because: reason, symbols: ["batch": 2])
    }
    try expect([:], [6, 3, 2, 1], "single pixels")
    try expect(["strides": .is(.ints([2, 2]))], [6, 3, 1, 1], "read once")
    try expect(["pads": .is(.ints([1, 0, 0, 0]))], [6, 3, 1, 1], "read once")
    // What else reads the convolution needs all of it.
    let conv = Expression.op("Conv", Self.x, .value("w"), .value("c")).named("conv")
    let both = Expression.op("GlobalAveragePool", conv) + .value("conv")
    let made = try graph(both, inputs: Self.input, constants: Self.filters([6, 3, 1, 1]))
    #expect(try differential(made, symbols: ["batch": 2]).report.counts["pool-before-conv"] == nil)
  }
}
