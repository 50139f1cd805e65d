import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport
import Testing

/// 16-bit floats computed in float32.
struct WidenHalfTests {
  static func half(_ values: [Double], _ type: ElementType = .float16) throws -> Tensor {
    try Tensor(floating: values, as: type, shape: Shape([values.count]))
  }

  static func builder() -> GraphBuilder { GraphBuilder("test", opset: Catalog.newestOpset) }

  /// Operators, casts with the type that they make.
  static func forms(_ graph: Graph) -> [String] {
    nodeLines(graph).map { line in
      let op = String(line.split(separator: " = ")[1].prefix { $0 != "(" })
      guard op == "Cast", let type = line.firstRange(of: "to=") else { return op }
      let number = line[type.upperBound...].prefix { $0.isNumber }
      return ["1": "Cast32", "10": "Cast16", "16": "CastB16"][String(number)] ?? "Cast\(number)"
    }
  }

  /// The forms after optimization, which gives the same results within the roundings of the type.
  static func after(_ builder: GraphBuilder, step: Double = 0.02) throws -> [String] {
    try forms(differential(builder.graph, symbols: ["n": 3], step: step).graph)
  }

  @Test(arguments: [ElementType.float16, .bfloat16]) func aRegionHasCastsAtItsBorders(_ type: ElementType) throws {
    var builder = Self.builder()
    let x = builder.input("x", type, ["n", 4])
    let weight = builder.constant(try Self.half([1, 2, 3, 4], type))
    let sum = builder.node("Sqrt", builder.node("Abs", builder.node("Mul", x, weight)))
    builder.output(builder.node("Exp", sum), sum)
    let cast = type == .float16 ? "Cast16" : "CastB16"
    #expect(try Self.after(builder, step: 3) == ["Cast32", "Mul", "Abs", "Sqrt", cast, "Exp", cast])
    let report = try Optimizer.optimize(builder.graph).report
    #expect(report.counts["widen-half"] == 4 && report.applied.allSatisfy { $0.changes != .approximate })
    let canonical = try Optimizer.optimize(builder.graph, options: OptimizerOptions(level: .canonicalise))
    #expect(Self.forms(canonical.graph) == ["Mul", "Abs", "Sqrt", "Exp"])
  }

  /// A node without neighbours keeps its type: its kernel widens what it reads and rounds at once.
  @Test func singleNodesStay() throws {
    for type in [ElementType.float16, .bfloat16] {
      for (op, count) in [("Relu", 1), ("Add", 2), ("Where", 3), ("Greater", 2), ("IsNaN", 1), ("ReduceMax", 1), ("Max", 3), ("ArgMax", 1)]
      {
        var builder = Self.builder()
        var inputs = (0..<count).map { builder.input("x\($0)", type, [3, 4]) }
        if op == "Where" { inputs[0] = builder.input("c", .bool, [3, 4]) }
        builder.output(builder.nodes(op, inputs, outputs: 1)[0])
        #expect(try Self.after(builder, step: 0) == [op])
      }
      // A constant of the type goes along, as do two readers of one input.
      var builder = Self.builder()
      let x = builder.input("x", type, ["n", 4])
      let scaled = builder.node("Mul", x, builder.constant(try Self.half([1, 2, 3, 4], type)))
      builder.output(scaled, builder.node("Neg", x))
      #expect(try Self.after(builder, step: 0).sorted() == ["Mul", "Neg"])
    }
  }

  /// What is read in float32 as well stays.
  @Test func sharedValuesStayWide() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float16, ["n", 4])
    let y = builder.node("Exp", x)
    builder.output(y, builder.node("Cast", y, attributes: ["to": .int(1)]))
    #expect(try Self.forms(Optimizer.optimize(builder.graph).graph) == ["Cast32", "Exp", "Cast16"])
  }

  @Test func valuesInsideStayFinite() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float16, [2])
    let square = builder.node("Mul", x, x)
    let overflow = builder.nodes("IsInf", [square], outputs: 1)[0]
    builder.output(builder.node("Sqrt", square), square, overflow)
    let graph = try Optimizer.optimize(builder.graph).graph
    let found = try interpret(graph, ["x": Self.half([300, 2])])
    let outputs = try graph.outputs.map { try #require(found[graph[$0].name]) }
    #expect(try outputs[0].doubles() == [300, 2])
    #expect(try outputs[1].doubles() == [.infinity, 4])
    // As when each operator rounds.
    #expect(try outputs[2].booleans() == [true, false])
  }

  @Test func whatJumpsSeesRoundedValues() throws {
    for op in ["Floor", "Ceil", "Round", "Sign"] {
      var builder = Self.builder()
      let x = builder.input("x", .float16, [4])
      let tenth = builder.constant(try Self.half([0.1]))
      builder.output(builder.node("Neg", builder.node(op, builder.node("Mul", x, tenth))))
      let graph = try Optimizer.optimize(builder.graph).graph
      #expect(Self.forms(graph) == ["Cast32", "Mul", "Cast16", "Cast32", op, "Neg", "Cast16"])
      // A tenth in float16 is a little less; ten times that rounds to 1.
      let inputs = ["x": try Self.half([10, 20, 30, -10])]
      let name = graph[graph.outputs[0]].name
      let (found, expected) = (try #require(interpret(graph, inputs)[name]), try #require(interpret(builder.graph, inputs)[name]))
      #expect(try found.doubles() == expected.doubles(), "\(op)")
    }
  }

  @Test func tiesAreThoseOfRoundedValues() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float16, [4])
    let sum = builder.node("Add", x, builder.constant(try Self.half([2048])))
    let top = builder.nodes("TopK", [sum, builder.constant(try Tensor([2]))], outputs: 2)
    builder.output(builder.node("ArgMax", sum), top[0], top[1])
    let graph = try Optimizer.optimize(builder.graph).graph
    let inputs = ["x": try Self.half([0, 0.25, 0.5, 0.75])]
    let (found, expected) = (try interpret(graph, inputs), try interpret(builder.graph, inputs))
    for id in graph.outputs {
      let name = graph[id].name
      #expect(try #require(found[name]).doubles() == #require(expected[name]).doubles(), "\(name)")
      #expect(found[name]?.elementType == expected[name]?.elementType)
    }
  }

  @Test func movementFollowsItsElements() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float16, ["n", 4])
    let rows = builder.input("rows", .int64, [2])
    // At half the width before the region, and for a table that is only gathered from.
    let turned = builder.node("Transpose", x)
    let table = builder.constant(try randomHalf([3, 3]))
    let gathered = builder.node("Gather", table, rows)
    let product = builder.node("MatMul", gathered, builder.node("Reshape", turned, try ints(&builder, [3, -1])))
    let parts = builder.nodes("Split", [product], outputs: 2, attributes: ["num_outputs": .int(2), "axis": .int(1)])
    builder.output(builder.node("Transpose", parts[1]))
    var fixed = OptimizerOptions()
    fixed.fixedInputs = [rows: Inferred(.int64, [2]), x: Inferred(.float16, [3, 4])]
    let graph = try Optimizer.optimize(builder.graph, options: fixed).graph
    let forms = Self.forms(graph)
    #expect(forms.filter { $0.hasPrefix("Cast") } == ["Cast32", "Cast32", "Cast16"], "\(graph.text)")
    #expect(try graph.nodes.filter { $0.op.name == "Gather" }.allSatisfy { try type(of: $0.inputs[0], graph) == .float16 })
    #expect(try graph.nodes.filter { $0.op.name == "Split" }.allSatisfy { try type(of: $0.inputs[0], graph) == .float32 })
    #expect(graph.nodes.last?.op.name == "Cast")
  }

  private func ints(_ builder: inout GraphBuilder, _ values: [Int]) throws -> ValueID { builder.constant(try Tensor(values)) }

  private func type(of value: ValueID?, _ graph: Graph) throws -> ElementType? { try GraphInference(graph)[#require(value)]?.elementType }

  private func randomHalf(_ shape: Shape) throws -> Tensor {
    var generator = SeededGenerator(seed: 5)
    return try randomTensor(.float16, shape, -1...1, &generator)
  }

  @Test func castsOfTheModelInsideARegionVanish() throws {
    // As autocast exports: float32 islands between 16-bit products.
    var builder = Self.builder()
    let x = builder.input("x", .float32, ["n", 4])
    let narrow: [String: Attribute] = ["to": .int(10)]
    let wide: [String: Attribute] = ["to": .int(1)]
    let scaled = builder.node("Mul", builder.node("Cast", x, attributes: narrow), builder.constant(try Self.half([1, 2, 3, 4])))
    let island = builder.node("Softmax", builder.node("Cast", scaled, attributes: wide))
    let back = builder.node("Sub", builder.node("Cast", island, attributes: narrow), builder.constant(try Self.half([0.5])))
    builder.output(builder.node("Cast", back, attributes: wide))
    #expect(try Self.after(builder) == ["Mul", "Softmax", "Sub"])
  }

  @Test func castsThatRoundStay() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float32, ["n", 4])
    let rounded = builder.node("Cast", builder.node("Cast", x, attributes: ["to": .int(16)]), attributes: ["to": .int(1)])
    builder.output(builder.node("Sqrt", builder.node("Abs", rounded)))
    #expect(try Self.after(builder, step: 0) == ["CastB16", "Cast32", "Abs", "Sqrt"])
  }

  @Test func masksOfTheLeastNumberMask() throws {
    for least in [-65504, -Double.infinity] {
      var builder = Self.builder()
      let x = builder.input("x", .float16, [2, 4])
      let mask = builder.input("mask", .bool, [2, 4])
      let (zero, low) = (builder.constant(try Self.half([0])), builder.constant(try Self.half([least])))
      builder.output(builder.node("Softmax", builder.node("Add", x, builder.node("Where", mask, zero, low))))
      let graph = try Optimizer.optimize(builder.graph).graph
      let inputs = [
        "x": try Tensor(floating: [1, 2, 3, 4, -100, -50, 0, 50], as: .float16, shape: [2, 4]),
        "mask": try Tensor([true, false, true, false, true, true, false, false], shape: [2, 4]),
      ]
      let name = graph[graph.outputs[0]].name
      let (found, expected) = (try #require(interpret(graph, inputs)[name]), try #require(interpret(builder.graph, inputs)[name]))
      for (a, b) in zip(try found.doubles(), try expected.doubles()) { #expect(abs(a - b) <= 0x1p-11) }
    }
  }

  @Test func attributesThatNameTheTypeFollow() throws {
    var builder = Self.builder()
    let x = builder.input("x", .bfloat16, [2, 4])
    let scale = builder.constant(try Self.half([1, 1, 2, 2], .bfloat16))
    let outputs = builder.nodes("LayerNormalization", [x, scale], outputs: 3, attributes: ["stash_type": .int(16)])
    let shape = builder.input("shape", .int64, [2])
    let filled = builder.nodes("ConstantOfShape", [shape], outputs: 1, attributes: ["value": .tensor(try Self.half([0.5], .bfloat16))])[0]
    builder.output(outputs[0], outputs[1], builder.node("Add", filled, outputs[1]))
    let graph = try Optimizer.optimize(builder.graph).graph
    #expect(Self.forms(graph).filter { !$0.hasPrefix("Cast") }.sorted() == ["Add", "ConstantOfShape", "LayerNormalization"])
    #expect(Self.forms(graph).filter { $0 == "Cast32" }.count == 1)
    let inputs = ["x": try Tensor(floating: [1, 2, 3, 4, 5, 6, 7, 9], as: .bfloat16, shape: [2, 4]), "shape": try Tensor([2, 4])]
    let (found, expected) = (try interpret(graph, inputs), try interpret(builder.graph, inputs))
    for id in graph.outputs {
      let (a, b) = (try #require(found[graph[id].name]), try #require(expected[graph[id].name]))
      #expect(a.elementType == b.elementType && a.shape == b.shape)
      for (x, y) in zip(try a.doubles(), try b.doubles()) { #expect(abs(x - y) <= 0x1p-6 * max(abs(y), 1)) }
    }
  }

  @Test func castLikeReadsOnlyAType() throws {
    var builder = Self.builder()
    let (x, like) = (builder.input("x", .float32, [4]), builder.input("like", .float16, [1]))
    builder.output(builder.node("Sqrt", builder.node("Abs", builder.node("CastLike", x, like))))
    #expect(try Self.after(builder) == ["Abs", "Sqrt", "Cast16"])
  }

  @Test func bodiesHaveBordersOfTheirOwn() throws {
    var (builder, _, condition) = BodyTests.start()
    let x = builder.input("half", .float16, ["batch", 4])
    let made = builder.node("Exp", x)
    func branch(_ name: String) -> Attribute {
      var body = Self.builder()
      let inner = body.input("\(name)_x", .float16, ["batch", 4])
      body.output(body.node("Tanh", body.node("Exp", inner)))
      var graph = body.graph
      graph.inputs = []
      graph[inner].type = nil
      graph.captures = [Capture(outer: made, inner: inner)]
      return .graph(graph)
    }
    builder.output(
      builder.nodes("If", [condition], outputs: 1, attributes: ["then_branch": branch("yes"), "else_branch": branch("no")])[0])
    let graph = try Optimizer.optimize(builder.graph).graph
    #expect(Self.forms(graph) == ["Exp", "If"])
    #expect(Self.forms(try #require(BodyTests.body("then_branch", of: graph))) == ["Cast32", "Exp", "Tanh", "Cast16"])
  }

  @Test func largeConstantsWidenWhateverTheBudget() throws {
    var builder = Self.builder()
    let x = builder.input("x", .float16, [1, 32])
    let weight = builder.constant(try randomHalf([32, 64]))
    builder.output(builder.node("MatMul", x, weight))
    let graph = try Optimizer.optimize(builder.graph, options: OptimizerOptions(foldingByteBudget: 100)).graph
    let widened = try #require(graph.initializers.values.first { $0.elementType == .float32 && $0.elementCount == 2048 })
    #expect(try widened.doubles() == randomHalf([32, 64]).doubles())
    #expect(Self.forms(graph).filter { $0.hasPrefix("Cast") } == ["Cast32", "Cast16"])
  }

  /// Graphs of the random generator in 16 bits against the same formulas in float32 on the same numbers: only what leaves is rounded.
  @Test(arguments: [ElementType.float16, .bfloat16], 0..<40 as Range<UInt64>) func randomGraphs(_ type: ElementType, _ seed: UInt64) throws
  {
    let wide = try RandomGraph.make(seed: 5000 + seed, nodes: 12)
    let graph = try Self.narrowed(wide, to: type)
    let optimized = try Optimizer.optimize(graph).graph
    var generator = SeededGenerator(seed: seed)
    var inputs: [String: Tensor] = [:]
    for id in graph.inputs {
      let sizes = try (graph[id].type?.shape ?? []).map { try #require(try $0.substituting(["batch": RandomGraph.batch]).known) }
      inputs[graph[id].name] = try randomTensor(type, Shape(sizes), -2...2, &generator)
    }
    var twin = wide
    for (id, tensor) in wide.initializers where tensor.elementType == .float32 {
      twin.initializers[id] = try tensor.converted(to: type).converted(to: .float32)
    }
    let found = try interpret(optimized, inputs)
    let expected = try interpret(twin, inputs.mapValues { try $0.converted(to: .float32) })
    for id in graph.outputs {
      let name = graph[id].name
      let (a, b) = (try #require(found[name]), try #require(expected[name]))
      #expect(a.elementType == type && a.shape == b.shape)
      let numbers = try b.doubles()
      let largest = numbers.map(\.magnitude).max() ?? 0
      let unit = type == .float16 ? 0x1p-10 : 0x1p-7
      for (x, y) in zip(try a.doubles(), numbers) where abs(x - y) > max(abs(y) * unit, largest * 0x1p-16, 0x1p-20) {
        Issue.record("seed \(seed), \(name): \(x) instead of \(y)\n\(optimized.text)")
        return
      }
    }
  }

  private static func narrowed(_ wide: Graph, to type: ElementType) throws -> Graph {
    var graph = wide
    for id in graph.inputs { graph[id].type = .tensor(type, shape: graph[id].type?.shape) }
    for (id, tensor) in wide.initializers where tensor.elementType == .float32 {
      graph.initializers[id] = try tensor.converted(to: type)
      graph[id].type = .tensor(type, tensor.shape)
    }
    for index in graph.nodes.indices where graph.nodes[index].op.name == "Cast" {
      graph.nodes[index].attributes["to"] = .int(Int64(type.rawValue))
    }
    return graph
  }
}
