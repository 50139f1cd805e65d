import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Random graphs give the same results before and after, whatever the options. A failure names the seed.
struct RandomGraphTests {
  static let count: UInt64 = 120

  static func expectSame(_ seed: UInt64, _ options: (Graph) -> OptimizerOptions) throws {
    let graph = try RandomGraph.make(seed: seed, nodes: 14)
    do {
      _ = try differential(graph, options(graph), symbols: ["batch": RandomGraph.batch], seed: seed)
    } catch { Issue.record("seed \(seed): \(error)\n\(graph.text)") }
  }

  @Test(arguments: 0..<count) func everyRewrite(_ seed: UInt64) throws {
    try Self.expectSame(seed) { _ in OptimizerOptions() }
  }

  @Test(arguments: 0..<count) func exactRewrites(_ seed: UInt64) throws {
    try Self.expectSame(1000 + seed) { _ in OptimizerOptions(allowedChanges: [.exact]) }
  }

  @Test(arguments: 0..<count) func fixedShapesAndFetchedValues(_ seed: UInt64) throws {
    try Self.expectSame(2000 + seed) { graph in
      var fixed: [ValueID: Inferred] = [:]
      for id in graph.inputs {
        fixed[id] = Inferred(.float32, graph[id].type?.shape?.map { $0.known == nil ? Dimension(RandomGraph.batch) : $0 })
      }
      let made = graph.nodes.compactMap { $0.outputs[0] }.map { graph[$0].name }
      return OptimizerOptions(kept: Set([made[Int(seed) % made.count]]), fixedInputs: fixed)
    }
  }

  /// Without this the tests above could pass because nothing is rewritten.
  @Test func mostRewritesAreReached() throws {
    var counts: [String: Int] = [:]
    for seed in 0..<Self.count {
      let report = try Optimizer.optimize(RandomGraph.make(seed: seed, nodes: 14)).report
      counts.merge(report.counts) { $0 + $1 }
    }
    // Formulas of transformers, quantized arithmetic, control flow and most movement in blocks have tests of their own: chance does not
    // write them.
    let ofBodies: Set = ["capture-unchanged-values", "hoist-from-loop", "inline-if", "inline-loop", "remove-unused-iteration-values"]
    let ofBlocks: Set = [
      "block-scale", "block-transposed-conv", "fuse-blocked-activation", "fuse-blocked-bias", "fuse-blocked-residual",
      "merge-channel-gathers", "fold-pad-into-window", "recognise-group-normalization", "fold-scale-into-group-normalization",
      "fold-bias-into-group-normalization", "sink-reorder-through-gather", "sink-reorder-through-normalization", "sink-reorder-through-pad",
      "sink-reorder-through-shuffle", "sink-reorder-through-split",
    ]
    let ofBytes: Set = [
      "block-quantized-conv", "fuse-blocked-byte-sum", "fuse-blocked-byte-table", "sink-reorder-through-quantized-binary",
      "sink-reorder-through-quantization", "sink-reorder-through-quantized-mean",
    ]
    let ofTokens: Set = ["fold-batch-normalization-into-matmul", "fold-key-projection", "pool-before-conv", "raise-gemm"]
    let ordinary = [Phase.canonicalise, .fold, .attention, .lower, .layout].flatMap(\.rewrites)
    let unreached = Set(ordinary.map(\.name)).subtracting(counts.keys).subtracting(ofBodies).subtracting(ofBlocks).subtracting(ofBytes)
      .subtracting(ofTokens)
    #expect(unreached.count <= 15, "never applied: \(unreached.sorted())")
  }
}
