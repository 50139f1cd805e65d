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
}
