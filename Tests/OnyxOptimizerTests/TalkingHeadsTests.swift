import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Attention whose heads talk, as timm's CaiT leaves it.
struct TalkingHeadsTests {
  typealias Base = FuseAttentionTests

  static let inputs: [(name: String, shape: [Dimension])] = [("q", ["n", 4, 5, 8]), ("k", ["n", 4, 7, 8]), ("v", ["n", 4, 7, 6])]

  static func constants() throws -> [String: Tensor] {
    [
      "s": try random([4, 4], seed: 1), "sb": try random([4], seed: 2), "w": try random([4, 4], seed: 3), "wb": try random([4], seed: 4),
    ]
  }

  /// A linear layer over the heads.
  static func mixed(_ x: Expression, _ matrix: String, _ bias: String? = nil, back: [Int64] = [0, 3, 1, 2]) -> Expression {
    let product = Expression.op("MatMul", Base.transposed(x, 0, 2, 3, 1), .value(matrix))
    return .op("Transpose", bias.map { product + .value($0) } ?? product, attributes: ["perm": .is(.ints(back))])
  }

  static func attention(
    _ scores: (Expression) -> Expression = { mixed($0, "s", "sb") }, _ weights: (Expression) -> Expression = { mixed($0, "w", "wb") }
  ) -> Expression {
    let product = Expression.op("MatMul", .value("q") * 0.5, Base.transposed(.value("k"), 0, 1, 3, 2))
    return .op("MatMul", weights(Base.softmax(scores(product))), .value("v"))
  }

  @Test func bothSides() throws {
    let found = try Base.lines(Self.attention(), Self.inputs, Self.constants())
    #expect(found.count == 1, "\(found)")
    #expect(found[0].contains("onyx.FusedAttention(q, k, v, _, s, sb, w, wb)"), "\(found)")
    #expect(found[0].contains("q_axes=\"b h s d\"") && found[0].contains("scale=0.5"), "\(found)")
  }

  /// The only image of a batch has no name, its heads keep theirs.
  @Test func oneImage() throws {
    let one = Self.inputs.map { ($0.name, [1] + $0.shape.dropFirst()) }
    let found = try Base.lines(Self.attention(), one, Self.constants())
    #expect(found.contains { $0.contains("onyx.FusedAttention(q, k, v, _, s, sb") && $0.contains("q_axes=\"0 h s d\"") }, "\(found)")
  }

  @Test func oneSide() throws {
    let constants = try Self.constants()
    let scores = try Base.lines(Self.attention({ Self.mixed($0, "s") }, { $0 }), Self.inputs, constants)
    #expect(scores.count == 1 && scores[0].contains("(q, k, v, _, s)"), "\(scores)")
    let weights = try Base.lines(Self.attention({ $0 }, { Self.mixed($0, "w") }), Self.inputs, constants)
    #expect(weights.count == 1 && weights[0].contains("(q, k, v, _, _, _, w)"), "\(weights)")
  }

  /// A mask between the layer and the softmax is none of the scores that the operator has; one before it is.
  @Test func masks() throws {
    let inputs = Self.inputs + [("m", [5, 7] as [Dimension])]
    let constants = try Self.constants()
    let behind = try Base.lines(Self.attention { Self.mixed($0, "s", "sb") + .value("m") }, inputs, constants)
    #expect(behind.contains { $0.contains("Softmax") }, "\(behind)")
    let before = try Base.lines(Self.attention { Self.mixed($0 + .value("m"), "s", "sb") }, inputs, constants)
    #expect(before.count == 1 && before[0].contains("(q, k, v, m, s, sb, w, wb)"), "\(before)")
  }

  /// Other orders of the axes, and matrices that are no constants, are no layer over the heads.
  @Test func others() throws {
    let square: [(name: String, shape: [Dimension])] = [("q", ["n", 4, 4, 8]), ("k", ["n", 4, 4, 8]), ("v", ["n", 4, 4, 6])]
    let turned = try Base.lines(Self.attention { Self.mixed($0, "s", back: [0, 3, 2, 1]) }, square, Self.constants())
    #expect(turned.contains { $0.contains("Softmax") }, "\(turned)")
    let given = try Base.lines(Self.attention(), Self.inputs + [("s", [4, 4])], Self.constants().filter { $0.key != "s" })
    #expect(given.contains { $0.contains("Softmax") }, "\(given)")
  }
}
