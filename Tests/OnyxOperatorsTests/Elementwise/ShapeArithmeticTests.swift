import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Values that shape arithmetic keeps symbolic, and those it may not claim.
struct ShapeArithmeticTests {
  /// An operand: symbolic or known int64 elements of rank 1, or of rank 0 when `isScalar`.
  private static func operand(_ elements: [Dimension], isScalar: Bool = false) -> Inferred {
    Inferred(.tensor(.int64, shape: isScalar ? [] : [Dimension(elements.count)]), value: .dimensions(elements))
  }

  private static func infer(_ op: String, _ inputs: [Inferred?], _ attributes: [String: Attribute] = [:]) throws -> Inferred {
    let made = try Catalog.make(
      Node(
        op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(9)],
        attributes: attributes))
    return try made.infer(InferenceContext(inputs: inputs, outputCount: 1, symbolPrefix: "n"))[0]
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let op: String
    let a: [Dimension]
    let b: [Dimension]
    /// nil: the value is not known.
    let expected: [String]?
    var testDescription: String { "\(op)(\(a), \(b))" }
  }

  private static let n: Dimension = "n"
  private static let m: Dimension = "m"
  private static let double = try! n * 2
  private static let next = try! n + 1
  private static let difference = try! n - m

  @Test(arguments: [
    Row(op: "Add", a: [n, 3], b: [2], expected: ["n+2", "5"]),
    Row(op: "Sub", a: [next], b: [n], expected: ["1"]),
    Row(op: "Mul", a: [n, m], b: [m, 4], expected: ["m*n", "4*m"]),
    Row(op: "Mul", a: [n], b: [0], expected: ["0"]),
    Row(op: "Div", a: [double, n], b: [2], expected: ["n", "floor(n/2)"]),
    Row(op: "Div", a: [n, -7], b: [n, 2], expected: ["1", "-3"]),
    Row(op: "Div", a: [difference], b: [2], expected: nil),
    Row(op: "Div", a: [n], b: [0], expected: nil),
    Row(op: "Mod", a: [double, n], b: [2, 2], expected: ["0", "(n)mod(2)"]),
    Row(op: "Mod", a: [difference], b: [2], expected: nil),
    Row(op: "Max", a: [n, n, n], b: [next, 0, m], expected: ["n+1", "n", "max(m,n)"]),
    Row(op: "Max", a: [difference], b: [0], expected: ["max(-m+n,0)"]),
    Row(op: "Min", a: [n, n, n], b: [next, 0, m], expected: ["n", "0", "min(m,n)"]),
    Row(op: "Min", a: [difference], b: [0], expected: nil),
    Row(op: "Add", a: [n], b: [Dimension(Int.max)], expected: ["n+9223372036854775807"]),
    Row(op: "Mul", a: [n, double], b: [Dimension(Int.max)], expected: nil),
  ])
  func elementwise(_ row: Row) throws {
    let result = try Self.infer(row.op, [Self.operand(row.a), Self.operand(row.b)])
    #expect(result.dimensions.map { $0.map(\.description) } == row.expected)
  }

  @Test(
    arguments: [
      ("Equal", n, n, true), ("Equal", n, next, false), ("Equal", next, 0, false), ("Equal", n, 0, nil), ("Equal", n, -1, false),
      ("Less", n, next, true), ("Less", next, n, false), ("Less", n, m, nil), ("Less", n, 0, false), ("Greater", next, 0, true),
      ("Greater", n, 0, nil), ("LessOrEqual", 0, n, true), ("GreaterOrEqual", n, 0, true), ("GreaterOrEqual", n, 1, nil),
    ] as [(String, Dimension, Dimension, Bool?)])
  func comparisons(_ op: String, _ a: Dimension, _ b: Dimension, _ expected: Bool?) throws {
    let result = try Self.infer(op, [Self.operand([a]), Self.operand([b])])
    #expect(try result.constant?.booleans().first == expected)
  }

  @Test func negationAndMagnitude() throws {
    #expect(try Self.infer("Neg", [Self.operand([Self.difference])]).dimensions?.description == "[m-n]")
    #expect(try Self.infer("Abs", [Self.operand([Self.n, -3])]).dimensions == [Self.n, 3])
    #expect(try Self.infer("Abs", [Self.operand([Self.difference])]).dimensions == nil)
  }

  @Test func whereTakesTheKnownBranch() throws {
    let condition = Inferred(constant: bools([true, false]))
    let result = try Self.infer("Where", [condition, Self.operand([Self.n, 7]), Self.operand([Self.m])])
    #expect(result.dimensions == [Self.n, Self.m])
    let open = Inferred(.bool, [1])
    #expect(try Self.infer("Where", [open, Self.operand([Self.n]), Self.operand([Self.m])]).dimensions == nil)
  }

  @Test func reductionsOfAShape() throws {
    let shape = Self.operand([Self.n, 3, Self.m])
    #expect(try Self.infer("ReduceProd", [shape], ["keepdims": .int(0)]).dimensions?.description == "[3*m*n]")
    #expect(try Self.infer("ReduceSum", [shape]).dimensions?.description == "[m+n+3]")
    #expect(try Self.infer("ReduceMax", [shape]).dimensions?.count == 1)
    #expect(try Self.infer("ReduceProd", [shape], ["noop_with_empty_axes": .int(1)]).dimensions == nil)
  }

  @Test func rangesOfSymbolicLength() throws {
    func range(_ start: Dimension, _ limit: Dimension, _ step: Dimension) throws -> Inferred {
      try Self.infer("Range", [start, limit, step].map { Self.operand([$0], isScalar: true) })
    }
    #expect(try range(0, Self.n, 1).shape == [Self.n])
    #expect(try range(0, Self.n, 2).shape?.description == "[ceil(n/2)]")
    #expect(try range(Self.n, 0, -1).shape == [Self.n])
    #expect(try range(Self.n, Self.next, 1).dimensions == [Self.n])
    #expect(try range(Self.next, Self.n, 1).shape == [0])
    #expect(try range(Self.m, Self.n, 1).shape == [Dimension(derived: "n.length")])
  }

  @Test func topKOfASymbolicCount() throws {
    let x = Inferred(.float32, ["batch", 10])
    #expect(try Self.infer("TopK", [x, Self.operand([Self.n])]).shape == ["batch", Self.n])
    #expect(try Self.infer("TopK", [x, Inferred(.int64, [1])]).shape == ["batch", Dimension(derived: "n.k")])
  }

  @Test func castKeepsDimensionsOfWideIntegers() throws {
    let shape = Self.operand([Self.n, 3])
    let narrow = try Self.infer("Cast", [shape], ["to": .int(6)])
    #expect(narrow.type == .tensor(.int32, shape: [2]) && narrow.dimensions == [Self.n, 3])
    #expect(try Self.infer("Cast", [shape], ["to": .int(1)]).value == nil)
    #expect(try Self.infer("Cast", [Self.operand([Self.n, 4_000_000_000])], ["to": .int(6)]).dimensions == nil)
  }

  /// Old exporters compute the size of an upsampling through floats.
  @Test func smallFloatConstantsAreEvaluated() throws {
    let size = try Self.infer("Cast", [Self.operand([7])], ["to": .int(1)])
    let scaled = try Self.infer("Mul", [size, Inferred(constant: f32([2.5]))])
    let whole = try Self.infer("Floor", [scaled])
    #expect(try Self.infer("Cast", [whole], ["to": .int(7)]).dimensions == [17])
  }

  @Test func reductionsOverUnknownAxes() throws {
    let x = Inferred(.float32, ["batch", 3, 4])
    #expect(try Self.infer("ReduceSum", [x, Inferred(.int64, [2])]).shape?.count == 3)
    #expect(try Self.infer("ReduceSum", [x, Inferred(.int64, [2])], ["keepdims": .int(0)]).shape?.count == 1)
    #expect(try Self.infer("ReduceSum", [x, Inferred(.int64, ["k"])], ["keepdims": .int(0)]).shape == nil)
    #expect(try Self.infer("ReduceSum", [x, Inferred(.int64, [0])], ["keepdims": .int(0)]).shape == [])
    #expect(try Self.infer("ReduceMean", [x, Inferred(constant: i64([-1]))]).shape == ["batch", 3, 1])
  }

  @Test func multiplyAccumulatesOfSquares() throws {
    let types: [ValueType?] = [.tensor(.float32, shape: ["batch", 3])]
    for (op, expected) in [("ReduceSumSquare", "3*batch"), ("ReduceL2", "3*batch"), ("ReduceSum", "0"), ("Add", "0")] {
      let made = try Catalog.make(Node(op: OperatorName(op), opset: Catalog.newestOpset, inputs: [ValueID(0)], outputs: [ValueID(1)]))
      #expect(made.multiplyAccumulates(inputs: types, outputs: [])?.description == expected, "\(op)")
    }
  }
}
