import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Elementwise rows give the reference's elements for every element type.
@Suite("Element rows equal the reference")
struct ElementRowTests {
  static func mixed(_ type: ElementType, _ shape: Shape, seed: Int) throws -> NodeCase.Input {
    .given(try GenericRowTests.mixed(type, shape, seed: seed))
  }

  static let numbers = ElementType.allCases.filter { Set.numbers.contains($0) }
  static let integers = numbers.filter { $0.isInteger }
  static let floats = numbers.filter { $0.isFloating }

  static func checkPairs(_ op: String, _ type: ElementType, _ attributes: [String: Attribute] = [:]) throws {
    for (index, (a, b)) in GenericRowTests.pairs.enumerated() {
      let inputs = [try mixed(type, a, seed: index), try mixed(type, b, seed: index + 100)]
      try GenericRowTests.check(NodeCase(op, inputs, attributes), KernelRow.name(of: op, "elements"), "\(type)")
    }
  }

  /// Float32 has rows of its own for these.
  @Test(arguments: ["Add", "Sub", "Mul", "Div", "Max", "Min"], numbers.filter { $0 != .float32 })
  func arithmetic(_ op: String, _ type: ElementType) throws { try Self.checkPairs(op, type) }

  @Test(arguments: [0, 1], numbers) func modulo(_ fmod: Int64, _ type: ElementType) throws {
    try Self.checkPairs("Mod", type, ["fmod": .int(fmod)])
  }

  @Test(arguments: ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"], numbers)
  func comparison(_ op: String, _ type: ElementType) throws { try Self.checkPairs(op, type) }

  @Test(arguments: ["And", "Or", "Xor", "Equal"]) func logic(_ op: String) throws { try Self.checkPairs(op, .bool) }

  @Test(arguments: ["BitwiseAnd", "BitwiseOr", "BitwiseXor"], integers) func bits(_ op: String, _ type: ElementType) throws {
    try Self.checkPairs(op, type)
  }

  @Test(arguments: ["LEFT", "RIGHT"], integers) func shifts(_ direction: String, _ type: ElementType) throws {
    try Self.checkPairs("BitShift", type, ["direction": .text(direction)])
  }

  @Test(arguments: [ElementType.int32, .int64, .float64]) func power(_ type: ElementType) throws { try Self.checkPairs("Pow", type) }

  @Test(arguments: numbers.filter { $0 != .float32 && (Set.floats.contains($0) || $0.byteWidth > 2) })
  func prelu(_ type: ElementType) throws {
    for (index, slope) in [[5, 67], [67], [5, 1], []].map({ try! Shape($0) }).enumerated() {
      let inputs = [try Self.mixed(type, [3, 5, 67], seed: index), try Self.mixed(type, slope, seed: index + 9)]
      try GenericRowTests.check(NodeCase("PRelu", inputs), "prelu_elements", "\(type)")
    }
  }

  static let operandShapes: [[Shape]] = [
    [[37], [37], [37]], [[3, 5, 7], [5, 1], [7]], [[], [1], [33]], [[2, 1], [3], [1], [2, 3], []],
    [[16411], [], [16411]], [[9, 1, 1009], [4, 1], [9, 1, 1], [1], [1009], [9, 4, 1009]], [[3, 1], [2, 3, 1], [1]], [[0, 3], [3], []],
    [[9, 40, 7], [7], [9, 40, 7]], [[700, 9], [700, 1], [9]], [[50, 1], [50, 1], [50, 30]],
  ]

  /// Maxima and minima are those of the reference; sums and means are where they are computed in the reference's numbers.
  @Test(arguments: ["Max", "Min"], numbers) func extremes(_ op: String, _ type: ElementType) throws {
    for (index, shapes) in Self.operandShapes.enumerated() {
      let inputs = try shapes.enumerated().map { try Self.mixed(type, $1, seed: index * 10 + $0) }
      try GenericRowTests.check(NodeCase(op, inputs), KernelRow.name(of: op, "elements"), "\(type)")
    }
  }

  @Test(arguments: ["Sum", "Mean"], floats) func sums(_ op: String, _ type: ElementType) throws {
    for (index, shapes) in (Self.operandShapes + [[[41], [41]]]).enumerated() {
      let inputs = try shapes.enumerated().map { place, shape in
        NodeCase.Input.given(try NodeCase.noise(shape, seed: index * 10 + place).converted(to: type))
      }
      let test = NodeCase(op, inputs)
      let expected = try test.run(.referenceOnly).results[0].doubles()
      // Rounding once in the type, and each sum in float32 beside it.
      let limit = [ElementType.float16: 0x1p-10, .bfloat16: 0x1p-7, .float32: 0x1p-20, .float64: 0x1p-50][type]!
      for isa in ISA.tiers {
        let single = try test.run(KernelTable(), isa: isa)
        #expect(single.rows == [KernelRow.name(of: op, "elements")])
        let actual = try single.results[0].doubles()
        for (a, e) in zip(actual, expected) where !((a - e).magnitude <= limit * max(e.magnitude, Double(2 * shapes.count))) {
          Issue.record("\(op) of \(shapes) \(type), \(isa.name): \(a) instead of \(e)")
          break
        }
        for threads in [2, 3] {
          let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
          try GenericRowTests.expectIdentical(parallel.results[0], single.results[0], "\(op) \(type), \(threads) threads")
        }
      }
    }
  }

  /// A sum that a float16 cannot hold has a mean that it can; one operand is its own sum.
  @Test func meansDoNotOverflow() throws {
    let x = try Tensor([Float16](repeating: 60000, count: 70), shape: [70])
    let mean = try NodeCase("Mean", [.given(x), .given(x), .given(x)]).run(KernelTable())
    #expect(try mean.results[0].elements(as: Float16.self) == x.elements(as: Float16.self))
    #expect(try NodeCase("Sum", [.given(x)]).run(KernelTable()).results[0].elements(as: Float16.self) == x.elements(as: Float16.self))
  }

  static let lengths: [Shape] = [[], [0], [37], [3, 67], [16411]]

  static func checkUnary(_ op: String, _ type: ElementType, _ row: String, _ attributes: [String: Attribute] = [:]) throws {
    for shape in lengths {
      try GenericRowTests.check(NodeCase(op, [try mixed(type, shape, seed: 3)], attributes), row, "\(type)")
    }
  }

  @Test func logicalNot() throws { try Self.checkUnary("Not", .bool, "not_elements") }
  @Test(arguments: integers) func bitwiseNot(_ type: ElementType) throws {
    try Self.checkUnary("BitwiseNot", type, "bitwise_not_elements")
  }
  @Test(arguments: ["Abs", "Sign"], numbers) func ofNumbers(_ op: String, _ type: ElementType) throws {
    let hasOwn = op == "Abs" && type == .float32
    try Self.checkUnary(op, type, KernelRow.name(of: op, hasOwn ? "f32" : "elements"))
  }
  @Test(arguments: ["Neg", "Relu"], numbers.filter { $0.domain != .unsigned && $0 != .float32 })
  func ofSigned(_ op: String, _ type: ElementType) throws { try Self.checkUnary(op, type, KernelRow.name(of: op, "elements")) }
  @Test(arguments: ["Floor", "Ceil", "Round", "Sqrt", "Reciprocal"], [ElementType.float16, .bfloat16, .float64])
  func ofFloats(_ op: String, _ type: ElementType) throws { try Self.checkUnary(op, type, KernelRow.name(of: op, "elements")) }
  @Test(arguments: ["LeakyRelu", "HardSigmoid", "HardSwish", "Softsign", "ThresholdedRelu"], [ElementType.float64])
  func activations(_ op: String, _ type: ElementType) throws { try Self.checkUnary(op, type, KernelRow.name(of: op, "elements")) }
  @Test(arguments: floats) func floatTests(_ type: ElementType) throws {
    try Self.checkUnary("IsNaN", type, "float_test_elements")
    try Self.checkUnary("IsInf", type, "float_test_elements")
    try Self.checkUnary("IsInf", type, "float_test_elements", ["detect_negative": .int(0)])
    try Self.checkUnary("IsInf", type, "float_test_elements", ["detect_positive": .int(0)])
  }

  /// Limits of the run, either one missing, and limits that cross.
  @Test(arguments: numbers) func clips(_ type: ElementType) throws {
    let (low, high) = (try Self.wholes(type, [2]), try Self.wholes(type, [100]))
    for (index, limits) in [[low, high], [low], [.none, high], [high, low], []].enumerated() where type != .float32 || index < 4 {
      for shape in Self.lengths {
        let inputs = [try Self.mixed(type, shape, seed: index)] + limits
        try GenericRowTests.check(NodeCase("Clip", inputs), "clip_elements", "\(type)")
      }
    }
  }

  static func wholes(_ type: ElementType, _ values: [Double]) throws -> NodeCase.Input {
    .given(
      type.isFloating
        ? try Tensor(floating: values, as: type, shape: []) : try Tensor(integral: values.map { Int64($0) }, as: type, shape: []))
  }

  /// Every width that elements have, and every way to broadcast the three operands.
  @Test(arguments: [ElementType.int8, .bool, .float16, .bfloat16, .float32, .int64, .complex64, .complex128])
  func whereSelects(_ type: ElementType) throws {
    let shapes: [(Shape, Shape, Shape)] = [
      ([37], [37], [37]), ([37], [], [37]), ([37], [37], []), ([], [5, 7], [5, 7]), ([5, 1], [7], [5, 7]), ([37], [], []),
      ([1, 1, 6, 9], [], [2, 3, 6, 9]), ([2, 3, 1], [3, 4], [2, 1, 1]), ([0], [], []), ([], [], []), ([16411], [16411], []),
      ([3, 1, 1], [9, 1], [1, 1009]), ([2, 1], [2, 40009], [40009]), ([130, 37], [130, 37], [37]),
      ([130, 37], [37], [9, 130, 37]), ([37], [130, 37], [130, 37]), ([130, 37], [37], [37]),
    ]
    for (index, (c, a, b)) in shapes.enumerated() {
      let inputs = [
        try Self.mixed(.bool, c, seed: index), try Self.mixed(type, a, seed: index + 10), try Self.mixed(type, b, seed: index + 20),
      ]
      try GenericRowTests.check(NodeCase("Where", inputs), "where_width", "\(type)")
    }
  }

  @Test(arguments: numbers + [.bool], numbers + [.bool]) func casts(_ from: ElementType, _ to: ElementType) throws {
    guard from != to else { return }
    for shape in [[], [0, 3], [5, 67], [16411]] as [Shape] {
      let x = try Self.mixed(from, shape, seed: 1)
      try GenericRowTests.check(NodeCase("Cast", [x], ["to": .int(Int64(to.rawValue))]), "cast_elements", "\(from) to \(to)")
    }
    let like = NodeCase("CastLike", [try Self.mixed(from, [9], seed: 1), try Self.mixed(to, [1], seed: 2)])
    try GenericRowTests.check(like, "cast_elements", "\(from) to \(to)")
  }

  static let narrow: [ElementType] = [
    .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1, .float6e2m3, .float6e3m2, .int4, .uint4,
    .int2, .uint2,
  ]

  @Test(arguments: narrow, numbers + narrow + [.bool]) func castsOfFewBits(_ from: ElementType, _ to: ElementType) throws {
    guard from != to else { return }
    for shape in (to == .float32 ? [[5, 67], [16411]] : [[5, 67]]) as [Shape] {
      let x = try Self.mixed(from, shape, seed: 1)
      try GenericRowTests.check(NodeCase("Cast", [x], ["to": .int(Int64(to.rawValue))]), "cast_lookup", "\(from) to \(to)")
    }
  }

  static let narrowFloats: [ElementType] = [
    .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1, .float6e2m3, .float6e3m2,
  ]

  /// Every bit pattern of a float16, so every tie, and numbers past both ends.
  @Test(arguments: [ElementType.float32, .float16, .bfloat16, .int16, .uint16], narrowFloats)
  func castsToFewBits(_ from: ElementType, _ to: ElementType) throws {
    let every = try Tensor((0...65535).map { Float(Float16(bitPattern: UInt16($0))) }, shape: [65536])
    for x in [try GenericRowTests.mixed(.float32, [5, 67], seed: 1), every] {
      for saturate in [0, 1] as [Int64] {
        let attributes: [String: Attribute] = ["to": .int(Int64(to.rawValue)), "saturate": .int(saturate)]
        let test = NodeCase("Cast", [.given(try x.converted(to: from))], attributes)
        try GenericRowTests.check(test, "cast_narrow_float", "\(from) to \(to)")
      }
    }
  }

  @Test(arguments: numbers, [ElementType.int4, .uint4, .int2, .uint2]) func castsToFewWholeBits(_ from: ElementType, _ to: ElementType)
    throws
  {
    for shape in [[5, 67], [16411]] as [Shape] {
      let x = try Self.mixed(from, shape, seed: 1)
      let row = from.byteWidth == 1 ? "cast_lookup" : "cast_narrow_integer"
      try GenericRowTests.check(NodeCase("Cast", [x], ["to": .int(Int64(to.rawValue))]), row, "\(from) to \(to)")
    }
  }

  @Test func textsGoToTheReference() throws {
    let texts = NodeCase.Input.given(try Tensor(["a", "b"], shape: [2]))
    #expect(try NodeCase("Equal", [texts, texts]).run(KernelTable()).rows == ["reference"])
  }

  /// Kernels that take over the memory of an operand, broadcast or not, on the left or on the right.
  @Test func chainsRunInPlace() throws {
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .int64, [5, 41])
    let row = builder.input("row", .int64, [41])
    var y = builder.node("Add", x, row)
    y = builder.node("Sub", row, y)
    y = builder.node("Mul", y, y)
    y = builder.node("Div", x, y)
    y = builder.node("Max", row, y, x)
    y = builder.node("Where", builder.node("Not", builder.node("Greater", y, row)), y, x)
    y = builder.node("Cast", y, attributes: ["to": .int(11)])
    builder.output(builder.node("Mul", y, y))
    let tensors = [try GenericRowTests.mixed(.int64, [5, 41], seed: 8), try GenericRowTests.mixed(.int64, [41], seed: 9)]
    let fast = try GraphRun.plan(builder.graph, tensors)
    #expect(!fast.steps.map(\.kernelName).contains(KernelTable.referenceName))
    let expected = try GraphRun.run(GraphRun.plan(builder.graph, tensors, table: .referenceOnly), tensors)
    try GenericRowTests.expectIdentical(GraphRun.run(fast, tensors)[0], expected[0], "chain")
  }
}
