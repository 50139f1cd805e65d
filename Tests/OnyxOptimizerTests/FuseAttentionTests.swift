import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention from products and a softmax, as the exporters write it.
struct FuseAttentionTests {
  static func transposed(_ x: Expression, _ order: Int64...) -> Expression {
    .op("Transpose", x, attributes: ["perm": .is(.ints(order))])
  }

  static func shaped(_ x: Expression, _ shape: String) -> Expression { .op("Reshape", x, .value(shape)) }

  static func softmax(_ x: Expression) -> Expression { .op("Softmax", x, attributes: ["axis": .is(.int(-1))]) }

  /// softmax(q · kᵀ / 8) · v of plain matrices.
  static func plain(_ scores: (Expression) -> Expression = { $0 / 8 }) -> Expression {
    .op("MatMul", softmax(scores(.op("MatMul", .value("q"), transposed(.value("k"), 0, 2, 1)))), .value("v"))
  }

  static let matrices: [(name: String, shape: [Dimension])] = [("q", ["n", 5, 8]), ("k", ["n", 7, 8]), ("v", ["n", 7, 6])]

  static func lines(_ formula: Expression, _ inputs: [(name: String, shape: [Dimension])], _ constants: [String: Tensor] = [:]) throws
    -> [String]
  {
    nodeLines(try differential(graph(formula, inputs: inputs, constants: constants), symbols: ["n": 2]).graph)
  }

  @Test func matrices() throws {
    let found = try Self.lines(Self.plain(), Self.matrices)
    #expect(found.count == 1)
    #expect(
      found[0].hasSuffix(
        "onyx.FusedAttention(q, k, v) {k_axes=\"b t d\", q_axes=\"b s d\", scale=0.125, v_axes=\"b t e\", y_axes=\"b s e\"}"))
  }

  @Test func scalesAnywhere() throws {
    let half = Expression.op("MatMul", .value("q") * 0.5, Self.transposed(.value("k"), 0, 2, 1) * 0.25)
    for formula in [
      Self.plain { $0 * 0.125 }, Self.plain { 0.125 * $0 }, .op("MatMul", Self.softmax(half), .value("v")),
      .op("MatMul", Self.softmax(half / 2 * 2), .value("v")),
    ] {
      let found = try Self.lines(formula, Self.matrices)
      #expect(found.count == 1 && found[0].contains("scale=0.125"), "\(found)")
    }
  }

  @Test func masks() throws {
    for (shape, axes): ([Dimension], String) in [
      ([5, 7], "s t"), ([1, 1, 7], "0 0 t"), (["n", 1, 7], "b 0 t"), (["n", 5, 7], "b s t"), ([7], "t"),
    ] {
      for formula in [Self.plain { $0 * 0.5 + .value("m") }, Self.plain { .value("m") + $0 }] {
        let found = try Self.lines(formula, Self.matrices + [("m", shape)])
        #expect(found.count == 1 && found[0].contains("m_axes=\"\(axes)\""), "\(found)")
      }
    }
  }

  static let sizes: [String: Tensor] = [
    "five": try! Tensor([0, 9, 3, 2, 4]), "back": try! Tensor([0, 9, 8]), "heads": try! Tensor([0, 9, 2, 4]),
    "joined": try! Tensor([-1, 9, 4]),
    "apart": try! Tensor([-1, 2, 4, 9]), "one": try! Tensor([1]), "two": try! Tensor([2]), "three": try! Tensor([3]),
    "zero": try! Tensor([0]),
    "last": try! Tensor([Int.max]), "flat": try! Tensor([0, 18, 4]),
  ]

  /// timm's attention as the dynamo exporter writes it: one projection, Slice for each third, keys joined and transposed.
  @Test func piecesBySlice() throws {
    let five = Self.transposed(Self.shaped(.value("x"), "five"), 2, 0, 3, 1, 4)
    func piece(_ from: String, _ to: String) -> Expression {
      .op("Squeeze", .op("Slice", five, .value(from), .value(to), .value("zero")), .value("zero"))
    }
    let keys = Self.shaped(Self.transposed(Self.shaped(piece("one", "two"), "joined"), 0, 2, 1), "turned")
    let scores = Expression.op("MatMul", piece("zero", "one") * 0.5, keys * 0.5)
    let y = Self.shaped(Self.transposed(.op("MatMul", Self.softmax(scores), piece("two", "three")), 0, 2, 1, 3), "back")
    let constants = Self.sizes.merging(["turned": try Tensor([-1, 2, 4, 9])]) { $1 }
    let found = try Self.lines(y, [("x", ["n", 9, 24])], constants)
    #expect(
      found.map { String($0.split(separator: " = ")[1].prefix { $0 != "(" }) } == ["Reshape", "onyx.FusedAttention", "Reshape"], "\(found)")
    for axes in ["q_axes=\"b s 0 h d\"", "k_axes=\"b t 1 h d\"", "v_axes=\"b t 2 h e\"", "y_axes=\"b s h e\"", "scale=0.25"] {
      #expect(found[1].contains(axes), "\(found[1])")
    }
  }

  /// The same by the TorchScript exporter, with Gather for each third.
  @Test func piecesByGather() throws {
    let five = Self.transposed(Self.shaped(.value("x"), "five"), 2, 0, 3, 1, 4)
    func piece(_ index: Int) -> Expression { .op("Gather", five, .value("index\(index)"), attributes: ["axis": .is(.int(0))]) }
    let scores = Expression.op("MatMul", piece(0), Self.transposed(piece(1), 0, 1, 3, 2)) / 2
    let y = Self.shaped(Self.transposed(.op("MatMul", Self.softmax(scores), piece(2)), 0, 2, 1, 3), "back")
    let indices = try Dictionary(
      uniqueKeysWithValues: (0..<3).map { ("index\($0)", try Tensor(integral: [Int64($0 == 2 ? -1 : $0)], as: .int64, shape: .scalar)) })
    let found = try Self.lines(y, [("x", ["n", 9, 24])], Self.sizes.merging(indices) { $1 })
    #expect(found.count == 3 && found[1].contains("v_axes=\"b t 2 h e\""), "\(found)")
  }

  /// Features outside positions, as 1×1 convolutions of a non-local block leave them.
  @Test func maps() throws {
    let sizes = ["rows": try Tensor([0, 8, 30])]
    func rows(_ name: String) -> Expression { Self.shaped(.value(name), "rows") }
    let scores = Expression.op("MatMul", Self.transposed(rows("q"), 0, 2, 1), rows("k"))
    let y = Self.transposed(.op("MatMul", Self.softmax(scores), Self.transposed(rows("v"), 0, 2, 1)), 0, 2, 1)
    let inputs: [(name: String, shape: [Dimension])] = ["q", "k", "v"].map { ($0, ["n", 8, 5, 6]) }
    let found = try Self.lines(y, inputs, sizes)
    #expect(
      found.last?.contains("{k_axes=\"b d t\", q_axes=\"b d s\", scale=1.0, v_axes=\"b e t\", y_axes=\"b e s\"}") ?? false, "\(found)")
    #expect(found.count == 4)
  }

  static func expectDeclined(
    _ formula: Expression, _ inputs: [(name: String, shape: [Dimension])], because reason: String, type: ElementType = .float32
  ) throws {
    let made = try graph(formula, inputs: inputs, type: type)
    try OnyxOptimizerTests.expectDeclined(made, "fuse-attention", because: reason, symbols: ["n": 2])
  }

  @Test func declines() throws {
    try Self.expectDeclined(Self.plain(), Self.matrices, because: "float32", type: .float64)
    let deep: [(name: String, shape: [Dimension])] = [("q", [2, 3, 4, 5, 8]), ("k", [2, 3, 4, 7, 8]), ("v", [2, 3, 4, 7, 6])]
    let scores = Expression.op("MatMul", .value("q"), Self.transposed(.value("k"), 0, 1, 2, 4, 3))
    try Self.expectDeclined(.op("MatMul", Self.softmax(scores), .value("v")), deep, because: "two batch axes")
    let lone: [(name: String, shape: [Dimension])] = [("q", [1, 5, 8]), ("k", [2, 7, 8]), ("v", [2, 7, 6]), ("m", [3, 1, 5, 7])]
    #expect(try Self.lines(Self.plain(), Array(lone.dropLast())).count == 1, "one image of queries serves all")
    #expect(try Self.lines(Self.plain { $0 + .value("m") }, lone).count == 1, "a mask may add a batch axis")
  }

  @Test func whatIsReadElsewhereStays() throws {
    let weights = Self.softmax(.op("MatMul", .value("q"), Self.transposed(.value("k"), 0, 2, 1))).named("weights")
    let formula = Expression.op("ReduceSum", .op("MatMul", weights, .value("v"))) + .op("ReduceMax", .value("weights"))
    try Self.expectDeclined(formula, Self.matrices, because: "is also read")
  }

  @Test func otherSoftmaxes() throws {
    let rows = Expression.op(
      "Softmax", .op("MatMul", .value("q"), Self.transposed(.value("k"), 0, 2, 1)), attributes: ["axis": .is(.int(1))])
    #expect(try Self.lines(.op("MatMul", rows, .value("v")), Self.matrices).contains { $0.contains("Softmax") })
  }
}

/// Projections that feed one attention.
struct MergeProjectionsTests {
  static let weights = ["wq", "wk", "wv"]

  static func attention(_ projections: [Expression]) -> Expression {
    let scores = Expression.op("MatMul", projections[0], FuseAttentionTests.transposed(projections[1], 0, 2, 1)) / 2
    return .op("MatMul", FuseAttentionTests.softmax(scores), projections[2])
  }

  static func optimize(
    _ projections: [Expression], inputs: [(name: String, shape: [Dimension])] = [("x", ["n", 5, 6]), ("z", ["n", 7, 6])]
  ) throws -> [String] {
    var constants: [String: Tensor] = [:]
    for (index, name) in weights.enumerated() {
      constants[name] = try random([6, 4], seed: UInt64(index + 1))
      constants["b" + name] = try random([4], seed: UInt64(index + 5))
      constants["c" + name] = try random([4, 6, 1, 1], seed: UInt64(index + 9))
    }
    constants["rows"] = try Tensor([0, 4, 20])
    return try operators(differential(graph(attention(projections), inputs: inputs, constants: constants), symbols: ["n": 2]).graph)
  }

  static func linear(_ x: String, _ w: String, bias: Bool = true) -> Expression {
    let product = Expression.op("MatMul", .value(x), .value(w))
    return bias ? product + .value("b" + w) : product
  }

  @Test func ofOneSource() throws {
    #expect(try Self.optimize(Self.weights.map { Self.linear("x", $0) }) == ["onyx.FusedMatMul", "Reshape", "onyx.FusedAttention"])
    #expect(
      try Self.optimize(Self.weights.map { Self.linear("x", $0, bias: $0 == "wk") }) == [
        "onyx.FusedMatMul", "Reshape", "onyx.FusedAttention",
      ])
  }

  @Test func keysAndValuesOfAnother() throws {
    let found = try Self.optimize([Self.linear("x", "wq"), Self.linear("z", "wk"), Self.linear("z", "wv")])
    #expect(found.filter { $0 == "onyx.FusedMatMul" }.count == 2 && found.contains("onyx.FusedAttention"), "\(found)")
  }

  @Test func convolutionsOfPixels() throws {
    let maps = Self.weights.map { FuseAttentionTests.shaped(.op("Conv", .value("x"), .value("c" + $0)), "rows") }
    let turned = [
      FuseAttentionTests.transposed(maps[0], 0, 2, 1), FuseAttentionTests.transposed(maps[1], 0, 2, 1),
      FuseAttentionTests.transposed(maps[2], 0, 2, 1),
    ]
    let found = try Self.optimize(turned, inputs: [("x", ["n", 6, 4, 5])])
    #expect(found.filter { $0.contains("Conv") }.count == 1 && found.contains("onyx.FusedAttention"), "\(found)")
  }

  @Test func otherReadersKeepTheirs() throws {
    let key = Self.linear("x", "wk").named("key")
    let y = Expression.op(
      "Concat", Self.attention([Self.linear("x", "wq"), key, Self.linear("x", "wv")]), .value("key"), attributes: ["axis": .is(.int(1))])
    var constants: [String: Tensor] = [:]
    for (index, name) in Self.weights.enumerated() {
      constants[name] = try random([6, 4], seed: UInt64(index + 1))
      constants["b" + name] = try random([4], seed: UInt64(index + 5))
    }
    let found = try operators(differential(graph(y, inputs: [("x", ["n", 5, 6])], constants: constants), symbols: ["n": 2]).graph)
    // That of the keys stays; queries and values become one.
    #expect(found.filter { $0 == "onyx.FusedMatMul" }.count == 2, "\(found)")
  }
}

/// Keys whose projection moves to the queries.
struct FoldKeyProjectionTests {
  typealias Sizes = (x: Int, z: Int, depth: Int)

  /// Attention of x [n, 5, x] to z [n, 7, z] with projections to `depth` features.
  static func made(
    _ sizes: Sizes = (6, 6, 8), of source: String = "x", bias: Bool = true, infinite: Bool = false,
    masked: Bool = false
  ) throws -> Graph {
    var constants: [String: Tensor] = [:]
    for (index, name) in MergeProjectionsTests.weights.enumerated() {
      let rows = name == "wq" ? sizes.x : source == "x" ? sizes.x : sizes.z
      constants[name] = try random([rows, sizes.depth], seed: UInt64(index + 1))
      constants["b" + name] = try random([sizes.depth], seed: UInt64(index + 5))
    }
    if infinite {
      var values = try #require(constants["wk"]).elements(as: Float.self)
      values[3] = .infinity
      constants["wk"] = try Tensor(values, shape: try Shape([sizes.x, sizes.depth]))
    }
    let q = MergeProjectionsTests.linear("x", "wq", bias: bias)
    let k = MergeProjectionsTests.linear(source, "wk", bias: bias)
    let product = Expression.op("MatMul", q, FuseAttentionTests.transposed(k, 0, 2, 1))
    let v = MergeProjectionsTests.linear(source, "wv")
    let y = Expression.op("MatMul", FuseAttentionTests.softmax(masked ? product / 2 + .value("m") : product / 2), v)
    let inputs: [(name: String, shape: [Dimension])] = [("x", ["n", 5, Dimension(sizes.x)]), ("z", ["n", 7, Dimension(sizes.z)])]
    return try graph(y, inputs: inputs + (masked ? [("m", [5, 7])] : []), constants: constants)
  }

  @Test(arguments: [true, false]) func ofOneSource(bias: Bool) throws {
    let result = try differential(Self.made(bias: bias), symbols: ["n": 2])
    #expect(result.report.counts["fold-key-projection"] == 1)
    #expect(nodeLines(result.graph).contains { $0.contains("onyx.FusedAttention(") && $0.contains(", x, ") }, "\(nodeLines(result.graph))")
  }

  /// Values may have other weights than queries: two products are left.
  @Test(arguments: [true, false]) func ofAnotherSource(bias: Bool) throws {
    let result = try differential(Self.made((6, 4, 8), of: "z", bias: bias), symbols: ["n": 2])
    #expect(result.report.counts["fold-key-projection"] == 1)
    #expect(operators(result.graph) == ["onyx.FusedMatMul", "onyx.FusedMatMul", "onyx.FusedAttention"])
  }

  /// Queries and values become one product where their weights have one shape.
  @Test func queriesAndValuesAreMerged() throws {
    let result = try differential(Self.made((8, 8, 8)), symbols: ["n": 2])
    #expect(operators(result.graph).filter { $0 == "onyx.FusedMatMul" }.count == 1, "\(operators(result.graph))")
  }

  @Test func masks() throws {
    let made = try Self.made(of: "z", masked: true)
    #expect(try differential(made, symbols: ["n": 2]).report.counts["fold-key-projection"] == 1)
  }

  @Test func declines() throws {
    func expect(_ graph: Graph, _ reason: String) throws {
      // Joined projections would be gone when the optimizer looks at them last.
      let options = OptimizerOptions(disabled: ["merge-projections"])
      try expectDeclined(graph, "fold-key-projection", because: reason, options, symbols: ["n": 2])
    }
    try expect(Self.made((9, 9, 8)), "no more features")
    let maps = MergeProjectionsTests.weights.map { name in
      FuseAttentionTests.transposed(FuseAttentionTests.shaped(.op("Conv", .value("x"), .value(name)), "rows"), 0, 2, 1)
    }
    var filters = ["rows": try Tensor([0, 4, 20])]
    for (index, name) in MergeProjectionsTests.weights.enumerated() { filters[name] = try random([4, 6, 1, 1], seed: UInt64(index)) }
    let convolved = try graph(MergeProjectionsTests.attention(maps), inputs: [("x", ["n", 6, 4, 5])], constants: filters)
    try expect(convolved, "last axis of both")
    try expect(Self.made((200, 200, 256)), "too many")
    try expect(Self.made(infinite: true), "must be finite")
  }
}
