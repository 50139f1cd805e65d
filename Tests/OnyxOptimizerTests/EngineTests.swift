import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Options, bounds and reports.
struct EngineTests {
  static let x = Expression.value("x")
  static let input: [(name: String, shape: [Dimension])] = [("x", [4])]

  /// Neg(Neg(…(x))) with an Identity after each, `count` times.
  static func ladder(_ count: Int) throws -> Graph {
    var formula = x
    for _ in 0..<count { formula = .op("Identity", .op("Neg", formula)) }
    return try graph(.op("Abs", formula), inputs: input)
  }

  @Test func levels() throws {
    let graph = try graph(
      .op("Relu", .op("Identity", .op("Gemm", Self.x, .value("w")))), inputs: [("x", [2, 3])], constants: ["w": random([3, 2])])
    #expect(operators(try differential(graph, OptimizerOptions(level: .none)).graph) == ["Gemm", "Identity", "Relu"])
    #expect(operators(try differential(graph, OptimizerOptions(level: .canonicalise)).graph) == ["Gemm", "Relu"])
    #expect(operators(try differential(graph, OptimizerOptions(level: .all)).graph) == ["onyx.FusedGemm"])
  }

  @Test func allowedChanges() throws {
    let graph = try graph(.op("Sigmoid", Self.x) * .op("Identity", Self.x), inputs: Self.input)
    #expect(operators(try differential(graph, OptimizerOptions(allowedChanges: [.exact])).graph) == ["Sigmoid", "Mul"])
    #expect(operators(try differential(graph, OptimizerOptions(allowedChanges: [])).graph).count == 3)
    let guess = Rewrite("guess", changes: .approximate, pattern: .op("Sigmoid", Self.x), becomes: .op("HardSigmoid", Self.x))
    let phases = [Phase(level: .canonicalise, rewrites: [guess])]
    #expect(try Optimizer.optimize(graph, options: OptimizerOptions(), phases: phases).report.applied.isEmpty)
    #expect(
      try Optimizer.optimize(graph, options: OptimizerOptions(allowedChanges: [.approximate]), phases: phases).report.applied.count == 1)
  }

  @Test func sequelsRunAfterChangesOnly() throws {
    let graph = try graph(.op("Sigmoid", .op("Relu", Self.x)), inputs: Self.input)
    let first = Rewrite("first", changes: .rounding, pattern: .op("Relu", Self.x), becomes: .op("Abs", Self.x))
    let second = Rewrite("second", changes: .rounding, pattern: .op("Sigmoid", Self.x), becomes: .op("Tanh", Self.x))
    let sequel = Phase(level: .all, rewrites: [second], isSequel: true)
    for (rewrites, applied) in [([first], ["first", "second"]), ([second], ["second"]), ([], [])] {
      let phases = [Phase(level: .all, rewrites: rewrites), sequel]
      let report = try Optimizer.optimize(graph, options: OptimizerOptions(), phases: phases).report
      #expect(report.applied.map(\.rewrite) == applied)
    }
  }

  @Test func disabledRewrites() throws {
    let graph = try Self.ladder(2)
    #expect(operators(try differential(graph, OptimizerOptions(disabled: ["remove-identity"])).graph).count == 5)
    let error = #expect(throws: OnyxError.self) {
      try Optimizer.optimize(graph, options: OptimizerOptions(disabled: ["remove-identities"]))
    }
    #expect(error?.code == .usage && error?.reason == "There is no rewrite named 'remove-identities'.")
    #expect(error?.remedy?.contains("remove-identity") == true)
  }

  @Test func unknownKeptValue() throws {
    let error = #expect(throws: OnyxError.self) { try Optimizer.optimize(Self.ladder(1), options: OptimizerOptions(kept: ["nothing"])) }
    #expect(error?.code == .usage && error?.reason == "The graph has no value named 'nothing'.")
  }

  @Test func keptValuesKeepTheirNames() throws {
    let graph = try Self.ladder(3)
    let kept: Set = ["Neg_0_output", "Identity_3_output"]
    let result = try differential(graph, OptimizerOptions(kept: kept))
    #expect(
      nodeLines(result.graph) == [
        "Neg_0_output = Neg(x)", "Identity_3_output = Neg(Neg_0_output)", "Neg_4_output = Neg(Identity_3_output)",
        "Abs_6_output = Abs(Neg_4_output)",
      ])
  }

  /// Each limit gives a valid graph with exactly that many rewrites, and the first ones are always the same.
  @Test func bisection() throws {
    let graph = try graph(
      .op("Relu", .op("Identity", .op("Conv", .op("Dropout", Self.x), .value("w"))) + .value("b")) * 1, inputs: [("x", [1, 2, 4, 4])],
      constants: ["w": random([3, 2, 1, 1]), "b": random([3, 1, 1])])
    let all = try differential(graph).report
    #expect(all.applied.count >= 5 && all.end == .finished)
    for limit in 0...all.applied.count {
      let report = try differential(graph, OptimizerOptions(rewritesLimit: limit)).report
      #expect(report.applied == Array(all.applied.prefix(limit)))
      #expect(report.end == .rewritesLimit)
    }
    #expect(try differential(graph, OptimizerOptions(rewritesLimit: all.applied.count + 1)).report.end == .finished)
  }

  @Test func reportNamesNodesAndChanges() throws {
    let report = try Optimizer.optimize(graph(.op("Sigmoid", .op("Identity", Self.x)) * Self.x, inputs: Self.input)).report
    #expect(report.applied.map(\.rewrite) == ["remove-identity", "recognise-swish"])
    #expect(report.applied.map(\.changes) == [.exact, .rounding])
    #expect(report.applied.map(\.node) == ["Identity_0 (Identity)", "Mul_2 (Mul)"])
  }

  @Test func declinesThatLaterSucceedAreNotReported() throws {
    // In the first round the Conv is read by Sigmoid and Mul; after Swish it is not.
    let conv = Expression.op("Conv", Self.x, .value("w")).named("c")
    let result = try differential(
      graph(conv * .op("Sigmoid", conv), inputs: [("x", [1, 2, 4, 4])], constants: ["w": random([3, 2, 1, 1])]))
    #expect(operators(result.graph) == ["onyx.FusedConv"])
    #expect(result.report.declined.map(\.rewrite) == ["block-conv"], "of few filters; Sigmoid and Mul declined to go alone at first")
  }

  @Test func longChainsTakeOneRound() throws {
    #expect(operators(try differential(Self.ladder(200)).graph).count == 201)
  }

  static let turn = Rewrite("turn", changes: .rounding, pattern: x + .value("y"), becomes: .value("y") + x)

  /// Rewrites that undo each other stop, and say so.
  @Test func loopsStop() throws {
    let there = Rewrite("there", changes: .rounding, pattern: .op("Relu", Self.x), becomes: .op("Abs", .op("Neg", Self.x)))
    let back = Rewrite("back", changes: .rounding, pattern: .op("Abs", .op("Neg", Self.x)), becomes: .op("Relu", Self.x))
    let graph = try graph(.op("Relu", Self.x), inputs: Self.input)
    for rewrites in [[there, back], [back, there]] {
      let report = try Optimizer.optimize(graph, options: OptimizerOptions(), phases: [Phase(level: .canonicalise, rewrites: rewrites)])
        .report
      #expect(report.applied.count <= 3 && report.end == .finished)
      #expect(report.declined.contains { $0.reason.contains("applied to this node before") })
    }
    let sum = try Self.graph2(Self.x + .value("y"))
    let turned = try Optimizer.optimize(sum, options: OptimizerOptions(), phases: [Phase(level: .canonicalise, rewrites: [Self.turn])])
      .report
    #expect(turned.applied.count <= 2 && turned.end == .finished)
  }

  /// A rewrite that always makes something new is stopped by the bound.
  @Test func growthStops() throws {
    let grow = Rewrite("grow", changes: .rounding, pattern: .op("Relu", Self.x), becomes: .op("Relu", .op("Relu", Self.x)))
    let graph = try graph(.op("Relu", Self.x), inputs: Self.input)
    let result = try Optimizer.optimize(graph, options: OptimizerOptions(), phases: [Phase(level: .canonicalise, rewrites: [grow])])
    #expect(result.report.end == .bound)
    try result.graph.validate()
  }

  static func graph2(_ formula: Expression) throws -> Graph { try graph(formula, inputs: [("x", [4]), ("y", [4])]) }

  @Test func everyClauseIsASentenceAndEveryNameIsUnique() {
    let names = Phase.all.filter { !$0.isSequel }.flatMap { phase in Set(phase.rewrites.map(\.name)).sorted() }
    let shared = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    let tidying = [
      "fold-constants", "merge-reshapes", "merge-transposes", "remove-dead-nodes", "remove-unchanging-movement", "share-equal-nodes",
    ]
    #expect(shared == tidying, "only what tidies up after others is in several phases")
    for phase in Phase.all { #expect(Set(phase.rewrites.map(\.name)).count == phase.rewrites.count) }
  }

  @Test func invalidGraphs() throws {
    let unknown = try graph(.op("NoSuchOperator", Self.x), inputs: Self.input)
    #expect(throws: OnyxError.self) { try Optimizer.optimize(unknown) }
    let mismatched = try graph(Self.x + .value("y"), inputs: [("x", [4]), ("y", [3])])
    #expect(throws: OnyxError.self) { try Optimizer.optimize(mismatched) }
  }

  @Test func nestingIsBounded() throws {
    var body = try graph(.op("Neg", Self.x), inputs: Self.input)
    for _ in 0..<(Graph.deepestBody + 1) {
      var outer = GraphBuilder("outer", opset: 26)
      let condition = outer.input("c", .bool, [])
      outer.output(outer.nodes("If", [condition], outputs: 1, attributes: ["then_branch": .graph(body)])[0])
      body = outer.graph
    }
    let error = #expect(throws: OnyxError.self) { try Optimizer.optimize(body) }
    #expect(error?.code == .invalidModel && error?.reason == "Bodies are nested deeper than 64.")
  }
}
