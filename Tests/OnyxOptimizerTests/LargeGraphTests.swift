import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport
import Testing

/// Graphs of many nodes are rewritten in a time that grows as they do.
@Suite("Rewrites are near linear", .serialized)
struct LargeGraphTests {
  enum Kind: String, CaseIterable, Sendable {
    /// One node behind the other.
    case chain
    /// Many different nodes over one value.
    case fan
    /// Many equal nodes over one value.
    case equal
    /// Many nodes over constants of their own.
    case constants
    /// A sum of many values, one Concat, and a Split of it.
    case concat
    /// Pairs of nodes that the rewrites know.
    case pairs
    /// Many small branches.
    case branches
  }

  static func graph(_ kind: Kind, _ count: Int) throws -> Graph {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .float32, [2, 4])
    func float(_ value: Float) throws -> ValueID { builder.constant(try Tensor([value])) }
    switch kind {
    case .chain:
      var last = x
      for index in 0..<count { last = builder.node(["Relu", "Neg", "Sigmoid", "Abs"][index % 4], last) }
      builder.output(last)
    case .fan, .equal:
      var all: [ValueID] = []
      for index in 0..<count {
        all.append(builder.node("LeakyRelu", x, attributes: ["alpha": .float(kind == .equal ? 0.5 : 0.5 + Float(index) * 1e-6)]))
      }
      builder.output(builder.nodes("Concat", all, outputs: 1, attributes: ["axis": .int(0)])[0])
    case .constants:
      var last = x
      for index in 0..<count / 2 { last = builder.node(index % 2 == 0 ? "Add" : "Mul", last, try float(Float(index % 100) + 1.5)) }
      for index in 0..<count / 2 { builder.output(builder.node("Add", try float(Float(index)), try float(0.5))) }
      builder.output(last)
    case .concat:
      var all: [ValueID] = []
      for index in 0..<count { all.append(builder.node(index % 2 == 0 ? "Relu" : "Identity", builder.node("Neg", x))) }
      let joined = builder.nodes("Concat", all, outputs: 1, attributes: ["axis": .int(0)])[0]
      let parts = builder.nodes("Split", [joined], outputs: count, attributes: ["num_outputs": .int(Int64(count))])
      builder.output(builder.nodes("Sum", parts, outputs: 1)[0])
    case .pairs:
      var last = x
      for index in 0..<count / 3 {
        let gate = builder.node(index % 2 == 0 ? "Sigmoid" : "HardSigmoid", last)
        last = builder.node("Mul", last, gate)
        last = builder.node("Transpose", last, attributes: ["perm": .ints([0, 1])])
      }
      builder.output(last)
    case .branches:
      var all: [ValueID] = []
      for _ in 0..<count / 3 { all.append(builder.node("Add", builder.node("Relu", x), builder.node("Neg", x))) }
      builder.output(builder.nodes("Sum", all, outputs: 1)[0])
    }
    return builder.graph
  }

  private static func time(_ kind: Kind, _ count: Int) throws -> Duration {
    let graph = try graph(kind, count)
    return try processorTime { _ = try Optimizer.optimize(graph) }
  }

  /// Twice as many nodes take about twice the time; four times would be 16 of a square.
  @Test(arguments: Kind.allCases) func takesLinearTime(_ kind: Kind) throws {
    var ratio = Double.infinity
    for _ in 0..<3 where ratio > 7 {
      let (few, many) = (try Self.time(kind, 2500), try Self.time(kind, 10_000))
      ratio = min(ratio, many / few)
    }
    #expect(ratio < 7, "\(kind.rawValue): \(ratio) times as long for 4 times as many nodes")
  }

  @Test(arguments: [Kind.chain, .fan, .concat]) func hundredThousandNodes(_ kind: Kind) throws {
    // A count of concat stands for two nodes and an output of Split.
    let time = try Self.time(kind, kind == .concat ? 50_000 : 100_000)
    #expect(time < .seconds(20) * Sanitizer.patience, "\(kind.rawValue): \(time)")
  }
}
