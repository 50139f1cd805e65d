import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Taps that meet padding only.
struct TrimWindowTests {
  static func graph(_ kernel: [Int], _ attributes: [String: Attribute], shape: [Dimension] = ["batch", 4, 6, 5], group: Int = 1) throws
    -> Graph
  {
    var builder = GraphBuilder("trim", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, shape)
    let w = builder.constant(try random(try Shape([4, 4 / group] + kernel), seed: 2))
    let attributes = attributes.merging(["group": .int(Int64(group))]) { $1 }
    builder.output(builder.nodes("Conv", [x, w, builder.constant(try random([4], seed: 3))], outputs: 1, attributes: attributes)[0])
    return builder.graph
  }

  static func ints(_ values: Int64...) -> Attribute { .ints(values) }

  static let trimmed: [([Int], [String: Attribute], [Int])] = [
    ([3, 3], ["dilations": ints(8, 8), "pads": ints(8, 8, 8, 8)], [1, 1]),
    ([3, 3], ["dilations": ints(8, 2), "pads": ints(8, 2, 8, 2)], [1, 3]),
    ([5, 3], ["dilations": ints(4, 1), "pads": ints(8, 1, 8, 1), "strides": ints(2, 2)], [3, 3]),
    ([3, 3], ["dilations": ints(9, 9), "auto_pad": .text("SAME_UPPER")], [1, 1]),
  ]

  @Test(arguments: trimmed.indices, [1, 4]) func losesTaps(_ row: Int, _ group: Int) throws {
    let (kernel, attributes, left) = Self.trimmed[row]
    let result = try differential(Self.graph(kernel, attributes, group: group), symbols: ["batch": 2])
    #expect(result.report.counts["trim-window"] == 1)
    let shapes = result.graph.initializers.values.map { Array($0.shape) }
    #expect(shapes.contains { $0.count == 4 && Array($0[2...]) == left }, "\(shapes)")
  }

  @Test func staysWhereItMust() throws {
    func isKept(_ graph: Graph, _ symbols: [String: Int]) throws -> Bool {
      try differential(graph, symbols: symbols).report.counts["trim-window"] == nil
    }
    let same: [String: Attribute] = ["pads": Self.ints(1, 1, 1, 1)]
    #expect(try isKept(Self.graph([3, 3], same), ["batch": 2]))
    let wide: [String: Attribute] = ["dilations": Self.ints(8, 8), "pads": Self.ints(8, 8, 8, 8)]
    // Without its first row of taps the first window would begin inside the image.
    let inside: [String: Attribute] = ["pads": Self.ints(2, 0, 0, 0), "dilations": Self.ints(3, 2)]
    #expect(try isKept(Self.graph([3, 3], inside), ["batch": 2]))
    let free: [Dimension] = [1, 4, "height", 5]
    #expect(try isKept(Self.graph([3, 3], wide, shape: free), ["height": 6]))
  }
}
