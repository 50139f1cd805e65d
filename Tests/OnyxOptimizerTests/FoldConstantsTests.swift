import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

struct FoldConstantsTests {
  static let x = Expression.value("x")

  @Test func constantsThroughSeveralNodes() throws {
    let formula = Self.x * (.op("Sqrt", .value("a")) + .value("b"))
    let result = try differential(graph(formula, inputs: [("x", [2])], constants: ["a": floats([4, 9]), "b": floats([1, 2])]))
    #expect(
      result.graph.text
        == """
        graph test(x: float32[2]) -> (Mul_2_output)
          const Add_1_output/constant_1: float32[2]
          Mul_2_output = Mul(x, Add_1/constant)

        """.replacing("Add_1_output/constant_1", with: "Add_1/constant"))
    #expect(try result.graph.initializers.values.first?.doubles() == [3, 5])
  }

  @Test func constantNodes() throws {
    let constant = Expression.op("Constant", attributes: ["value": .is(.tensor(try floats([2])))])
    let result = try differential(graph(Self.x * constant, inputs: [("x", [1])]), OptimizerOptions(foldingByteBudget: 0))
    #expect(operators(result.graph) == ["Mul"])
  }

  /// Shape → Gather → Concat of known dimensions, of an input whose elements only the run knows.
  @Test func shapeArithmetic() throws {
    let size = Expression.op("Gather", .op("Shape", Self.x), .value("last"))
    let formula = Expression.op("Reshape", .value("y"), MergeTests.concat(size, .value("rest")))
    let constants = try ["last": Tensor([1]), "rest": Tensor([-1])]
    let result = try differential(graph(formula, inputs: [("x", ["batch", 4]), ("y", [8])], constants: constants), symbols: ["batch": 3])
    #expect(operators(result.graph) == ["Reshape"])
    #expect(result.report.counts["fold-constants"] != nil)
  }

  /// With the input's shape given, arithmetic that the run would have done becomes constant.
  @Test func fixedInputs() throws {
    let formula =
      Self.x
      + .op("Cast", .op("Shape", Self.x, attributes: ["start": .is(.int(0)), "end": .is(.int(1))]), attributes: ["to": .is(.int(1))])
    let graph = try graph(formula, inputs: [("x", ["batch", 4])])
    #expect(operators(try differential(graph, symbols: ["batch": 3]).graph) == ["Shape", "Cast", "Add"])
    let fixed = OptimizerOptions(fixedInputs: [graph.inputs[0]: Inferred(.float32, [3, 4])])
    let result = try differential(graph, fixed)
    #expect(operators(result.graph) == ["Add"])
    #expect(result.graph[graph.inputs[0]].type == .tensor(.float32, shape: [3, 4]))
  }

  /// The reference finds a constant that inference cannot; inference then goes on from there.
  @Test func constantsThatGiveInferenceNewKnowledge() throws {
    let target = Expression.op("MatMul", .value("column"), .value("one"))
    let constants = try ["column": Tensor([Int64(1), 1, 2, 3], shape: [4, 1]), "one": Tensor([1])]
    let formula = Expression.op("MaxPool", .op("Reshape", Self.x, target), attributes: ["kernel_shape": .is(.ints([2, 3]))])
    let result = try differential(graph(formula, inputs: [("x", [6])], constants: constants))
    #expect(operators(result.graph) == ["Reshape", "GlobalMaxPool"])
  }

  @Test func aConstantOutputKeepsItsName() throws {
    let result = try differential(graph(.op("Neg", .value("a")), inputs: [], constants: ["a": floats([1])]))
    #expect(
      result.graph.text == """
        graph test() -> (Neg_0_output)
          const Neg_0_output: float32[1]

        """)
  }

  @Test func defaultsOfInputsAreNoConstants() throws {
    var graph = try graph(.op("Neg", Self.x), inputs: [("x", [1])])
    graph.initializers[graph.inputs[0]] = try floats([5])
    let result = try differential(graph)
    #expect(operators(result.graph) == ["Neg"])
    #expect(result.graph.initializers.count == 1)
  }

  @Test(arguments: [0, 1]) func budget(_ over: Int) throws {
    let count = 64
    let formula = Self.x + .op("ConstantOfShape", .value("shape"), attributes: ["value": .is(.tensor(try floats([2])))])
    let graph = try graph(formula, inputs: [("x", [.init(count)])], constants: ["shape": Tensor([count])])
    let options = OptimizerOptions(foldingByteBudget: count * 4 - over)
    let result = try differential(graph, options)
    #expect(operators(result.graph).count == 1 + over)
    if over == 1 { try expectDeclined(graph, "fold-constants", because: "more than the folding budget of 255 bytes", options) }
  }

  /// Many values that fit one by one share a budget of their own.
  @Test func manyConstants() throws {
    let count = 64
    var formula = Self.x
    for value in 1...(OptimizerOptions.foldedValues + 4) {
      formula = formula * .op("ConstantOfShape", .value("shape"), attributes: ["value": .is(.tensor(try floats([Double(value)])))])
    }
    let graph = try graph(formula, inputs: [("x", [.init(count)])], constants: ["shape": Tensor([count])])
    let result = try Optimizer.optimize(graph, options: OptimizerOptions(foldingByteBudget: count * 4))
    #expect(operators(result.graph).filter { $0 == "ConstantOfShape" }.count == 4)
  }

  /// Sizes are refused before anything is allocated.
  @Test func hugeConstants() throws {
    let formula = Expression.op("ReduceMax", .op("Expand", .value("one"), .value("shape")))
    let graph = try graph(formula, inputs: [], constants: ["one": floats([1]), "shape": Tensor([1 << 30, 1 << 30])])
    let report = try Optimizer.optimize(graph).report
    #expect(report.declined.contains { $0.rewrite == "fold-constants" && $0.reason.contains("folding budget") })
  }

  /// A file of a few bytes may decode to any number of them: only a run, with its budget, finds out.
  @Test func imagesAreLeftToTheRun() throws {
    let file = try Tensor(Array("P5 2 1 255\nab".utf8))
    let result = try Optimizer.optimize(graph(.op("ImageDecoder", .value("file")), inputs: [], constants: ["file": file]))
    #expect(operators(result.graph) == ["ImageDecoder"])
    #expect(result.report.declined.map(\.reason) == ["The size of its results shows only in a run."])
  }

  @Test func largeProducts() throws {
    let (m, n) = (600, 600)
    let formula = Expression.op("MatMul", .value("a"), .value("b"))
    let graph = try graph(
      formula, inputs: [],
      constants: ["a": floats(Array(repeating: 1, count: m * n), [m, n]), "b": floats(Array(repeating: 1, count: m * n), [m, n])])
    #expect(try Optimizer.optimize(graph).report.declined.map(\.reason) == ["Its evaluation would take 216000000 multiplications."])
  }

  /// A node that fails on its constants stays: the error belongs to the run.
  @Test func nodesThatCannotBeEvaluated() throws {
    let formula = Expression.op("Cast", .value("text"), attributes: ["to": .is(.int(1))])
    let graph = try graph(formula, inputs: [], constants: ["text": Tensor(["no number"], shape: [1])])
    let result = try Optimizer.optimize(graph)
    #expect(operators(result.graph) == ["Cast"])
    #expect(result.report.declined.map(\.rewrite).contains("fold-constants"))
  }

  @Test func outputsThatNobodyReadsNeedNotBeFolded() throws {
    var builder = GraphBuilder("test", opset: 26)
    let parts = builder.nodes("Split", [builder.constant(try floats([1, 2, 3, 4]))], outputs: 2, attributes: ["num_outputs": .int(2)])
    builder.output(builder.node("Neg", parts[1]))
    let result = try differential(builder.graph)
    #expect(operators(result.graph).isEmpty)
  }
}
