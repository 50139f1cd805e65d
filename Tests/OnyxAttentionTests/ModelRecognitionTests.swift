import OnyxAttention
import OnyxGraph
import OnyxLoader
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport
import Testing

/// Every row of `models/attention`, from each exporter, before and after the canonical forms.
struct ModelRecognitionTests {
  static let expected: [String: [AttentionMatch.Kind]] = [
    "se-avg": [.se], "se-max": [.se], "se-512": [.se], "se-expand": [.se], "cse": [.se], "sse": [.sse], "scse": [.scse],
    "eca-transpose": [.eca], "eca-view": [.eca], "ca-fc": [.cbamChannel], "ca-conv": [.cbamChannel], "sa-3": [.cbamSpatial],
    "sa-5": [.cbamSpatial], "sa-7": [.cbamSpatial], "cbam-fc": [.cbam], "cbam-conv": [.cbam], "cbam-512": [.cbam], "keras-cbam": [.cbam],
    "gap-head": [], "sk": [.sk], "self-attention": [.selfAttention], "cross-attention": [.crossAttention], "non-local": [.nonLocal],
  ]

  static let models = ModelCase.all.filter { $0.name.hasPrefix("attention/") }

  static func row(_ model: ModelCase) -> String { String(model.name.split(separator: "/")[1]) }

  @Test func everyRowIsThere() {
    #expect(Set(Self.models.map(Self.row)) == Set(Self.expected.keys))
    #expect(Self.models.count == 22 * 4 + 2)
  }

  @Test(arguments: models) func kinds(_ model: ModelCase) throws {
    let graph = try ModelLoader.load(contentsOf: model.path).graph
    let expected = try #require(Self.expected[Self.row(model)])
    #expect(try AttentionRecogniser(InferredGraph(graph)).matches().map(\.kind) == expected)
    let canonical = try Optimizer.optimize(graph, options: OptimizerOptions(level: .canonicalise)).graph
    #expect(try AttentionRecogniser(InferredGraph(canonical)).matches().map(\.kind) == expected)
  }

  /// Rows that one node can be.
  static let fused = models.filter { !["gap-head", "sk", "self-attention", "cross-attention", "non-local"].contains(row($0)) }

  @Test(arguments: fused) func becomesOneNode(_ model: ModelCase) throws {
    let graph = try ModelLoader.load(contentsOf: model.path).graph
    let optimized = try Optimizer.optimize(graph)
    #expect(optimized.graph.nodes.map(\.op.description) == ["onyx.AttentionBlock"], "\(optimized.graph.text) \(optimized.report.declined)")
  }
}
