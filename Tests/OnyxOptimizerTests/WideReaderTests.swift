import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport
import Testing

/// What a rewrite does to the reader of a value grows with the places where it reads that value, not with all its inputs.
@Suite("Readers with many inputs are rewritten in time")
struct WideReaderTests {
  private static func joined(_ graph: Graph, within limit: Duration) throws -> [ValueID?] {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try Optimizer.optimize(graph).graph
    #expect(clock.now - start < limit * Sanitizer.patience)
    try result.validate()
    return try #require(result.nodes.first { $0.op.name == "Concat" }).inputs
  }

  /// Each input is an Identity of its own: as many redirects as inputs.
  @Test func everyInputIsReplaced() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let (x, y) = (builder.input("x", .float32, ["n"]), builder.input("y", .float32, ["n"]))
    let inputs = (0..<10_000).map { builder.node("Identity", $0 % 3 == 0 ? y : x) }
    builder.output(builder.nodes("Concat", inputs, outputs: 1, attributes: ["axis": .int(0)])[0])
    #expect(try Self.joined(builder.graph, within: .seconds(20)) == (0..<10_000).map { $0 % 3 == 0 ? y : x })
  }

  /// One value, many times: one redirect for each of a chain of makers.
  @Test func everyInputIsTheSame() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, ["n"])
    var end = x
    for _ in 0..<100 { end = builder.node("Identity", end) }
    let other = builder.node("Neg", x)
    let inputs = (0..<100_000).map { $0 % 1000 == 999 ? other : end }
    builder.output(builder.nodes("Concat", inputs, outputs: 1, attributes: ["axis": .int(0)])[0])
    let found = try Self.joined(builder.graph, within: .seconds(20))
    #expect(found.count == inputs.count)
    #expect(found.indices.allSatisfy { found[$0] == (inputs[$0] == end ? x : other) })
  }
}
