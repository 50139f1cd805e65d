import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Rewrites that make one node of two, and shape inputs constant.
struct MergeTests {
  static let x = Expression.value("x")

  static func after(
    _ formula: Expression, _ shape: [Dimension], _ constants: [String: Tensor] = [:], symbols: [String: Int] = ["batch": 2, "seq": 3],
    type: ElementType = .float32
  ) throws -> OptimizedGraph {
    try differential(graph(formula, inputs: [("x", shape)], constants: constants, type: type), symbols: symbols)
  }

  static func shapeInput(_ graph: Graph) throws -> [Int]? {
    guard let node = graph.nodes.first, node.inputs.count > 1, let id = node.inputs[1] else { return nil }
    return try graph.initializers[id]?.ints()
  }

  @Test func reshapes() throws {
    let twice = Expression.op("Reshape", .op("Reshape", Self.x, .value("a")), .value("b"))
    let result = try Self.after(twice, ["batch", 6, 4], ["a": Tensor([0, 24]), "b": Tensor([0, 3, 8])])
    #expect(nodeLines(result.graph).map { $0.prefix { $0 != "," } } == ["Reshape_1_output = Reshape(x"])
    #expect(try Self.shapeInput(result.graph) == [0, 3, 8])
    // The 0 copies an axis of the first result, which is no axis of x.
    let copied = try Self.after(twice, ["batch", 6, 4], ["a": Tensor([-1, 2, 12]), "b": Tensor([0, 0, 3, 4])])
    #expect(try Self.shapeInput(copied.graph) == [0, 2, 3, 4])
  }

  @Test func viewsOfOtherKinds() throws {
    let flat = Expression.op("Flatten", .op("Unsqueeze", Self.x, .value("axes")))
    let result = try Self.after(flat, ["batch", 3, 4], ["axes": Tensor([1])])
    #expect(operators(result.graph) == ["Reshape"])
    #expect(try Self.shapeInput(result.graph) == [0, 12])
    let there = Expression.op("Neg", .op("Squeeze", .op("Unsqueeze", Self.x, .value("axes")), .value("axes")))
    #expect(operators(try Self.after(there, ["batch", 3], ["axes": Tensor([1])]).graph) == ["Neg"])
  }

  /// [0, −1] would say the shape, but not for an empty batch, which −1 does not go with.
  @Test func aCopiedAxisBesideAnUnknownOne() throws {
    let flat = Expression.op("Flatten", .op("Unsqueeze", Self.x, .value("axes")))
    let graph = try graph(flat, inputs: [("x", ["batch", 3, "seq"])], constants: ["axes": Tensor([1])])
    for batch in [0, 2] {
      try expectDeclined(graph, "merge-reshapes", because: "must be known up to", symbols: ["batch": batch, "seq": 5])
    }
  }

  @Test func reshapesWithTwoUnknownDimensions() throws {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, ["a", "b", 4])
    let target = builder.input("target", .int64, [3])
    let flat = builder.node("Reshape", x, builder.constant(try Tensor([-1])))
    builder.output(builder.node("Reshape", flat, target))
    let report = try Optimizer.optimize(builder.graph).report
    #expect(report.declined.contains { $0.rewrite == "merge-reshapes" && $0.reason.contains("must be known up to") })
  }

  @Test func emptyAxes() throws {
    let twice = Expression.op("Reshape", .op("Reshape", Self.x, .value("a"), attributes: ["allowzero": .is(.int(1))]), .value("b"), attributes: ["allowzero": .is(.int(1))])
    let result = try Self.after(twice, [0, 3], ["a": Tensor([3, 0]), "b": Tensor([0, 5, 2])])
    #expect(nodeLines(result.graph)[0].hasSuffix("{allowzero=1}"))
    #expect(try Self.shapeInput(result.graph) == [0, 5, 2])
    // An empty batch stays valid when a run brings one.
    let batch = Expression.op("Reshape", .op("Reshape", Self.x, .value("a")), .value("b"))
    _ = try Self.after(batch, ["batch", 6], ["a": Tensor([0, 3, 2]), "b": Tensor([0, 6, 1])], symbols: ["batch": 0])
  }

  static func shapeOf(_ x: Expression, _ index: String) -> Expression { .op("Gather", .op("Shape", x), .value(index)) }
  static func concat(_ parts: Expression...) -> Expression {
    .application(.init(op: .init("Concat"), inputs: parts, attributes: ["axis": .is(.int(0))], name: nil))
  }

  @Test func computedReshapeTarget() throws {
    let target = Self.concat(Self.shapeOf(Self.x, "zero"), .value("rest"))
    let result = try Self.after(
      .op("Reshape", Self.x, target), ["batch", 6, 9], ["zero": Tensor([0]), "rest": Tensor([54, 1, 1])])
    #expect(operators(result.graph) == ["Reshape"])
    #expect(try Self.shapeInput(result.graph) == [0, 54, 1, 1])
    #expect(result.report.counts == ["fix-reshape-target": 1])
  }

  @Test func computedTargetThatIsNoAxisOfTheInput() throws {
    let target = Self.concat(.op("Mul", Self.shapeOf(Self.x, "zero"), .value("six")), .value("rest"))
    let result = try Self.after(
      .op("Reshape", Self.x, target), ["batch", 6, 9], ["zero": Tensor([0]), "six": Tensor([6]), "rest": Tensor([9])])
    #expect(try Self.shapeInput(result.graph) == [-1, 9])
  }

  @Test func attentionHeads() throws {
    let target = Self.concat(Self.shapeOf(Self.x, "zero"), Self.shapeOf(Self.x, "one"), .value("rest"))
    let constants = try ["zero": Tensor([0]), "one": Tensor([1]), "rest": Tensor([3, 4])]
    let result = try Self.after(.op("Reshape", Self.x, target), ["batch", "seq", 12], constants)
    #expect(operators(result.graph) == ["Reshape"])
    #expect(try Self.shapeInput(result.graph) == [0, 0, 3, 4])
    // Sizes exchanged: neither is a copy of its axis.
    let exchanged = Self.concat(Self.shapeOf(Self.x, "one"), Self.shapeOf(Self.x, "zero"), .value("rest"))
    try expectDeclined(
      graph(.op("Reshape", Self.x, exchanged), inputs: [("x", ["batch", "seq", 12])], constants: constants), "fix-reshape-target",
      because: "must be known up to axes of the input", symbols: ["batch": 2, "seq": 3])
  }

  @Test func constantReshapeTargetStays() throws {
    let graph = try graph(.op("Reshape", Self.x, .value("a")), inputs: [("x", ["batch", 6])], constants: ["a": Tensor([-1, 2, 3])])
    try expectDeclined(graph, "fix-reshape-target", because: "must be computed", symbols: ["batch": 2])
  }

  @Test func computedExpandTarget() throws {
    let target = Self.concat(Self.shapeOf(Self.x, "zero"), .value("rest"))
    let constants = try ["zero": Tensor([0]), "rest": Tensor([5, 7])]
    let result = try Self.after(.op("Expand", Self.x, target), ["batch", 1, 7], constants)
    #expect(operators(result.graph) == ["Expand"])
    #expect(try Self.shapeInput(result.graph) == [1, 5, 7])
    try expectDeclined(
      graph(.op("Expand", .op("ReduceMax", Self.x), target), inputs: [("x", ["batch", 7])], constants: constants), "fix-expand-target",
      because: "must be known up to axes of the input", symbols: ["batch": 2])
    try expectDeclined(
      graph(.op("Expand", Self.x, .value("rest")), inputs: [("x", [1, 7])], constants: constants), "fix-expand-target", because: "must be computed")
  }

  static func transpose(_ x: Expression, _ permutation: [Int64]?) -> Expression {
    .op("Transpose", x, attributes: permutation.map { ["perm": .is(.ints($0))] } ?? [:])
  }

  @Test func transposes() throws {
    let twice = Self.transpose(Self.transpose(Self.x, [1, 2, 0]), [0, 2, 1])
    #expect(nodeLines(try Self.after(twice, ["batch", 3, 4]).graph) == ["Transpose_1_output = Transpose(x) {perm=[1, 0, 2]}"])
    let reversed = Self.transpose(Self.transpose(Self.x, [1, 2, 0]), nil)
    #expect(nodeLines(try Self.after(reversed, ["batch", 3, 4]).graph) == ["Transpose_1_output = Transpose(x) {perm=[0, 2, 1]}"])
    let undone = Expression.op("Neg", Self.transpose(Self.transpose(Self.x, [1, 2, 0]), [2, 0, 1]))
    #expect(operators(try Self.after(undone, ["batch", 3, 4]).graph) == ["Neg"])
    // The inner result is needed elsewhere and stays.
    let shared = Self.transpose(Self.x, [1, 2, 0]).named("t")
    let both = Self.transpose(shared, [0, 2, 1]) + Self.transpose(shared, [0, 2, 1]) * .op("ReduceMax", shared)
    #expect(operators(try Self.after(both, [2, 3, 4]).graph).filter { $0 == "Transpose" }.count == 2)
  }

  @Test func transposesOfUnknownRank() throws {
    var builder = GraphBuilder("test", opset: 26)
    let inner = builder.node("Transpose", builder.input("x", .float32, nil))
    builder.output(builder.node("Transpose", inner))
    let report = try Optimizer.optimize(builder.graph).report
    #expect(report.declined.map(\.reason) == ["The permutations must be known."])
  }

  static func clip(_ x: Expression, _ low: Double?, _ high: Double?) -> Expression {
    func bound(_ value: Double?, _ name: String) -> Expression { value.map { .number($0, ulps: 0) } ?? .optional(name) }
    return .op("Clip", x, bound(low, "absent"), bound(high, "absent"))
  }

  static let clamps: [(Expression, String)] = [
    (.op("Relu", .op("Relu", x)), "Relu(x)"), (clip(.op("Relu", x), nil, 1), "Clip(x, Clip_1_output/constant_1, constant_2)"),
    (.op("Relu", clip(x, -1, 1)), "Clip"), (clip(clip(x, -1, 1), 0, 2), "Clip"), (clip(clip(x, -1, 0), 1, 2), "Clip"),
    (clip(clip(x, nil, 1), nil, 0.5), "Clip"), (clip(clip(x, -1, nil), nil, nil), "Clip"), (clip(clip(x, 1, 2), -1, 0), "Clip"),
  ]

  @Test(arguments: clamps.indices) func clamp(_ row: Int) throws {
    let result = try Self.after(Self.clamps[row].0, ["batch", 40])
    #expect(result.graph.nodes.count == 1 && result.report.counts["merge-clamps"] == 1)
    #expect(nodeLines(result.graph)[0].contains("= \(Self.clamps[row].1.prefix(4))"))
  }

  @Test func clampOfIntegers() throws {
    #expect(operators(try Self.after(Self.clip(Self.clip(Self.x, -1, 2), 0, 5), [40], type: .int32).graph) == ["Clip"])
  }

  @Test func clampDeclines() throws {
    try expectDeclined(
      graph(.op("Relu", Self.clip(Self.x, 2, 1)), inputs: [("x", [9])]), "merge-clamps", because: "must not be above its upper bound")
    try expectDeclined(
      graph(.op("Relu", .op("Clip", Self.x, .value("low"))), inputs: [("x", [9]), ("low", [])]), "merge-clamps", because: "must be constants")
  }
}
