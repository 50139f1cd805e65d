import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Convolutions of one input whose results are added.
struct MergeParallelConvTests {
  static let rewrite = "merge-parallel-convs"
  static let x = Expression.value("x")

  static func conv(
    _ w: String, bias: String? = nil, pads: [Int64]? = nil, strides: [Int64]? = nil, dilations: [Int64]? = nil, group: Int64? = nil
  ) -> Expression {
    var attributes: [String: AttributePattern] = [:]
    if let pads { attributes["pads"] = .is(.ints(pads)) }
    if let strides { attributes["strides"] = .is(.ints(strides)) }
    if let dilations { attributes["dilations"] = .is(.ints(dilations)) }
    if let group { attributes["group"] = .is(.int(group)) }
    return .application(
      Expression.Application(
        op: OperatorName("Conv"), inputs: [x, .value(w)] + (bias.map { [.value($0)] } ?? []), attributes: attributes))
  }

  static func graph(_ formula: Expression) throws -> Graph {
    let constants = try [
      "a": random([6, 6, 3, 3], seed: 1), "p": random([6, 6, 1, 1], seed: 2), "ab": random([6], seed: 3), "pb": random([6], seed: 4),
      "d": random([6, 1, 3, 3], seed: 5), "dp": random([6, 1, 1, 1], seed: 6), "g": random([6, 3, 5, 3], seed: 7),
      "gp": random([6, 3, 3, 1], seed: 8), "scale": random([6], seed: 9), "shift": random([6], seed: 10), "mean": random([6], seed: 11),
      "variance": random([6], seed: 12, 0.5...2),
    ]
    return try OnyxOptimizerTests.graph(formula, inputs: [("x", ["batch", 6, 7, 8])], constants: constants)
  }

  static let same: [Int64] = [1, 1, 1, 1]
  static let normalization = Expression.op(
    "BatchNormalization", x, .value("scale"), .value("shift"), .value("mean"), .value("variance"))

  static let merged: [(Expression, Int)] = [
    (conv("a", bias: "ab", pads: same) + conv("p", bias: "pb"), 1), (conv("p") + conv("a", bias: "ab", pads: same), 1),
    (conv("a", pads: same, strides: [2, 2]) + conv("p", strides: [2, 2]), 1), (conv("a", pads: same) + x, 1),
    (x + conv("p"), 1), (conv("d", bias: "ab", pads: same, group: 6) + conv("dp", group: 6) + x, 2),
    (normalization + conv("a", bias: "ab", pads: same) + conv("p") + conv("a", pads: same), 3),
    (conv("g", pads: [2, 1, 2, 1], group: 2) + conv("gp", pads: [1, 0, 1, 0], group: 2) + normalization, 2),
    (conv("a", pads: [2, 2, 2, 2], dilations: [2, 2]) + conv("p") + x, 2),
  ]

  @Test(arguments: merged.indices) func areOne(_ row: Int) throws {
    let (formula, count) = Self.merged[row]
    let result = try differential(Self.graph(formula), symbols: ["batch": 2])
    #expect(result.report.counts[Self.rewrite] == count)
    #expect(operators(result.graph) == ["Conv"])
  }

  @Test func anOffsetWindowLiesInside() throws {
    let result = try differential(Self.graph(Self.conv("a", pads: [0, 0, 2, 2]) + Self.conv("p")), symbols: ["batch": 2])
    #expect(result.report.counts[Self.rewrite] == 1)
  }

  @Test func staySeparate() throws {
    for formula in [
      Self.conv("a", pads: [2, 2, 2, 2], dilations: [2, 2]) + Self.conv("a", pads: Self.same),
      Self.conv("a", pads: [1, 0, 1, 2]) + Self.conv("d", pads: Self.same, group: 6),
      Self.conv("a", pads: [1, 1, 1, 1], dilations: [1, 1]) + Self.conv("g", pads: [2, 1, 2, 1], group: 2),
    ] {
      try expectDeclined(Self.graph(formula), Self.rewrite, because: "lie inside", symbols: ["batch": 2])
    }
    let first = Self.conv("a", pads: Self.same).named("first")
    try expectDeclined(
      Self.graph((first + Self.conv("p")) * .op("Tanh", first)), Self.rewrite, because: "also read", symbols: ["batch": 2])
  }
}
