import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Scores of many classes that are taken one after the other.
struct TurnGatheredAxisTests {
  static let rewrite = "turn-gathered-axis"

  /// Sum(Gather(x, i, axis), …) for each index.
  private static func picks(_ indices: [Int64], of shape: [Dimension], axis: Int, rank: Int = 0) throws -> Graph {
    var builder = GraphBuilder("test", opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, shape)
    var picked: [ValueID] = []
    for index in indices {
      let place = builder.constant(try Tensor([index], shape: try Shape(Array(repeating: 1, count: rank))))
      picked.append(builder.node("Gather", x, place, attributes: ["axis": .int(Int64(axis))]))
    }
    builder.output(builder.nodes("Concat", picked, outputs: 1, attributes: ["axis": .int(0)])[0])
    return builder.graph
  }

  @Test(arguments: [(["boxes", 8], 1), ([3, 5, 40, 1], 2), ([5, 3, 40], -1)] as [([Dimension], Int)])
  func picksReadRows(_ shape: [Dimension], _ axis: Int) throws {
    let result = try differential(try Self.picks([0, 3, 7, -1, 3], of: shape, axis: axis), symbols: ["boxes": 21])
    #expect(operators(result.graph) == ["Transpose"] + Array(repeating: "Gather", count: 5) + ["Concat"])
    #expect(result.graph.nodes.filter { $0.op.name == "Gather" }.allSatisfy { $0.int("axis", default: 1) == 0 })
  }

  /// Each differs by one condition from what is rewritten.
  @Test(
    arguments: [
      // Three, then the first axis, rows, and indices that are no scalars.
      ([0, 3, 7], [21, 8], 1, 0), ([0, 3, 7, 1, 2], [21, 8], 0, 0), ([0, 3, 7, 1, 2], [21, 8, 2], 1, 0), ([0, 3, 7, 1, 2], [21, 8], 1, 1),
      ([0, 3, 7, 1, 2], [1, 8], 1, 0),
    ] as [([Int64], [Dimension], Int, Int)])
  func others(_ indices: [Int64], _ shape: [Dimension], _ axis: Int, _ rank: Int) throws {
    let result = try differential(try Self.picks(indices, of: shape, axis: axis, rank: rank))
    #expect(!result.report.applied.contains { $0.rewrite == Self.rewrite })
  }

  @Test func fewPlacesOfMany() throws {
    try expectDeclined(try Self.picks([0, 3, 7, 1, 2], of: [4, 96], axis: 1), Self.rewrite, because: "So few places")
  }
}
