import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Rewrites that take nodes out and put nothing in.
struct RemoveTests {
  static let x = Expression.value("x")
  static let input: [(name: String, shape: [Dimension])] = [("x", ["batch", 4])]
  static let symbols = ["batch": 3]
  /// Keeps the graph's output from being its input.
  static func used(_ x: Expression) -> Expression { .op("Sqrt", x) }

  static func after(
    _ formula: Expression, _ constants: [String: Tensor] = [:], type: ElementType = .float32, shape: [Dimension] = ["batch", 4]
  ) throws -> [String] {
    nodeLines(try differential(graph(used(formula), inputs: [("x", shape)], constants: constants, type: type), symbols: symbols).graph)
      .map { String($0.split(separator: " = ")[1]) }
  }

  @Test func identity() throws {
    #expect(try Self.after(.op("Identity", .op("Identity", Self.x))) == ["Sqrt(x)"])
  }

  @Test func identityOfTheInputAsTheOutputStays() throws {
    let graph = try graph(.op("Identity", Self.x), inputs: Self.input)
    try expectDeclined(graph, "remove-identity", because: "'Identity_0_output' and 'x' must both keep their names", symbols: Self.symbols)
  }

  @Test func identityAsTheOutputGivesItsNameToTheNodeBefore() throws {
    let result = try differential(graph(.op("Identity", .op("Sqrt", Self.x)), inputs: Self.input), symbols: Self.symbols)
    #expect(nodeLines(result.graph) == ["Identity_1_output = Sqrt(x)"])
  }

  @Test func identityOfAFetchedValueAsTheOutputStays() throws {
    let graph = try graph(.op("Identity", .op("Sqrt", Self.x)), inputs: Self.input)
    try expectDeclined(
      graph, "remove-identity", because: "must both keep their names", OptimizerOptions(kept: ["Sqrt_0_output"]), symbols: Self.symbols)
  }

  @Test func dropout() throws {
    #expect(try Self.after(.op("Dropout", Self.x)) == ["Sqrt(x)"])
    let constants = try ["ratio": floats([0.5], .scalar), "training": Tensor(scalar: false)]
    #expect(try Self.after(.op("Dropout", Self.x, .value("ratio"), .value("training")), constants) == ["Sqrt(x)"])
  }

  @Test func dropoutInTrainingStays() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [4])
    let training = builder.input("training", .bool, [])
    let ratio = builder.constant(try floats([0], .scalar))
    builder.output(builder.node("Dropout", x, ratio, training))
    let report = try Optimizer.optimize(builder.graph).report
    #expect(report.declined.map(\.reason) == ["The input 'training_mode' must be absent or a constant false."])
  }

  @Test func dropoutWhoseMaskIsReadStays() throws {
    var builder = GraphBuilder("test", opset: 26)
    let outputs = builder.nodes("Dropout", [builder.input("x", .float32, [4])], outputs: 2)
    builder.output(builder.node("Sqrt", outputs[0]), builder.node("Not", outputs[1]))
    try expectDeclined(builder.graph, "remove-dropout", because: "'Dropout_0_output_1' is also read by Not_2")
  }

  @Test func cast() throws {
    #expect(try Self.after(.op("Cast", Self.x, attributes: ["to": .is(.int(1))])) == ["Sqrt(x)"])
    #expect(try Self.after(.op("CastLike", Self.x, .value("like")), ["like": floats([1])]) == ["Sqrt(x)"])
    let cast = Expression.op("Cast", .op("Cast", Self.x, attributes: ["to": .is(.int(10))]), attributes: ["to": .is(.int(1))])
    #expect(try Self.after(cast).count == 3)
    let half = try graph(.op("Cast", Self.x, attributes: ["to": .is(.int(10))]), inputs: Self.input)
    try expectDeclined(half, "remove-cast", because: "must be the same", symbols: Self.symbols)
  }

  static func movements() throws -> [(Expression, [String: Tensor])] {
    try [
      (.op("Reshape", x, .value("c")), ["c": Tensor([-1, 4])]), (.op("Reshape", x, .value("c")), ["c": Tensor([0, 0])]),
      (.op("Flatten", x), [:]), (.op("Expand", x, .value("c")), ["c": Tensor([4])]), (.op("Tile", x, .value("c")), ["c": Tensor([1, 1])]),
      (.op("Transpose", x, attributes: ["perm": .is(.ints([0, 1]))]), [:]), (.op("Pad", x, .value("c")), ["c": Tensor([0, 0, 0, 0])]),
      (.op("Slice", x, .value("c"), .value("d")), ["c": Tensor([0, 0]), "d": Tensor([Int.max, 4])]),
      (.op("Concat", x, attributes: ["axis": .is(.int(1))]), [:]), (.op("Sum", x), [:]), (.op("Max", x), [:]), (.op("Mean", x), [:]),
      (.op("Split", x, attributes: ["axis": .is(.int(1)), "num_outputs": .is(.int(1))]), [:]),
    ]
  }

  @Test(arguments: 0..<13) func unchangingMovement(_ row: Int) throws {
    let (formula, constants) = try Self.movements()[row]
    #expect(try Self.after(formula, constants) == ["Sqrt(x)"])
  }

  static func changes() throws -> [(Expression, [String: Tensor])] {
    try [
      (.op("Reshape", x, .value("c")), ["c": Tensor([2, -1])]), (.op("Expand", x, .value("c")), ["c": Tensor([2, 1, 1])]),
      (.op("Tile", x, .value("c")), ["c": Tensor([1, 2])]), (.op("Transpose", x), [:]),
      (.op("Transpose", x, attributes: ["perm": .is(.ints([1, 0]))]), [:]),
      // The shape stays; the elements move.
      (.op("Pad", x, .value("c")), ["c": Tensor([0, 1, 0, -1])]),
      (
        .op("Slice", x, .value("c"), .value("d"), .value("e"), .value("f")),
        ["c": Tensor([3]), "d": Tensor([-9]), "e": Tensor([1]), "f": Tensor([-1])]
      ),
      (.op("Slice", x, .value("c"), .value("d")), ["c": Tensor([0, 1]), "d": Tensor([9, 4])]),
      (.op("Concat", x, x, attributes: ["axis": .is(.int(1))]), [:]), (.op("Sum", x, x), [:]),
    ]
  }

  @Test(arguments: 0..<10) func movementThatChangesSomethingStays(_ row: Int) throws {
    let (formula, constants) = try Self.changes()[row]
    let result = try differential(graph(Self.used(formula), inputs: [("x", [4, 4])], constants: constants))
    #expect(result.report.counts["remove-unchanging-movement"] == nil && operators(result.graph).count == 2)
  }

  @Test func neutralArithmetic() throws {
    let x = Self.x
    for formula in [x * 1, 1 * x, x / 1, x - 0, .op("Pow", x, 1), x + .number(-0.0, ulps: 0)] {
      #expect(try Self.after(formula) == ["Sqrt(x)"])
    }
    #expect(try Self.after(x * .value("c"), ["c": floats([1, 1, 1, 1])]) == ["Sqrt(x)"])
    let integers = try differential(graph(.op("Neg", x + 0), inputs: Self.input, type: .int64), symbols: Self.symbols)
    #expect(operators(integers.graph) == ["Neg"])
  }

  @Test func arithmeticThatIsNotNeutral() throws {
    let x = Self.x
    try expectDeclined(
      graph(Self.used(x + 0), inputs: Self.input), "remove-neutral-arithmetic", because: "turns −0 into 0", symbols: Self.symbols)
    for formula in [1 / x, 0 - x, x * 2, x - .number(-0.0, ulps: 0), .op("Pow", 1, x)] {
      #expect(try Self.after(formula).count == 2)
    }
    // The constant widens the result.
    try expectDeclined(
      graph(Self.used(x * .value("c")), inputs: Self.input, constants: ["c": floats([1], [1, 1, 1])]), "remove-neutral-arithmetic",
      because: "is float32[batch,4], not float32[1,batch,4]", symbols: Self.symbols)
  }

  @Test func deadNodes() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [4])
    let dead = builder.node("Sqrt", builder.node("Neg", x))
    _ = builder.node("Add", dead, builder.constant(try floats([1])))
    builder.output(builder.node("Relu", x))
    let result = try differential(builder.graph)
    #expect(
      result.graph.text == """
        graph test(x: float32[4]) -> (Relu_3_output)
          Relu_3_output = Relu(x)

        """)
    #expect(result.report.counts == ["remove-dead-nodes": 1])
    let kept = try differential(builder.graph, OptimizerOptions(kept: ["Sqrt_1_output"]))
    #expect(operators(kept.graph).sorted() == ["Neg", "Relu", "Sqrt"])
  }
}
