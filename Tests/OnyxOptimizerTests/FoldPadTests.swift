import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Padding that a window takes over.
struct FoldPadTests {
  static let rewrite = "fold-pad-into-window"

  struct Case: Sendable {
    var op = "Conv"
    var pads: [Int] = [0, 0, 1, 0, 0, 0, 2, 1]
    var axes: [Int]? = nil
    var fill: Double? = nil
    var mode = "constant"
    var before: String? = nil
    var attributes: [String: Attribute] = [:]
  }

  static func graph(_ test: Case) throws -> Graph {
    var builder = GraphBuilder("pad", opset: Catalog.newestOpset)
    var x = builder.input("x", .float32, ["batch", 4, 6, 5])
    if let before = test.before { x = builder.nodes(before, [x], outputs: 1)[0] }
    var inputs: [ValueID?] = [x, builder.constant(try Tensor(test.pads))]
    if test.fill != nil || test.axes != nil { inputs.append(try test.fill.map { builder.constant(try floats([$0], [])) }) }
    if let axes = test.axes { inputs.append(builder.constant(try Tensor(axes))) }
    let padded = builder.nodes("Pad", inputs, outputs: 1, attributes: ["mode": .text(test.mode)])[0]
    var operands = [padded]
    var attributes = test.attributes
    if test.op == "Conv" {
      operands.append(builder.constant(try random([3, 4, 3, 3], seed: 2)))
    } else if attributes["kernel_shape"] == nil {
      attributes["kernel_shape"] = .ints([3, 3])
    }
    builder.output(builder.nodes(test.op, operands, outputs: 1, attributes: attributes)[0])
    return builder.graph
  }

  static let folded: [Case] = [
    Case(), Case(fill: 0, attributes: ["pads": .ints([1, 1, 0, 0]), "strides": .ints([2, 2])]), Case(pads: [1, 2], axes: [-1]),
    Case(attributes: ["auto_pad": .text("VALID")]), Case(op: "AveragePool"),
    Case(op: "AveragePool", attributes: ["count_include_pad": .int(1), "pads": .ints([1, 0, 1, 0])]),
    Case(op: "MaxPool", fill: -.infinity), Case(op: "MaxPool", before: "Relu"), Case(op: "MaxPool", fill: 0, before: "Sigmoid"),
  ]

  @Test(arguments: folded.indices) func takesThePaddingOver(_ row: Int) throws {
    let result = try differential(Self.graph(Self.folded[row]), symbols: ["batch": 2])
    #expect(result.report.counts[Self.rewrite] == 1 && !operators(result.graph).contains("Pad"))
  }

  static let kept: [(Case, String)] = [
    (Case(pads: [0, 1, 0, 0, 0, 0, 0, 0], attributes: [:]), "Images and channels"), (Case(fill: 1), "must be zeros"),
    (Case(mode: "edge"), "must be a constant"), (Case(pads: [0, 0, -1, 0, 0, 0, 0, 0]), "not negative"),
    (Case(attributes: ["auto_pad": .text("SAME_UPPER")]), "depends on the input"), (Case(op: "MaxPool"), "greatest"),
    (Case(op: "MaxPool", pads: [0, 0, 3, 0, 0, 0, 0, 0], before: "Relu"), "a part of the image"),
    (Case(op: "MaxPool", fill: -.infinity, attributes: ["ceil_mode": .int(1)]), "stick out"),
    (Case(op: "AveragePool", attributes: ["pads": .ints([1, 0, 1, 0])]), "Only one"),
    (Case(op: "AveragePool", fill: 1), "must be zeros"),
  ]

  @Test(arguments: kept.indices) func staysWhereItMust(_ row: Int) throws {
    var (test, reason) = Self.kept[row]
    // A convolution of more channels would need other weights.
    if reason == "Images and channels" { test.op = "AveragePool" }
    try expectDeclined(Self.graph(test), Self.rewrite, because: reason, symbols: ["batch": 2])
  }
}
