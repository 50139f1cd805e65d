import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Arithmetic on bytes in place of floats between DequantizeLinear and QuantizeLinear.
struct QuantiseTests {
  static func q(_ x: Expression, _ name: String) -> Expression { .op("QuantizeLinear", x, .value("\(name).s"), .value("\(name).z")) }
  static func dq(_ x: Expression, _ name: String, _ attributes: [String: AttributePattern] = [:]) -> Expression {
    .op("DequantizeLinear", x, .value("\(name).s"), .value("\(name).z"), attributes: attributes)
  }

  /// Float x, quantized at the start and real at the end, as exporters write it.
  static func x(_ name: String = "x") -> Expression { dq(q(.value(name), name), name) }
  static func y(_ formula: Expression) -> Expression { dq(q(formula, "y"), "y") }

  static func numbers(_ name: String, _ scale: Float, _ zero: Int64, _ type: ElementType = .uint8) throws -> [String: Tensor] {
    ["\(name).s": try Tensor(scalar: scale), "\(name).z": try Tensor(integral: [zero], as: type, shape: .scalar)]
  }

  static func bytes(_ shape: Shape, _ type: ElementType = .int8) throws -> Tensor {
    try Tensor(integral: (0..<shape.elementCount).map { Int64($0 * 37 % 255) - (type == .int8 ? 127 : 0) }, as: type, shape: shape)
  }

  static func make(_ formula: Expression, _ inputs: [(name: String, shape: [Dimension])], _ more: [String: Tensor] = [:]) throws -> Graph {
    var constants = try numbers("x", 0.02, 100).merging(numbers("w", 0.01, 0, .int8)) { $1 }.merging(numbers("y", 0.05, 128)) { $1 }
    constants.merge(more) { $1 }
    return try graph(formula, inputs: inputs, constants: constants)
  }

  static let image: [(name: String, shape: [Dimension])] = [("x", [1, 3, 6, 5])]
  static let conv = Expression.op(
    "Conv", x(), dq(.value("w"), "w", ["axis": .is(.int(0))]), .optional("b"), attributes: ["pads": .is(.ints([1, 1, 1, 1]))])
  static func weights(_ bias: Tensor? = nil) throws -> [String: Tensor] {
    var tensors = ["w": try bytes([4, 3, 3, 3])]
    if let bias { tensors["b"] = bias }
    return tensors
  }

  @Test func convolution() throws {
    let result = try differential(Self.make(Self.y(Self.conv), Self.image, Self.weights()), step: 0.0501)
    #expect(operators(result.graph) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"])
  }

  @Test func convolutionPerFilterWithBias() throws {
    let perFilter: [String: Tensor] = [
      "w.s": try Tensor([Float(0.01), 0.02, 0.015, 0.03], shape: [4]), "w.z": try Tensor([Int8](repeating: 0, count: 4), shape: [4]),
    ]
    let bias = try Tensor([Float(0.5), -0.25, 0.1, 1], shape: [4])
    let float = try differential(Self.make(Self.y(Self.conv), Self.image, Self.weights(bias).merging(perFilter) { $1 }), step: 0.0501)
    #expect(operators(float.graph) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"])
    // The bias as quantizers write it: int32 in units of x.scale · w.scale.
    let units = [Float(0.01), 0.02, 0.015, 0.03].map { Float(0.02) * $0 }
    let whole = Expression.op(
      "Conv", Self.x(), Self.dq(.value("w"), "w", ["axis": .is(.int(0))]),
      .op("DequantizeLinear", .value("b"), .value("b.s"), attributes: ["axis": .is(.int(0))]),
      attributes: ["pads": .is(.ints([1, 1, 1, 1]))])
    let more: [String: Tensor] = ["b": try Tensor([Int32(100), -3000, 7, 0], shape: [4]), "b.s": try Tensor(units, shape: [4])]
    let integral = try differential(
      Self.make(Self.y(whole), Self.image, Self.weights().merging(perFilter) { $1 }.merging(more) { $1 }), step: 0.0501)
    #expect(operators(integral.graph) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"])
    #expect(integral.graph.initializers.values.contains { $0.elementType == .int32 && $0.shape == [4] })
  }

  @Test func convolutionDeclines() throws {
    let name = "fuse-quantized-conv"
    let twice = Expression.op("Add", Self.y(Self.conv.named("c")), .op("Sigmoid", .value("c")))
    // The convolution is built once: both branches read it.
    var values: [String: ValueID] = [:]
    var builder = GraphBuilder("test", opset: Catalog.newestOpset)
    var constants = try Self.numbers("x", 0.02, 100)
    for more in try [Self.numbers("w", 0.01, 0, .int8), Self.numbers("y", 0.05, 128), Self.weights()] { constants.merge(more) { $1 } }
    for (name, tensor) in constants.sorted(by: { $0.key < $1.key }) { values[name] = builder.constant(tensor, name: name) }
    values["x"] = builder.input("x", .float32, [1, 3, 6, 5])
    builder.output(try twice.build(into: &builder, values: &values, scalars: .float32))
    try expectDeclined(builder.graph, name, because: "no other reader")
    let coarse = try Self.make(
      Self.y(Self.conv), Self.image, Self.weights(Tensor([Float(0.5), 1, 2, 3], shape: [4])).merging(Self.numbers("y", 0.0001, 0)) { $1 })
    try expectDeclined(coarse, name, because: "fine enough")
    let columns: [String: Tensor] = [
      "w.s": try Tensor([Float(0.01), 0.02, 0.015], shape: [3]), "w.z": try Tensor([Int8](repeating: 0, count: 3), shape: [3]),
    ]
    let otherAxis = Expression.op(
      "Conv", Self.x(), Self.dq(.value("w"), "w", ["axis": .is(.int(1))]), attributes: ["pads": .is(.ints([1, 1, 1, 1]))])
    try expectDeclined(
      Self.make(Self.y(otherAxis), Self.image, Self.weights().merging(columns) { $1 }), name, because: "scale for all or for each filter")
  }

  static let matrix: [(name: String, shape: [Dimension])] = [("x", ["batch", 6])]

  @Test func gemm() throws {
    for isTransposed in [false, true] {
      let gemm = Expression.op(
        "Gemm", Self.x(), Self.dq(.value("w"), "w"), .value("c"), attributes: ["transB": .is(.int(isTransposed ? 1 : 0))])
      let more = ["w": try Self.bytes(isTransposed ? [4, 6] : [6, 4]), "c": try random([4])]
      let bytes = try differential(Self.make(Self.y(gemm), Self.matrix, more), symbols: ["batch": 3], step: 0.0501)
      #expect(operators(bytes.graph) == ["QuantizeLinear", "onyx.QuantizedGemm", "DequantizeLinear"])
      let floats = try differential(Self.make(gemm, Self.matrix, more), symbols: ["batch": 3])
      #expect(operators(floats.graph) == ["QuantizeLinear", "onyx.QuantizedGemm"])
    }
    let columns: [String: Tensor] = [
      "w": try Self.bytes([6, 4]), "w.s": try Tensor([Float(0.01), 0.02, 0.03, 0.01], shape: [4]),
      "w.z": try Tensor([Int8](repeating: 0, count: 4), shape: [4]),
    ]
    let product = Expression.op("MatMul", Self.x(), Self.dq(.value("w"), "w", ["axis": .is(.int(1))]))
    #expect(
      try operators(differential(Self.make(product, Self.matrix, columns), symbols: ["batch": 3]).graph) == [
        "QuantizeLinear", "onyx.QuantizedGemm",
      ])
    let rows = Expression.op("MatMul", Self.x(), Self.dq(.value("w"), "w", ["axis": .is(.int(0))]))
    let perRow: [String: Tensor] = [
      "w": try Self.bytes([6, 4]), "w.s": try Tensor([Float](repeating: 0.01, count: 6), shape: [6]),
      "w.z": try Tensor([Int8](repeating: 0, count: 6), shape: [6]),
    ]
    try expectDeclined(Self.make(rows, Self.matrix, perRow), "fuse-quantized-gemm", because: "for each column", symbols: ["batch": 3])
  }

  @Test func matMulOfTwoInputs() throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [2, 3, 6]), ("w", [2, 6, 4])]
    let result = try differential(
      Self.make(Self.y(.op("MatMul", Self.x(), Self.x("w"))), inputs, Self.numbers("w", 0.03, -5, .int8)), step: 0.0501)
    #expect(operators(result.graph).sorted() == ["DequantizeLinear", "QLinearMatMul", "QuantizeLinear", "QuantizeLinear"])
  }

  @Test(arguments: ["Add", "Mul"]) func binary(_ op: String) throws {
    let inputs: [(name: String, shape: [Dimension])] = [("x", [2, 3, 4]), ("w", [3, 1])]
    let result = try differential(Self.make(Self.y(.op(op, Self.x(), Self.x("w"))), inputs, Self.numbers("w", 0.03, -5, .int8)))
    #expect(operators(result.graph).contains("onyx.QuantizedBinary") && !operators(result.graph).contains(op))
    #expect(result.report.applied.filter { $0.rewrite == "fuse-quantized-binary" }.allSatisfy { $0.changes == .exact })
  }

  @Test(arguments: ["Sigmoid", "HardSigmoid", "Tanh", "Relu"]) func table(_ op: String) throws {
    for type in [ElementType.uint8, .int8] {
      let numbers = try Self.numbers("x", 0.02, 7, type).merging(Self.numbers("y", 0.004, 1, type)) { $1 }
      let result = try differential(Self.make(Self.y(.op(op, Self.x())), [("x", [3, 50])], numbers), step: 0.00401)
      #expect(operators(result.graph) == ["QuantizeLinear", "onyx.ByteTable", "DequantizeLinear"])
    }
  }

  @Test func clampThatTheBytesDo() throws {
    let relu = Expression.op("Relu", Self.conv)
    let fits = try differential(
      Self.make(Self.y(relu), Self.image, Self.weights().merging(Self.numbers("y", 0.05, 0)) { $1 }), step: 0.0501)
    #expect(operators(fits.graph) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"])
    try expectDeclined(
      Self.make(Self.y(relu), Self.image, Self.weights()), "remove-clamp-before-quantize", because: "least and the greatest byte")
  }

  @Test func movement() throws {
    let moved = Expression.op(
      "Transpose", .op("MaxPool", Self.x(), attributes: ["kernel_shape": .is(.ints([2, 2]))]),
      attributes: ["perm": .is(.ints([0, 2, 3, 1]))])
    let same = Self.dq(Self.q(moved, "x"), "x")
    let result = try differential(Self.make(same, Self.image))
    #expect(operators(result.graph) == ["QuantizeLinear", "MaxPool", "Transpose", "DequantizeLinear"])
    try expectDeclined(Self.make(Self.y(moved), Self.image), "remove-quantize-of-dequantize", because: "same scale")
  }

  /// What no fusion wants becomes a float constant.
  @Test func loneWeights() throws {
    let result = try differential(
      Self.make(.op("Mul", .value("x"), Self.dq(.value("w"), "w")), [("x", [4, 3])], ["w": Self.bytes([4, 3])]))
    #expect(operators(result.graph) == ["Mul"])
    #expect(result.report.counts["fold-dequantized"] == 1)
  }
}
