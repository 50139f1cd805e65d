import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport
import Testing

/// A graph of one formula: `inputs` and `constants` are its names.
func graph(
  _ formula: Expression, inputs: [(name: String, shape: [Dimension])], constants: [String: Tensor] = [:], type: ElementType = .float32
) throws -> Graph {
  var builder = GraphBuilder("test", opset: Catalog.newestOpset)
  var values: [String: ValueID] = [:]
  for (name, shape) in inputs { values[name] = builder.input(name, type, shape) }
  for (name, tensor) in constants.sorted(by: { $0.key < $1.key }) { values[name] = builder.constant(tensor, name: name) }
  builder.output(try formula.build(into: &builder, values: &values, scalars: type))
  return builder.graph
}

/// The lines of a dump after the header, constants left out.
func nodeLines(_ graph: Graph) -> [String] {
  let lines = graph.text.split(separator: "\n").dropFirst().map { line -> String in String(line.trimmingPrefix("  ")) }
  return lines.filter { !$0.hasPrefix("const ") }
}

func operators(_ graph: Graph) -> [String] { nodeLines(graph).map { String($0.split(separator: " = ")[1].prefix { $0 != "(" }) } }

/// Optimizes, and checks what must hold for every graph and every option:
/// - the inputs and outputs are the same, and inference gives the outputs' types as before;
/// - optimizing again finds nothing to do;
/// - the reference gives the same results on random inputs, within what the applied rewrites may change.
@discardableResult
func differential(
  _ graph: Graph, _ options: OptimizerOptions = OptimizerOptions(), symbols: [String: Int] = [:], seed: UInt64 = 1, step: Double = 0,
  _ sourceLocation: SourceLocation = #_sourceLocation
) throws -> OptimizedGraph {
  let optimized = try Optimizer.optimize(graph, options: options)
  let result = optimized.graph
  #expect(result.inputs == graph.inputs && result.outputs == graph.outputs, sourceLocation: sourceLocation)
  for id in graph.inputs + graph.outputs { #expect(result[id].name == graph[id].name, sourceLocation: sourceLocation) }
  let before = try GraphInference(graph, inputs: options.fixedInputs)
  let after = try GraphInference(result, inputs: options.fixedInputs)
  for id in graph.outputs { #expect(after[id]?.elementType == before[id]?.elementType, sourceLocation: sourceLocation) }
  if options.rewritesLimit == nil {
    let again = try Optimizer.optimize(result, options: options)
    #expect(again.report.applied.isEmpty, "optimizing again applied \(again.report.applied)", sourceLocation: sourceLocation)
    #expect(optimized.report.end == .finished, sourceLocation: sourceLocation)
  }

  var generator = SeededGenerator(seed: seed)
  var inputs: [String: Tensor] = [:]
  for id in graph.inputs {
    let known = options.fixedInputs[id]?.type ?? graph[id].type
    var sizes: [Int] = []
    for dimension in known?.shape ?? [] {
      sizes.append(try #require(try dimension.substituting(symbols).known, sourceLocation: sourceLocation))
    }
    inputs[graph[id].name] = try randomTensor(known?.elementType ?? .float32, try Shape(sizes), -2...2, &generator)
  }
  let expected = try interpret(graph, inputs)
  let found = try interpret(result, inputs)
  let isExact = optimized.report.applied.allSatisfy { $0.changes == .exact }
  for name in graph.outputs.map({ graph[$0].name }) + options.kept {
    try expectSame(found[name], expected[name], isExact: isExact, step: step, "\(name), seed \(seed)", sourceLocation)
  }
  return optimized
}

/// Exact: the same numbers. Otherwise within 2⁻¹⁶ of the largest number, a few hundred roundings of float32. `step` is what a
/// number moves when a rounding falls to the other side on its way through a quantized value.
func expectSame(_ found: Tensor?, _ expected: Tensor?, isExact: Bool, step: Double = 0, _ label: String, _ sourceLocation: SourceLocation)
  throws
{
  let found = try #require(found, "\(label) is gone", sourceLocation: sourceLocation)
  let expected = try #require(expected, "\(label) is gone", sourceLocation: sourceLocation)
  #expect(found.elementType == expected.elementType && found.shape == expected.shape, "\(label)", sourceLocation: sourceLocation)
  guard found.elementType != .string, found.shape == expected.shape else { return }
  let (a, b) = (try found.doubles(), try expected.doubles())
  let largest = b.lazy.filter(\.isFinite).map(abs).max() ?? 0
  let tolerance = isExact || !found.elementType.isFloating ? 0 : max(largest, 1) * 0x1p-16 + step
  for (x, y) in zip(a, b) where !(x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance) {
    Issue.record("\(label): \(x) instead of \(y)", sourceLocation: sourceLocation)
    return
  }
}

/// The rewrite stays away and says `reason`.
func expectDeclined(
  _ graph: Graph, _ rewrite: String, because reason: String, _ options: OptimizerOptions = OptimizerOptions(), symbols: [String: Int] = [:],
  _ sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let report = try differential(graph, options, symbols: symbols, sourceLocation).report
  #expect(report.counts[rewrite] == nil, sourceLocation: sourceLocation)
  let reasons = report.declined.filter { $0.rewrite == rewrite }.map(\.reason)
  #expect(reasons.contains { $0.contains(reason) }, "reasons: \(reasons)", sourceLocation: sourceLocation)
}
