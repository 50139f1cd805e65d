import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// What the operators of com.microsoft refuse, and what they say of symbolic shapes.
struct ContribFailureTests {
  @Test(arguments: small + products + attention) func isRefused(_ test: FailureCase) { test.run() }

  private static func row(
    _ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:], outputs: Int = 1, code: OnyxError.Code = .invalidModel,
    says: String
  ) -> FailureCase {
    FailureCase(op, inputs, attributes, outputs: outputs, code: code, domain: "com.microsoft", says: says)
  }

  private static let image = ramp(.float32, [1, 1, 3, 3])
  private static let box = f32([0, 0, 1, 1], [1, 4])

  static let small: [FailureCase] = [
    row("Inverse", [f32([1, 2], [2])], says: "rank 1"),
    row("Inverse", [ramp(.float32, [2, 3])], says: "not square"),
    row("CropAndResize", [image, box, i32([1]), i32([2, 2])], says: "outside 0 ..< 1"),
    row("CropAndResize", [image, box, i32([0]), i32([0, 2])], says: "at least 1"),
    row("CropAndResize", [image, box, i32([0]), i32([1 << 30, 1 << 30])], code: .budgetExceeded, says: "does not fit in memory"),
    row("CropAndResize", [image, box, i32([0, 0]), i32([2, 2])], says: "differ in number"),
    row("CropAndResize", [image, f32([0, 0, 1], [1, 3]), i32([0]), i32([2, 2])], says: "[boxes, 4]"),
    row("CropAndResize", [image, box, i32([0]), i32([2, 2])], ["mode": .text("cubic")], says: "'mode'"),
    row("GatherBlockQuantized", [ramp(.uint8, [2, 4]), i32([0]), ramp(.float32, [2, 2])], ["block_size": .int(16)], says: "scales"),
    row(
      "GatherBlockQuantized", [ramp(.uint8, [2, 4]), i32([0]), ramp(.float32, [2, 1])], ["block_size": .int(24)], says: "power of two"),
    row("GatherBlockQuantized", [ramp(.uint8, [2, 4]), i32([0]), ramp(.float32, [2, 1])], ["bits": .int(3)], says: "2, 4 or 8"),
    row(
      "GatherBlockQuantized", [ramp(.uint8, [2, 4]), i32([0]), ramp(.float32, [2, 1])], ["gather_axis": .int(1), "quantize_axis": .int(0)],
      says: "along axis 0"),
  ]

  private static let sizes: [String: Attribute] = ["K": .int(16), "N": .int(2), "block_size": .int(16)]
  private static let weights = ramp(.uint8, [2, 1, 8])
  private static let scales = ramp(.float32, [2, 1])
  private static let a = ramp(.float32, [1, 16])

  static let products: [FailureCase] = [
    row("MatMulNBits", [a, weights, scales], ["K": .int(16), "N": .int(2)], says: "'block_size' is missing"),
    row("MatMulNBits", [a, weights, scales], sizes.merging(["bits": .int(3)]) { $1 }, code: .unsupported, says: "3 bits"),
    row("MatMulNBits", [a, weights, scales], sizes.merging(["block_size": .int(17)]) { $1 }, says: "power of two"),
    row("MatMulNBits", [a, weights, scales], sizes.merging(["K": .int(.max)]) { $1 }, says: "must be positive"),
    row("MatMulNBits", [a, weights, scales], sizes.merging(["weight_prepacked": .int(1)]) { $1 }, code: .unsupported, says: "device"),
    row("MatMulNBits", [ramp(.float32, [1, 15]), weights, scales], sizes, says: "16 columns"),
    row("MatMulNBits", [a, ramp(.uint8, [2, 1, 7]), scales], sizes, says: "[2, 1, 8]"),
    row("MatMulNBits", [a, weights, ramp(.float32, [2, 2])], sizes, says: "The scales"),
    row("MatMulNBits", [a, weights, scales, ramp(.uint8, [3])], sizes, says: "The zero points"),
    row("MatMulNBits", [a, weights, scales, nil, i32(Array(repeating: 1, count: 16))], sizes, says: "outside 0 ..< 1"),
    row("MatMulNBits", [a, weights, scales, nil, nil, ramp(.float32, [3])], sizes, says: "The bias"),
    row(
      "DynamicQuantizeLSTM",
      [
        ramp(.float32, [1, 1, 2]), ramp(.int8, [1, 2, 8]), ramp(.int8, [1, 2, 8]), nil, nil, nil, nil, nil, f32([1, 1, 1], [1, 3]),
        ramp(.int8, [1]), f32([1], [1]), ramp(.int8, [1]),
      ], ["hidden_size": .int(2)], says: "Input 8"),
  ]

  private static let heads: [String: Attribute] = ["num_heads": .int(2), "kv_num_heads": .int(1)]
  private static let q = ramp(.float32, [1, 1, 8])
  private static let k = ramp(.float32, [1, 1, 4])
  private static let cache = ramp(.float32, [1, 1, 2, 4])
  private static let angles = ramp(.float32, [2, 2])

  private static func group(
    _ inputs: [Tensor?], _ more: [String: Attribute] = [:], outputs: Int = 1, code: OnyxError.Code = .invalidModel, says: String
  ) -> FailureCase {
    row("GroupQueryAttention", inputs, heads.merging(more) { $1 }, outputs: outputs, code: code, says: says)
  }

  static let attention: [FailureCase] = [
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["kv_num_heads": .int(3)], says: "cannot be shared"),
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["num_heads": .int(.max)], says: "cannot be shared"),
    group([q, k, nil, nil, nil, i32([0]), i32([1], [])], says: "together"),
    group(
      [q, k, k, nil, nil, i32([0]), i32([1], [])], ["num_heads": .int(1 << 62), "kv_num_heads": .int(1 << 62)], says: "cannot be shared"),
    group([q, k, k, cache, nil, i32([0]), i32([1], [])], says: "together"),
    group([q, k, k, f32([1], []), f32([1], []), i32([0]), i32([1], [])], says: "A cache has the shape []"),
    group(
      [f32([], [1, .max, 0]), nil, nil, f32([], [1, 1, .max, 0]), f32([], [1, 1, .max, 0]), i32([1]), i32([1], [])], says: "does not fit"),
    group([q, k, k, nil, nil, i32([1]), i32([1], [])], says: "does not fit"),
    group([q, k, k, nil, nil, i32([-1]), i32([1], [])], says: "does not fit"),
    group([q, k, k, cache, cache, i32([3]), i32([3], [])], says: "does not fit"),
    group([q, k, k, nil, nil, i32([0, 0]), i32([1], [])], says: "'seqlens_k'"),
    group([q, q, q, nil, nil, i32([0]), i32([1], [])], says: "'key'"),
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["do_rotary": .int(1)], says: "'cos_cache'"),
    group([q, k, k, cache, cache, i32([2]), i32([3], []), angles, angles], ["do_rotary": .int(1)], says: "outside 0 ..< 2"),
    group([q, k, k, nil, nil, i32([0]), i32([1], []), ramp(.float32, [2, 3]), angles], ["do_rotary": .int(1)], says: "The angles"),
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["causal": .int(0), "local_window_size": .int(1)], says: "A window"),
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["qk_output": .int(1)], code: .unsupported, says: "scores as an output"),
    group([q, k, k, nil, nil, i32([0]), i32([1], [])], ["sliding_window_cache": .int(1)], code: .unsupported, says: "window-sized"),
    group(
      [q, k, k, ramp(.int8, [1, 1, 2, 4]), ramp(.int8, [1, 1, 2, 4]), i32([0]), i32([1], [])], code: .unsupported, says: "A cache of int8"),
    group([q, k, k, nil, nil, i32([0]), i32([1], []), nil, nil, nil, ramp(.float32, [1, 3, 1, 1])], says: "bias"),
  ]

  /// The cache grows to the total length, and one of fixed length stays.
  @Test func infersTheLengthOfTheCache() throws {
    let node = Node(
      op: OperatorName("GroupQueryAttention", domain: "com.microsoft"), opset: 1, inputs: (0..<7).map { ValueID($0) },
      outputs: (7..<10).map { ValueID($0) }, attributes: Self.heads)
    let op = try Catalog.makeTensorOperator(node)
    func length(past: Dimension, total: [Dimension]?) throws -> String {
      let inputs = [
        Inferred(.float32, ["b", "s", 8]), Inferred(.float32, ["b", "s", 4]), Inferred(.float32, ["b", "s", 4]),
        Inferred(.float32, ["b", 1, past, 4]), Inferred(.float32, ["b", 1, past, 4]), Inferred(.int32, ["b"]),
        Inferred(.tensor(.int32, shape: []), value: total.map { .dimensions($0) }),
      ]
      let results = try op.infer(InferenceContext(inputs: inputs, outputCount: 3, symbolPrefix: "tested"))
      #expect("\(results[0].type)" == "float32[b,s,8]")
      return "\(results[1].type)"
    }
    let grown = try Dimension(symbol: "p") + Dimension(symbol: "s")
    #expect(try length(past: "p", total: [grown]) == "float32[b,1,\(grown),4]")
    #expect(try length(past: 16, total: [5]) == "float32[b,1,16,4]")
    #expect(try length(past: 4, total: [5]) == "float32[b,1,5,4]")
    #expect(try length(past: "p", total: nil) == "float32[b,1,tested.present,4]")
  }

  /// Packed zero points and g_idx together, by hand: (7 − 3) · 0.5 and (7 − 1) · 2 for each of 16 columns. Omitted weights leave the bias.
  @Test func readsGroupsAndOmittedWeights() throws {
    let groups = (0..<18).map { Int64($0 % 2) }
    let product = try evaluate(
      "MatMulNBits",
      [
        f32(Array(repeating: 1, count: 18), [1, 18]), tensor(.uint8, Array(repeating: 0x77, count: 16), [1, 2, 8]), f32([0.5, 2], [1, 2]),
        tensor(.uint8, [0x13], [1, 1]), ints(.int32, groups),
      ], attributes: ["K": .int(18), "N": .int(1), "block_size": .int(16)], domain: "com.microsoft")
    expectClose(product[0], f32([126], [1, 1]), "groups")
    let omitted = try evaluate(
      "MatMulNBits", [Self.a, tensor(.uint8, [], [0, 1, 8]), f32([], [0, 1]), nil, nil, f32([3, -1])], attributes: Self.sizes,
      domain: "com.microsoft")
    expectClose(omitted[0], f32([3, -1], [1, 2]), "omitted")
  }
}
