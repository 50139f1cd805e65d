import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Operators on other values than tensors, and the stacks that loops collect in: what a hostile model could make of them.
struct ValueRobustnessTests {
  private static func make(
    _ op: String, domain: String = "", inputs: [ValueID?], outputs: Int = 1, _ attributes: [String: Attribute] = [:]
  ) throws -> any Operator {
    try Catalog.make(
      Node(
        op: OperatorName(op, domain: domain), opset: domain.isEmpty ? Catalog.newestOpset : 1, inputs: inputs,
        outputs: (0..<outputs).map { ValueID(10 + $0) }, attributes: attributes))
  }

  @Test(arguments: [
    (ValueType.tensor(.float32, shape: nil), ValueType.tensor(.int64, shape: nil)),
    (.tensor(.float32, shape: [2]), .sequence(.tensor(.float32, shape: nil))),
  ])
  func anOptionalIsOfTheTypeOfItsInput(_ input: ValueType, _ type: ValueType) throws {
    let made = try Self.make("Optional", inputs: [ValueID(0)], ["type": .type(type)])
    let error = #expect(throws: OnyxError.self) { try made.infer(InferenceContext(inputs: [Inferred(input)], outputCount: 1)) }
    #expect(error?.code == .invalidModel)
    let same = try Self.make("Optional", inputs: [ValueID(0)], ["type": .type(ValueType(input.kind))])
    #expect(try same.infer(InferenceContext(inputs: [Inferred(input)], outputCount: 1))[0].type == .optional(input))
  }

  /// A tensor without elements has as many parts as its extent says, and each takes memory.
  @Test(arguments: [nil, i64([1], []), i64([1 << 20], [])]) func theNumberOfPartsIsBounded(_ split: Tensor?) throws {
    let made = try #require(
      try Self.make("SplitToSequence", inputs: [ValueID(0), split.map { _ in ValueID(1) }]) as? any ValueOperator)
    for shape: Shape in [[1 << 60, 0], [.max, 0]] {
      let input = Value.tensor(try .zeros(.float32, shape: shape))
      let error = #expect(throws: OnyxError.self) {
        var context = ValueContext(inputs: [input, split.map { .tensor($0) }])
        _ = try made.evaluate(&context)
      }
      #expect(error?.code == .budgetExceeded)
    }
  }

  /// Beside an extent of 0 the others may be of any size, and their products with a width would overflow.
  @Test(arguments: [ElementType.float64, .string]) func blocksWithoutElementsAreOfAnyShape(_ type: ElementType) throws {
    for (shape, axis) in [([0, 1 << 61], 0), ([1 << 60, 0], 0), ([1 << 60, 4, 0], 1), ([0, .max], 1)] as [(Shape, Int)] {
      let tensor = try Tensor.zeros(type, shape: shape)
      #expect(try tensor.slice(axis: axis, from: 0, count: 0).elementCount == 0)
      #expect(try tensor.slice(axis: axis, from: 0, count: shape[axis]).shape == shape)
      #expect(try Tensor.concatenated([tensor], axis: axis).shape == shape)
    }
  }

  @Test func aStackCountsItsStrings() throws {
    let row = strings(["abc", ""])
    var stack = try TensorStack(like: row, capacity: nil)
    for _ in 0..<10 { try stack.append(row) }
    #expect(stack.byteCount >= 10 * (3 + 2 * MemoryLayout<String>.stride))
    #expect(row.byteCount == 3)
    #expect(row.heldByteCount == 3 + 2 * MemoryLayout<String>.stride)
    #expect(Value.sequence(of: .tensor(.string), [.tensor(row)]).heldByteCount >= row.heldByteCount + MemoryLayout<Value>.stride)
    #expect(f32([1, 2]).heldByteCount == 8)
  }

  // MARK: BatchedScan

  /// The sum of the state and an element, as the next state and as what is collected.
  private static func scan(_ inputs: [Tensor?]) throws -> (results: [Tensor], inferences: Int) {
    var body = GraphBuilder("body", opset: Catalog.newestOpset)
    let sum = body.node("Add", body.input("s", .float32, [2]), body.input("x", .float32, [2]))
    body.output(sum, body.node("Identity", sum))
    let made = try make(
      "BatchedScan", domain: "onyx", inputs: [inputs[0].map { _ in ValueID(0) }, ValueID(1), ValueID(2)], outputs: 2,
      ["body": .graph(body.graph), "num_scan_inputs": .int(1)])
    let scan = try #require(made as? any BodyOperator)
    let (types, inferences) = (inputs.map { $0.map { Inferred(.tensor($0.elementType, $0.shape)) } }, Count())
    let context = BodyContext(
      inputs: inputs.map { $0.map { .tensor($0) } }, outputCount: 2,
      outputTypes: { () throws(OnyxError) in
        inferences.value += 1
        return try scan.infer(InferenceContext(inputs: types, outputCount: 2)).map(\.type)
      }, hold: { _ in }, check: {},
      call: { (_, values: inout [Value]) throws(OnyxError) in
        let (a, b) = (try values[0].tensor().doubles(), try values[1].tensor().doubles())
        let sum = try Tensor(floating: zip(a, b).map { $0 + $1 }, as: .float32, shape: [2])
        return [.tensor(sum), .tensor(sum)]
      })
    return (try scan.run(context).map { try $0.tensor() }, inferences.value)
  }

  private final class Count { var value = 0 }

  /// By hand.
  @Test func batchesWithoutIterationsCollectZeros() throws {
    let states = f32([1, 2, 3, 4, 5, 6], [3, 2])
    let elements = f32((1...12).map { Double($0) }, [3, 2, 2])
    let (results, inferences) = try Self.scan([i64([0, 2, 0]), states, elements])
    #expect(results[0] == f32([1, 2, 3 + 5 + 7, 4 + 6 + 8, 5, 6], [3, 2]))
    #expect(results[1] == f32([0, 0, 0, 0, 8, 10, 15, 18, 0, 0, 0, 0], [3, 2, 2]))
    #expect(inferences == 1)
  }

  @Test func noIterationLeavesTheStates() throws {
    let states = f32([1, 2, 3, 4], [2, 2])
    let results = try Self.scan([nil, states, f32([], [2, 0, 2])]).results
    #expect(results[0] == states)
    #expect(results[1].shape == [2, 0, 2])
    let none = try Self.scan([nil, f32([], [0, 2]), f32([], [0, 1 << 60, 2])]).results
    #expect(none.map(\.shape) == [[0, 2], [0, 1 << 60, 2]])
  }

  @Test func lengthsBeyondTheExtentAreRefused() throws {
    for length: Int64 in [-1, 3] {
      let error = #expect(throws: OnyxError.self) { try Self.scan([i64([length]), f32([1, 2], [1, 2]), f32([1, 2, 3, 4], [1, 2, 2])]) }
      #expect(error?.reason.contains("A scan of \(length)") == true)
    }
  }
}
