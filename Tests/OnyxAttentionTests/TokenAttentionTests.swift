import OnyxAttention
import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention of queries over keys, written by hand.
struct TokenAttentionTests {
  static let kinds: [AttentionKind] = [
    .selfAttention, .classAttention, .attentionPooling, .window, .shiftedWindow, .grid, .neighbourhood, .axial, .pooledKey, .talkingHeads,
    .gatedPositional, .crossCovariance, .factorised, .linear,
  ]

  private static func blocks(_ f: inout BlockFactory, _ outputs: ValueID...) throws -> [AttentionMatch] {
    for output in outputs { f.builder.output(output) }
    try f.builder.graph.validate()
    return try AttentionRecogniser(InferredGraph(f.builder.graph)).matches()
  }

  /// One block of the kind, with its heads, their width and the sides of its map.
  @Test(arguments: kinds) func kind(_ kind: AttentionKind) throws {
    var f = BlockFactory()
    let y = try #require(try f.tokens(kind))
    let found = try Self.blocks(&f, y)
    #expect(found.map(\.kind) == [kind])
    let query = try #require(found.first?.query)
    #expect(found.first?.heads == 4 && query.heads == 4 && query.headWidth == 8 && found.first?.channels == 32)
    let sides: [AttentionKind: (Int, Int)] = [
      .classAttention: (1, 64), .attentionPooling: (1, 64), .window: (16, 16), .shiftedWindow: (16, 16), .grid: (16, 16),
      .neighbourhood: (16, 64), .axial: (8, 8), .pooledKey: (64, 16), .crossCovariance: (8, 8),
    ]
    let (queries, keys) = sides[kind] ?? (64, 64)
    #expect(query.queries?.known == queries && query.keys?.known == keys)
  }

  /// The canonical forms are another spelling.
  @Test(arguments: kinds) func canonical(_ kind: AttentionKind) throws {
    var f = BlockFactory()
    f.builder.output(try #require(try f.tokens(kind)))
    let graph = try Optimizer.optimize(f.builder.graph, options: OptimizerOptions(level: .canonicalise)).graph
    #expect(try AttentionRecogniser(InferredGraph(graph)).matches().map(\.kind) == [kind])
  }

  /// Heads and their width are known where the number of tokens is not.
  @Test func dynamicSizes() throws {
    let query = try Self.facts(tokens: "tokens") { _, scores, _ in scores }
    #expect(query.heads == 4 && query.headWidth == 8 && query.queries == "tokens" && query.keys == "tokens")
  }

  /// Self-attention with `change` between the scores and the softmax.
  private static func facts(
    tokens: Dimension = 64, _ change: (inout BlockFactory, ValueID, ValueID) throws -> ValueID
  ) throws -> QueryAttention {
    var f = BlockFactory()
    let x = f.map([2, tokens, 32])
    func heads(_ f: inout BlockFactory) throws -> ValueID {
      f.transposed(f.node("Reshape", try f.linear(x, 32, 32), try f.ints([0, -1, 4, 8])), 0, 2, 1, 3)
    }
    let (q, k, v) = (try heads(&f), try heads(&f), try heads(&f))
    let scores = f.node("MatMul", q, f.transposed(k, 0, 1, 3, 2))
    let y = f.node("MatMul", f.node("Softmax", try change(&f, scores, q)), v)
    let found = try blocks(&f, y)
    #expect(found.map(\.kind) == [.selfAttention])
    return try #require(found.first?.query)
  }

  private static func matrix(_ side: Int, heads: Int = 1, _ value: (Int, Int, Int) -> Double) throws -> Tensor {
    let values = (0..<heads).flatMap { head in (0..<side).flatMap { row in (0..<side).map { value(head, row, $0) } } }
    return try Tensor(floating: values, as: .float32, shape: try Shape([1, heads, side, side]))
  }

  @Test func masks() throws {
    let none = try Self.facts { _, scores, _ in scores }
    #expect(none.mask == .none && none.bias == .none && !none.isCausal && none.scale == .none)
    let causal = try Self.facts { f, scores, _ in
      let mask = f.builder.constant(try Self.matrix(64) { _, row, column in column > row ? -3.4e38 : 0 })
      return f.node("Add", f.node("Div", scores, try f.weights([])), mask)
    }
    #expect(causal.mask == .additive && causal.isCausal && causal.bias == .none && causal.scale == .product)
    let banded = try Self.facts { f, scores, _ in
      f.node("Add", scores, f.builder.constant(try Self.matrix(64) { _, row, column in abs(column - row) > 5 ? -1e9 : 0 }))
    }
    #expect(banded.mask == .additive && !banded.isCausal)
    let padding = try Self.facts { f, scores, _ in
      let mask = f.node("Cast", f.builder.input("mask", .int64, [2, 1, 1, 64]), attributes: ["to": .int(1)])
      return f.node("Add", scores, f.node("Mul", f.node("Sub", try f.one(), mask), f.builder.constant(try f.scalar(-1e9))))
    }
    #expect(padding.mask == .additive && !padding.isCausal && padding.bias == .none)
    let truths = try Self.facts { f, scores, _ in
      let rows = f.builder.constant(try Tensor(Array(0..<64)))
      let mask = f.node("LessOrEqual", f.node("Unsqueeze", rows, try f.ints(0)), f.node("Unsqueeze", rows, try f.ints(1)))
      return f.node("Where", mask, scores, f.builder.constant(try f.scalar(-1e9)))
    }
    #expect(truths.mask == .boolean && truths.isCausal)
  }

  @Test func biases() throws {
    let relative = try Self.facts { f, scores, _ in f.node("Add", scores, try f.weights([1, 4, 64, 64])) }
    #expect(relative.bias == .relative && relative.mask == .none)
    let sloped = try Self.facts { f, scores, _ in
      f.node("Add", scores, f.builder.constant(try Self.matrix(64, heads: 4) { head, _, column in Double(column) / Double(2 << head) }))
    }
    #expect(sloped.bias == .alibi)
    let both = try Self.facts { f, scores, _ in
      let mask = try Self.matrix(64, heads: 4) { head, row, column in column > row ? -1e30 : Double((row - column) % 5 * head) }
      return f.node("Add", scores, f.builder.constant(mask))
    }
    #expect(both.bias == .relative && both.mask == .additive && both.isCausal)
    let byQuery = try Self.facts { f, scores, q in f.node("Add", scores, f.node("MatMul", q, try f.weights([8, 64]))) }
    #expect(byQuery.bias == .query)
  }

  /// Positions that are added to queries and keys and not to values leave one source.
  @Test func positions() throws {
    var f = BlockFactory()
    let x = f.map([2, 64, 32])
    let placed = f.node("Add", x, try f.weights([1, 64, 32]))
    let scores = try f.scores(try f.heads(placed, 2, 64), try f.heads(placed, 2, 64))
    let y = f.node("MatMul", f.node("Softmax", scores), try f.heads(x, 2, 64))
    #expect(try Self.blocks(&f, y).map(\.kind) == [.selfAttention])
  }

  /// Two heads of keys for four of queries.
  @Test func groupedHeads() throws {
    var f = BlockFactory()
    let x = f.map([2, 64, 32])
    func shared(_ f: inout BlockFactory) throws -> ValueID {
      let few = f.transposed(try f.reshaped(try f.linear(x, 32, 16), 2, 64, 2, 8), 0, 2, 1, 3)
      let wide = f.node("Expand", f.node("Unsqueeze", few, try f.ints(2)), try f.ints([2, 2, 2, 64, 8]))
      return try f.reshaped(wide, 2, 4, 64, 8)
    }
    let scores = try f.scores(try f.heads(x, 2, 64), try shared(&f))
    let y = f.node("MatMul", f.node("Softmax", scores), try shared(&f))
    let query = try #require(try Self.blocks(&f, y).first?.query)
    #expect(query.heads == 4 && query.keyHeads == 2 && query.headWidth == 8)
  }

  /// The operator Attention says heads, masks and causality itself; its operands say the sources.
  @Test func standardOperator() throws {
    var f = BlockFactory()
    let x = f.map([2, 64, 32])
    let context = f.map([2, 9, 32], "context")
    let mask = f.builder.input("mask", .bool, [64, 9])
    let heads: [String: Attribute] = ["q_num_heads": .int(4), "kv_num_heads": .int(2)]
    let q = try f.linear(x, 32, 32)
    let own = f.node(
      "Attention", q, try f.linear(x, 32, 16), try f.linear(x, 32, 16), attributes: heads.merging(["is_causal": .int(1)]) { $1 })
    let other = f.node(
      "Attention", try f.linear(x, 32, 32), try f.linear(context, 32, 16), try f.linear(context, 32, 16), mask, attributes: heads)
    let found = try Self.blocks(&f, own, other)
    #expect(found.map(\.kind) == [.selfAttention, .crossAttention])
    let queries = found.compactMap(\.query)
    #expect(queries.allSatisfy { $0.heads == 4 && $0.keyHeads == 2 && $0.headWidth == 8 && $0.queries == 64 })
    #expect(queries.map(\.keys) == [64, 9] && queries.map(\.isCausal) == [true, false] && queries.map(\.mask) == [.none, .boolean])
  }

  /// Queries, keys and values in one: 4, 2 and 2 heads of 8.
  @Test func packedOperator() throws {
    var f = BlockFactory()
    let x = f.map([2, 64, 32])
    let packed = try f.linear(x, 32, 64)
    let (lengths, total) = (f.builder.input("lengths", .int32, [2]), f.builder.input("total", .int32, []))
    let caches = [f.builder.input("keys", .float32, [2, 2, 64, 8]), f.builder.input("values", .float32, [2, 2, 64, 8])]
    let y = f.builder.nodes(
      "GroupQueryAttention", [packed, nil, nil, caches[0], caches[1], lengths, total], outputs: 3,
      attributes: ["num_heads": .int(4), "kv_num_heads": .int(2), "do_rotary": .int(0)], domain: "com.microsoft")[0]
    let found = try Self.blocks(&f, y)
    #expect(found.map(\.kind) == [.selfAttention])
    let query = try #require(found.first?.query)
    #expect(query.heads == 4 && query.keyHeads == 2 && query.headWidth == 8 && query.isCausal && query.isCached)
  }

  /// Layers, products and softmaxes that are no attention.
  @Test func noAttention() throws {
    var f = BlockFactory()
    let x = f.map([2, 64, 32])
    // A mixture of experts: shares of a layer's outputs weigh what experts made.
    let shares = f.node("Softmax", try f.linear(x, 32, 4))
    let experts = try f.reshaped(try f.linear(x, 32, 128), 2, 256, 32)
    let mixture = f.node("MatMul", f.node("MatMul", shares, try f.weights([4, 256])), experts)
    // Shares along the queries weigh keys: the sums run over another axis than the softmax.
    let q = try f.heads(x, 2, 64)
    let k = try f.heads(x, 2, 64)
    let scores = f.node("Softmax", f.node("MatMul", q, f.transposed(k, 0, 1, 3, 2)), attributes: ["axis": .int(2)])
    let other = f.node("MatMul", scores, try f.heads(x, 2, 64))
    // A bilinear product without a softmax or features.
    let bilinear = f.node("MatMul", q, f.node("MatMul", f.transposed(k, 0, 1, 3, 2), try f.heads(x, 2, 64)))
    // Distances as sums over a constant table: the last layer of a detector.
    let bins = f.node("Softmax", try f.reshaped(try f.linear(x, 32, 64), 2, 64, 4, 16))
    let distances = f.node("MatMul", bins, try f.weights([16, 1]))
    #expect(try Self.blocks(&f, mixture, other, bilinear, distances).map(\.kind) == [])
  }
}

extension BlockFactory {
  func scalar(_ value: Double) throws -> Tensor { try Tensor(floating: [value], as: .float32, shape: try Shape([])) }
  mutating func one() throws -> ValueID { builder.constant(try scalar(1)) }
}
