import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// What rewrites and fused kernels make of NaN and infinities is what the nodes one by one make of them: limits and functions behind
/// products and convolutions, attention with masks, bodies of loops.
@Suite("Fused forms keep odd numbers") struct FusedNumericsTests {
  /// A layer with constant weights.
  enum Layer: String, CaseIterable, Sendable {
    case product, gemm, pointwise, square, depthwise, strided, line

    var input: Shape {
      switch self {
      case .product, .gemm: [9, 40]
      case .line: [1, 16, 37]
      default: [1, 16, 13, 13]
      }
    }

    func add(to builder: inout GraphBuilder, _ x: ValueID) throws -> ValueID {
      func weight(_ shape: Shape) throws -> ValueID { builder.constant(try NodeCase.noise(shape, seed: 3)) }
      switch self {
      case .product: return builder.node("MatMul", x, try weight([40, 33]))
      case .gemm: return builder.node("Gemm", x, try weight([40, 33]), try weight([33]))
      case .pointwise: return builder.node("Conv", x, try weight([32, 16, 1, 1]), try weight([32]))
      case .square: return builder.node("Conv", x, try weight([32, 16, 3, 3]), attributes: ["pads": .ints([1, 1, 1, 1])])
      case .depthwise: return builder.node("Conv", x, try weight([16, 1, 3, 3]), attributes: ["group": .int(16)])
      case .strided: return builder.node("Conv", x, try weight([24, 16, 3, 3]), try weight([24]), attributes: ["strides": .ints([2, 2])])
      case .line: return builder.node("Conv", x, try weight([8, 16, 5]))
      }
    }
  }

  /// Limits of Clip; nil for one that is left out.
  static let limits: [(least: Float?, most: Float?)] = [
    (-1, 2), (0, nil), (nil, 6), (.nan, 2), (-1, .nan), (.nan, .nan), (-.infinity, .infinity), (2, -1), (0, .infinity),
  ]
  static let functions = ["Relu", "LeakyRelu", "HardSigmoid", "HardSwish", "Sigmoid", "Tanh", "Elu", "Gelu", "Mish", "Softplus"]

  /// Random numbers with NaN in one place and infinities in others.
  private static func odd(_ shape: Shape) throws -> Tensor {
    var values = try NodeCase.noise(shape, seed: 1).elements(as: Float.self)
    values[values.count / 2] = .nan
    values[3] = .infinity
    values[values.count - 2] = -.infinity
    return try Tensor(values, shape: shape)
  }

  @Test(arguments: Layer.allCases) func clipBehindALayer(_ layer: Layer) throws {
    for (least, most) in Self.limits {
      var builder = GraphBuilder(opset: Catalog.newestOpset)
      let x = builder.input("x", .float32, layer.input.map { Dimension($0) })
      let y = try layer.add(to: &builder, x)
      let bounds = try [least, most].map { bound in try bound.map { builder.constant(try Tensor(scalar: $0)) } }
      builder.output(builder.nodes("Clip", [y] + bounds, outputs: 1)[0])
      try Self.check(
        builder.graph, [try Self.odd(layer.input)], "\(layer) Clip \(least.map { "\($0)" } ?? "-") \(most.map { "\($0)" } ?? "-")")
    }
  }

  @Test(arguments: Layer.allCases) func aFunctionBehindALayer(_ layer: Layer) throws {
    for function in Self.functions {
      var builder = GraphBuilder(opset: Catalog.newestOpset)
      let x = builder.input("x", .float32, layer.input.map { Dimension($0) })
      builder.output(builder.node(function, try layer.add(to: &builder, x)))
      try Self.check(builder.graph, [try Self.odd(layer.input)], "\(layer) \(function)")
    }
  }

  /// MatMul, scale, mask, Softmax, MatMul: rows that are hidden as a whole, and in part, by −∞; NaN and infinities in each operand.
  @Test(arguments: ["", "q", "k", "v", "mask"]) func attention(_ odd: String) throws {
    let (queries, keys) = (21, 37)
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let q = builder.input("q", .float32, [2, Dimension(queries), 16])
    let k = builder.input("k", .float32, [2, 16, Dimension(keys)])
    let v = builder.input("v", .float32, [2, Dimension(keys), 16])
    let mask = builder.input("mask", .float32, [Dimension(queries), Dimension(keys)])
    let scores = builder.node("Mul", builder.node("MatMul", q, k), builder.constant(try Tensor(scalar: 0.25 as Float)))
    let shares = builder.node("Softmax", builder.node("Add", scores, mask), attributes: ["axis": .int(-1)])
    builder.output(builder.node("MatMul", shares, v))
    var bias = [Float](repeating: 0, count: queries * keys)
    for key in 0..<keys { bias[3 * keys + key] = -.infinity }
    for query in 8..<queries { for key in query..<keys { bias[query * keys + key] = -.infinity } }
    if odd == "mask" { (bias[0], bias[2 * keys]) = (.nan, .infinity) }
    func given(_ name: String, _ shape: Shape, seed: Int) throws -> Tensor {
      var values = try NodeCase.noise(shape, seed: seed).elements(as: Float.self)
      if odd == name { (values[5], values[200], values[values.count - 3]) = (.nan, .infinity, -.infinity) }
      return try Tensor(values, shape: shape)
    }
    let inputs = [
      try given("q", [2, queries, 16], seed: 1), try given("k", [2, 16, keys], seed: 2), try given("v", [2, keys, 16], seed: 3),
      try Tensor(bias, shape: [queries, keys]),
    ]
    try Self.check(builder.graph, inputs, "attention, odd \(odd)")
  }

  /// Against the references of the nodes as they are.
  private static func check(_ graph: Graph, _ inputs: [Tensor], _ label: String) throws {
    let types = Dictionary(uniqueKeysWithValues: zip(graph.inputs, inputs.map { TensorType($0.elementType, $0.shape) }))
    let expected = try GraphRun.run(try GraphRun.plan(graph, inputs, table: .referenceOnly), inputs)[0].doubles()
    let optimized = try Optimizer.optimize(graph, options: OptimizerOptions(level: .all, disabled: [])).graph
    for (form, graph) in [("as it is", graph), ("optimized", optimized)] {
      for isa in ISA.tiers {
        let plan = try Planner.plan(try Program(graph, table: KernelTable(), isa: isa), inputs: types, memoryBudget: 1 << 30)
        let actual = try GraphRun.run(plan, inputs, threads: 2)[0].doubles()
        let wrong = expected.indices.first { !isNear(actual[$0], expected[$0]) }
        guard let wrong else { continue }
        let place = "\(label), \(form), \(isa.name), \(plan.steps.map(\.kernelName))"
        Issue.record("\(place): element \(wrong) is \(actual[wrong]) instead of \(expected[wrong])")
      }
    }
  }

  private static func isNear(_ a: Double, _ e: Double) -> Bool {
    if e.isNaN || a.isNaN { return e.isNaN && a.isNaN }
    if e.isInfinite || a.isInfinite { return a == e }
    return (a - e).magnitude <= 1e-3 * max(1, e.magnitude)
  }
}
