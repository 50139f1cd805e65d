import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// Numbers that are not finite where they must not count, and sizes and keys that cost more than they should.
@Suite("Rows keep to the reference and to their bounds for hostile numbers and sizes")
struct HostileRowTests {
  // MARK: Numbers that do not count

  private static func wild(_ shape: Shape, seed: UInt64, every step: Int, from start: Int = 0) throws -> Tensor {
    var values = try Tensor.random(.float32, shape, in: -1.5...1.5, seed: seed).elements(as: Float.self)
    for index in stride(from: start, to: values.count, by: step) {
      values[index] = [.infinity, -.infinity, .nan][(index - start) / step % 3]
    }
    return try Tensor(values, shape: shape)
  }

  /// A query sees the keys up to its own, or the last few of them: values of the others may be anything.
  @Test(arguments: [nil, 2] as [Int64?]) func hiddenValuesDoNotCount(window: Int64?) throws {
    var step = GroupQueryRowTests.Step(sequence: 7, past: 5)
    if let window { step.attributes["local_window_size"] = .int(window) }
    let test = try step.test()
    var inputs = test.inputs
    let width = step.keyHeads * step.features
    inputs[2] = .given(try Self.wild([2, 7, width], seed: 3, every: 37, from: 2 * width))
    inputs[4] = .given(try Self.wild([2, step.keyHeads, 5, step.features], seed: 5, every: 61))
    let wild = NodeCase("GroupQueryAttention", inputs, test.attributes, domain: "com.microsoft", outputs: 3)
    let expected = try wild.run(.referenceOnly).results[0].elements(as: Float.self)
    let finite = expected.count { $0.isFinite }
    #expect(finite > 0 && finite < expected.count)
    try VisionRowTests.check(wild, "group_query_attention_f32")
  }

  /// The zero point is taken off a number, not off a sum that is not finite: one in the middle of the range leaves infinity.
  @Test(arguments: [4, 8]) func infinitiesMeetZeroPoints(bits: Int) throws {
    for rows in [1, 3, 7, 9] {
      let test = try NBitsRowTests.test(rows: [rows], depth: 70, columns: 37, bits: bits, block: 16, points: .bytes, hasBias: true)
      var inputs = test.inputs
      var a = try Tensor.random(.float32, [rows, 70], in: -2...2, seed: 1).elements(as: Float.self)
      a[3] = .infinity
      if rows > 2 { (a[150], a[69 + 70]) = (-.infinity, .nan) }
      inputs[0] = .given(try Tensor(a, shape: [rows, 70]))
      let wild = NodeCase("MatMulNBits", inputs, test.attributes, domain: "com.microsoft")
      let expected = try wild.run(.referenceOnly).results[0].elements(as: Float.self)
      let infinite = expected[..<37].count { $0.isInfinite }
      #expect(infinite > 0)
      try VisionRowTests.check(wild, "matmul_nbits_f32", tolerance: 1e-5)
    }
  }

  /// A mask scales what the corners make: where one of these lies outside, an infinite mask leaves the others.
  @Test(arguments: [1, 3, 20]) func infiniteMasksAtTheBorder(channels: Int) throws {
    let offsets = try Tensor.random(.float32, [1, 18, 6, 7], in: -2.5...2.5, seed: 4)
    for x in [
      try Tensor.random(.float32, [1, channels, 6, 7], in: -2...2, seed: 1), try Self.wild([1, channels, 6, 7], seed: 2, every: 19),
    ] {
      let inputs: [NodeCase.Input] = [
        .given(x), .weight([5, channels, 3, 3]), .given(offsets), .none, .given(try Self.wild([1, 9, 6, 7], seed: 6, every: 53)),
      ]
      let test = NodeCase("DeformConv", inputs, ["pads": .ints([1, 1, 1, 1])])
      try VisionRowTests.check(test, "deform_conv_f32_gathered", tolerance: 1e-5)
    }
  }

  @Test(arguments: [ElementType.float64, .float32]) func anAbsentAddendHasNoFactor(type: ElementType) throws {
    let (a, b) = (try Tensor.random(type, [3, 4], in: -2...2, seed: 1), try Tensor.random(type, [4, 5], in: -2...2, seed: 2))
    for beta: Float in [.infinity, .nan] {
      for alpha: Float in [1, 0.5] {
        let test = NodeCase("Gemm", [.given(a), .given(b)], ["alpha": .float(alpha), "beta": .float(beta)])
        let result = try test.run(KernelTable()).results[0].doubles()
        let wrong = result.count { !$0.isFinite }
        #expect(wrong == 0, "\(type), alpha \(alpha), beta \(beta)")
      }
    }
  }

  // MARK: Order of sums

  /// Floats that are combined are combined in their own type and in the order of the updates.
  @Test(arguments: ["add", "mul"]) func updatesAreCombinedInOrder(reduction: String) throws {
    var generator = SeededGenerator(seed: 5)
    let range: ClosedRange<Float> = reduction == "add" ? -1...1 : 0.5...2
    var updates: [Float] = []
    var indices: [Int64] = []
    for place in 0..<3 * 400 * 2 {
      let factor: Float = reduction == "add" && place % 7 == 0 ? 1e7 : 1
      updates.append(factor * Float.random(in: range, using: &generator))
      indices.append(Int64.random(in: -5..<5, using: &generator))
    }
    var data: [Float] = []
    for _ in 0..<3 * 5 * 2 { data.append(Float.random(in: range, using: &generator)) }
    func combine(_ old: inout Float, _ new: Float) { old = reduction == "add" ? old + new : old * new }
    var elements = data
    for place in updates.indices {
      let (outer, inner) = (place / 800, place % 2)
      let index = Int(indices[place] < 0 ? indices[place] + 5 : indices[place])
      combine(&elements[(outer * 5 + index) * 2 + inner], updates[place])
    }
    var slices = data
    for (place, index) in indices.prefix(400).enumerated() {
      for column in 0..<2 { combine(&slices[Int(index < 0 ? index + 15 : index) * 2 + column], updates[2 * place + column]) }
    }
    let cases: [(NodeCase, [Float])] = [
      (
        NodeCase(
          "ScatterElements",
          [
            .given(try Tensor(data, shape: [3, 5, 2])), .given(try Tensor(indices, shape: [3, 400, 2])),
            .given(try Tensor(updates, shape: [3, 400, 2])),
          ], ["axis": .int(1), "reduction": .text(reduction)]), elements
      ),
      (
        NodeCase(
          "ScatterND",
          [
            .given(try Tensor(data, shape: [15, 2])), .given(try Tensor(Array(indices.prefix(400)), shape: [400, 1])),
            .given(try Tensor(Array(updates.prefix(800)), shape: [400, 2])),
          ], ["reduction": .text(reduction)]), slices
      ),
    ]
    for (test, expected) in cases {
      for threads in [1, 2, 3] {
        let result = try test.run(KernelTable(), threads: threads)
        #expect(result.rows[0].hasSuffix("_reduced"))
        #expect(try result.results[0].elements(as: Float.self) == expected, "\(test.op), \(reduction), \(threads) threads")
      }
    }
  }

  // MARK: Costs

  /// Keys that one fixed factor would put into one place: looking up each of them would look at all others.
  @Test func keysCannotBeChosenToMeet() throws {
    let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
    var inverse = factor
    for _ in 0..<6 { inverse &*= 2 &- factor &* inverse }
    #expect(factor &* inverse == 1)
    let keys = (0..<60_000).map { Int64(bitPattern: UInt64($0) &* inverse) }
    let test = NodeCase(
      "LabelEncoder", [.given(try Tensor(keys, shape: [keys.count]))],
      ["keys_int64s": .ints(keys), "values_int64s": .ints(Array(0..<Int64(keys.count)))], domain: "ai.onnx.ml")
    let clock = ContinuousClock()
    let start = clock.now
    let result = try test.run(KernelTable())
    // Two seconds would be 30 ns for each of the looks of a search through half of the table.
    #expect(clock.now - start < .seconds(2) * Sanitizer.patience)
    #expect(result.rows != ["reference"])
    #expect(try result.results[0].elements(as: Int64.self) == Array(0..<Int64(keys.count)))
  }

  /// Nothing of a plan is made for each coordinate of a long axis.
  @Test(arguments: ["constant", "edge", "reflect", "wrap"]) func padsOfLongAxesAreNotWalked(mode: String) throws {
    let extent = 1 << 40
    let node = Node(name: "p", op: OperatorName("Pad"), opset: 25, inputs: [], outputs: [], attributes: ["mode": .text(mode)])
    let axes = try #require(try Catalog.make(node) as? Pad).axes([5], pads: [3, extent], axes: nil)
    var (coordinate, pieces) = (0, 0)
    while coordinate < 8 + extent, pieces < 50 {
      let piece = axes[0].piece(at: coordinate)
      try #require(piece.count > 0 && coordinate + piece.count <= 8 + extent)
      for offset in [0, piece.count / 2, piece.count - 1] {
        let source = piece.source.map { $0 + offset * piece.step }
        #expect(axes[0].source(of: coordinate + offset) == source)
      }
      coordinate += piece.count
      pieces += 1
    }
    #expect(mode == "reflect" || mode == "wrap" || (pieces == 3 && coordinate == 8 + extent))
    var builder = GraphBuilder(opset: Catalog.newestOpset)
    let x = builder.input("x", .int8, [5])
    builder.output(builder.node("Pad", x, builder.constant(try Tensor([3, Int64(1) << 31])), attributes: ["mode": .text(mode)]))
    let graph = builder.graph
    let clock = ContinuousClock()
    let start = clock.now
    #expect(throws: OnyxError.self) { try GraphRun.plan(graph, [try .zeros(.int8, shape: [5])]) }
    #expect(clock.now - start < .seconds(5) * Sanitizer.patience)
  }

  /// Memory that kernels take beside inputs and outputs is part of what a plan needs.
  @Test func memoryOfKernelsCounts() throws {
    func bytes(_ op: String, _ inputs: [NodeCase.Input], _ attributes: [String: Attribute] = [:], outputs: Int = 1) throws -> Int {
      let (graph, tensors) = try NodeCase(op, inputs, attributes, outputs: outputs).graph()
      let plan = try GraphRun.plan(graph, tensors)
      #expect(plan.steps.map(\.kernelName) != ["reference"], "\(op)")
      return plan.activationByteCount - plan.outputByteCounts.reduce(0, +)
    }
    let plane = 100 * 100
    #expect(try bytes("GridSample", [.float([1, 32, 100, 100]), .float([1, 60, 60, 2])]) >= 2 * plane * 64)
    let corners = try Tensor((0..<50).flatMap { _ in [1, 2, 80, 90] as [Float] }, shape: [50, 4])
    let rois: [NodeCase.Input] = [
      .float([1, 32, 100, 100]), .given(corners), .given(try Tensor(Array(repeating: Int64(0), count: 50))),
    ]
    #expect(try bytes("RoiAlign", rois, ["output_height": .int(7), "output_width": .int(7)]) >= 2 * plane * 64)
    let sizes = NodeCase.Input.constant(try Tensor([1, 8, 60, 70, 80] as [Int64]))
    let between = 8 * 60 * 20 * 20 * 4
    #expect(try bytes("Resize", [.float([1, 8, 20, 20, 20]), .none, .none, sizes], ["mode": .text("linear")]) >= between)
    // Four buffers and the factors of a prime length, whose convolution takes a power of two.
    #expect(try bytes("DFT", [.float([1, 65_537, 1])]) >= 4 * 262_144 * 8)
    let transposed = [NodeCase.Input.float([1, 8, 40, 40]), .weight([8, 16, 3, 3])]
    #expect(try bytes("ConvTranspose", transposed) >= 16 * 9 * 1600 * 4)
  }
}
