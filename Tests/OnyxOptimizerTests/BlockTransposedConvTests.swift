import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Transposed convolutions by phases of their strides.
struct BlockTransposedConvTests {
  struct Case: Sendable, CustomStringConvertible {
    let kernel, strides: [Int]
    var pads = [0, 0, 0, 0]
    var more: [String: Attribute] = [:]
    var description: String { "\(kernel) by \(strides), pads \(pads), \(more)" }
  }

  static func graph(_ test: Case, filters: Int = 12, group: Int = 1, shape: [Dimension] = ["batch", 20, 5, 6]) throws -> Graph {
    var builder = GraphBuilder("transposed", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, shape)
    let w = builder.constant(try random(try Shape([20, filters / group] + test.kernel), seed: 3, -0.3...0.3))
    let b = builder.constant(try random(try Shape([filters]), seed: 4))
    var attributes: [String: Attribute] = ["strides": .ints(test.strides.map(Int64.init)), "group": .int(Int64(group))]
    if test.more["auto_pad"] == nil && test.more["output_shape"] == nil { attributes["pads"] = .ints(test.pads.map(Int64.init)) }
    builder.output(builder.nodes("ConvTranspose", [x, w, b], outputs: 1, attributes: attributes.merging(test.more) { $1 })[0])
    return builder.graph
  }

  /// Its padding takes away more than its taps add: of an image of one row nothing is left.
  static let shrinking = Case(kernel: [3, 5], strides: [1, 1], pads: [1, 0, 2, 1])

  static let served: [Case] = [
    Case(kernel: [2, 2], strides: [2, 2]), Case(kernel: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1]),
    Case(kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], more: ["output_padding": .ints([1, 1])]),
    Case(kernel: [3, 3], strides: [2, 2]), Case(kernel: [3, 5], strides: [1, 1], pads: [1, 0, 1, 1]), shrinking,
    Case(kernel: [5, 4], strides: [3, 2], pads: [4, 1, 0, 3]), Case(kernel: [8, 8], strides: [4, 4], pads: [2, 2, 2, 2]),
    Case(kernel: [7, 3], strides: [2, 3], pads: [5, 0, 1, 2]), Case(kernel: [2, 3], strides: [1, 2]),
  ]

  @Test(arguments: served) func runsByPhases(_ test: Case) throws {
    for shape: [Dimension] in [["batch", 20, 5, 6], [1, 20, "height", 7]] {
      if shape[2].known == nil, test.description == Self.shrinking.description { continue }
      let found = operators(
        try differential(Self.graph(test, shape: shape), symbols: ["batch": 2, "height": 4]).graph)
      let phases = test.strides[0] * test.strides[1]
      #expect(found.count { $0 == "onyx.BlockedConv" } == phases && !found.contains("ConvTranspose"), "\(found)")
      if phases > 1 { #expect(found.contains("onyx.InterleavedPhases")) }
    }
  }

  @Test(arguments: [1, 2, 4]) func aSizeThatMayLeaveNothing(_ height: Int) throws {
    let graph = try Self.graph(Self.shrinking, shape: [1, 20, "height", 7])
    try expectDeclined(graph, "block-transposed-conv", because: "leave it some pixels", symbols: ["height": height])
  }

  @Test func sizesThatFollowFromTheInput() throws {
    for more: [String: Attribute] in [
      ["auto_pad": .text("SAME_UPPER")], ["auto_pad": .text("SAME_LOWER")], ["output_shape": .ints([11, 12])],
      ["output_shape": .ints([9, 14])],
    ] {
      let test = Case(kernel: [3, 3], strides: [2, 2], more: more)
      let found = operators(try differential(Self.graph(test, shape: [2, 20, 5, 6])).graph)
      #expect(found.contains("onyx.InterleavedPhases"), "\(more): \(found)")
    }
  }

  @Test func staysWhereItMust() throws {
    let plain = Case(kernel: [3, 3], strides: [2, 2])
    let rewrite = "block-transposed-conv"
    try expectDeclined(Self.graph(plain, filters: 4), rewrite, because: "one group", symbols: ["batch": 2])
    try expectDeclined(Self.graph(plain, filters: 20, group: 2), rewrite, because: "one group", symbols: ["batch": 2])
    try expectDeclined(Self.graph(Case(kernel: [2, 2], strides: [3, 3])), rewrite, because: "must have taps", symbols: ["batch": 2])
    let dilated = Case(kernel: [3, 3], strides: [1, 1], more: ["dilations": .ints([2, 2])])
    try expectDeclined(Self.graph(dilated), rewrite, because: "dilation", symbols: ["batch": 2])
  }
}
