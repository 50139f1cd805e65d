import Onyx
import OnyxFuzzing
import OnyxGraph
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct GraphMakerTests {
  /// What the differences of optimized graphs are measured by holds: no element is larger than its bound, types and shapes are those of
  /// the rules, and values without error are the same bits whatever computes them.
  @Test(arguments: 0..<60 as Range<UInt64>) func boundsHold(_ seed: UInt64) throws {
    let graph = try GraphMaker.make(seed: seed, nodes: 16)
    var options = SessionOptions(threads: 1)
    options.optimization = .none
    let results = try Session(bytes: graph.model(), options: options).run(graph.tensors(seed: seed))
    for known in graph.results {
      let tensor = try #require(results[graph.builder.graph[known.id].name])
      #expect(tensor.elementType == known.type && tensor.shape.dimensions == known.shape)
      guard known.isFloat else { continue }
      let largest = try tensor.doubles().map(\.magnitude).max() ?? 0
      #expect(largest <= known.bound * (1 + 8 * known.error) + known.error, "\(graph.builder.graph[known.id].name) of seed \(seed)")
    }
  }

  @Test func aGraphOfFewerNodesIsItsBeginning() throws {
    let (long, short) = (try GraphMaker.make(seed: 7, nodes: 12), try GraphMaker.make(seed: 7, nodes: 6))
    let ops = { (graph: GraphMaker) in graph.builder.graph.nodes.map(\.op) }
    #expect(!ops(short).isEmpty && ops(long).starts(with: ops(short)))
  }

  /// What the maker can write, over many seeds: families of kernels and rewrites are reached.
  @Test func everyFamilyIsReached() throws {
    var ops: Set<String> = []
    for seed in 0..<400 as Range<UInt64> { ops.formUnion(try GraphMaker.make(seed: seed, nodes: 20).builder.graph.nodes.map(\.op.name)) }
    let wanted: Set = [
      "Abs", "Add", "And", "ArgMax", "AveragePool", "BatchNormalization", "BitwiseAnd", "Cast", "Clip", "Concat", "Conv", "ConvTranspose",
      "CumSum", "DepthToSpace", "Div", "Einsum", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements", "Gelu", "Gemm",
      "GlobalAveragePool", "Greater", "GroupNormalization", "HardSwish", "If", "InstanceNormalization", "LayerNormalization", "LogSoftmax",
      "Loop", "LpPool", "MatMul", "MaxPool", "Mod", "Pad", "Pow", "RMSNormalization", "ReduceL2", "ReduceLogSumExp", "ReduceMean",
      "Reshape",
      "Resize", "Round", "Scan", "ScatterND", "Shape", "Sigmoid", "Slice", "Softmax", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Tile",
      "TopK", "Transpose", "Trilu", "Unsqueeze", "Where",
    ]
    #expect(wanted.subtracting(ops).sorted() == [])
  }

  /// A difference that no rounding makes is found in most outputs: a thousandth of the bound, or another bit where bits are promised.
  @Test func wrongResultsAreFound() throws {
    var (tried, found) = (0, 0)
    for seed in 0..<40 as Range<UInt64> {
      let graph = try GraphMaker.make(seed: seed, nodes: 8)
      let results = try Session(bytes: graph.model()).run(graph.tensors(seed: seed))
      #expect(throws: Never.self) { try RandomGraphs.compare(results, results, graph) }
      for known in graph.results where known.isFloat && known.type == .float32 && known.bound > 0 {
        let name = graph.builder.graph[known.id].name
        guard let tensor = results[name], tensor.elementCount > 0 else { continue }
        var elements = try tensor.elements(as: Float.self)
        elements[elements.count / 2] += Float(known.bound / 1000)
        var wrong = results
        wrong[name] = try Tensor(elements, shape: tensor.shape)
        tried += 1
        if (try? RandomGraphs.compare(wrong, results, graph)) == nil { found += 1 }
      }
    }
    #expect(tried > 50)
    #expect(found * 10 > tried * 9, "\(found) of \(tried)")
  }
}
