import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// FusedMatMul, FusedAttention and ChannelsLastConv. Expected numbers: PyTorch 2.15 in float64.
struct TransformerOperatorTests {
  static func wave(_ shape: Shape, _ seed: Int = 0) -> Tensor { AttentionBlockTests.wave(shape, seed) }

  static func run(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    try #require(try OnyxOperatorsTests.evaluate(op, inputs, attributes: attributes, domain: "onyx").first)
  }

  static let products: [(inputs: [Tensor?], activation: String, expected: [Double])] = [
    (
      [wave([2, 2, 3]), wave([3, 4], 1)], "none",
      [
        0.3125, -0.234375, -0.265625, 0.390625, -0.046875, 0.625, -0.078125, -0.09375, -0.0625, 0.625, -0.0625, -0.0625, -0.078125, 0.625,
        -0.046875, -0.03125,
      ]
    ),
    (
      [wave([2, 2, 3]), wave([3, 4], 1), wave([4], 2)], "none",
      [
        0.4375, -0.609375, 0.234375, 0.390625, 0.078125, 0.25, 0.421875, -0.09375, 0.0625, 0.25, 0.4375, -0.0625, 0.046875, 0.25, 0.453125,
        -0.03125,
      ]
    ),
    (
      [wave([2, 2, 3]), wave([3, 4], 1), wave([4], 2), wave([2, 2, 4], 3)], "relu",
      [
        0.9375, 0.0, 0.0, 0.765625, 0.0, 0.0, 0.671875, 0.0, 0.6875, 0.375, 0.0625, 0.4375, 0.046875, 0.0, 0.828125, 0.0,
      ]
    ),
    (
      [wave([2, 2, 3]), wave([3, 4], 1), wave([4], 2)], "gelu",
      [
        0.292742455232, -0.16522468975, 0.138903062661, 0.25467296022, 0.041494975748, 0.149676581421, 0.279889539187, -0.043373800823,
        0.032807354314, 0.149676581421, 0.292742455232, -0.029692645686, 0.024313761251, 0.149676581421, 0.305755443004, -0.01523547133,
      ]
    ),
  ]

  @Test(arguments: products.indices) func fusedMatMul(_ row: Int) throws {
    let (inputs, activation, expected) = Self.products[row]
    let y = try Self.run("FusedMatMul", inputs, ["activation": .text(activation)])
    expectClose(y, f32(expected, [2, 2, 4]), tolerance: 1e-6, "row \(row)")
  }

  static func axes(_ q: String, _ k: String, _ v: String, _ y: String, mask: String? = nil, scale: Float = 1) -> [String: Attribute] {
    var attributes: [String: Attribute] = [
      "q_axes": .text(q), "k_axes": .text(k), "v_axes": .text(v), "y_axes": .text(y), "scale": .float(scale),
    ]
    if let mask { attributes["m_axes"] = .text(mask) }
    return attributes
  }

  static let packed = wave([2, 3, 3, 2, 2], 1)

  @Test func piecesOfOneProjection() throws {
    let attributes = Self.axes("b s 0 h d", "b t 1 h d", "b t 2 h e", "b s h e", scale: 0.75)
    let y = try Self.run("FusedAttention", [Self.packed, Self.packed, Self.packed], attributes)
    let expected: [Double] = [
      -0.093290851484, -0.232035038546, 0.219591944574, 0.193946594122, -0.180910584306, -0.248993014664, 0.209344422291, 0.10253874079,
      -0.207901685468, -0.190314216796, 0.175817312581, 0.215180615583, 0.15434826436, 0.04957398633, 0.034819384417, 0.074182687419,
      0.140703322416, 0.187136556643, 0.143969095704, -0.023968458988, 0.199182687419, 0.146330570885, 0.046516259654, 0.086486763219,
    ]
    expectClose(y, f32(expected, [2, 3, 2, 2]), tolerance: 1e-6, "self-attention")
  }

  @Test func maskOfKeys() throws {
    let attributes = Self.axes("b s 0 h d", "b t 1 h d", "b t 2 h e", "b s h e", mask: "b 0 0 t", scale: 0.75)
    let y = try Self.run("FusedAttention", [Self.packed, Self.packed, Self.packed, Self.wave([2, 1, 1, 3], 5)], attributes)
    let expected: [Double] = [
      0.018990471768, -0.280812184781, 0.348499578481, 0.126038000327, -0.073044151069, -0.310844645146, 0.311444306399, 0.04718593467,
      -0.085118312094, -0.264668820198, 0.308850777449, 0.138092190561, 0.264717596893, 0.014371723115, -0.063601671256, 0.207804831877,
      0.280279393421, 0.125, 0.067698089799, 0.096159229406, 0.332804831877, 0.099395785838, -0.051988232148, 0.213406336355,
    ]
    expectClose(y, f32(expected, [2, 3, 2, 2]), tolerance: 1e-6, "masked")
  }

  @Test func featuresOutermost() throws {
    let y = try Self.run(
      "FusedAttention", [Self.wave([2, 3], 1), Self.wave([2, 4], 2), Self.wave([4, 3], 3)], Self.axes("d s", "d t", "t e", "e s"))
    let expected: [Double] = [
      0.30879486289, 0.312526030826, 0.311523338289, -0.19120513711, -0.187473969174, -0.188476661711, 0.006760057134, 0.039586832768,
      0.015133669758,
    ]
    expectClose(y, f32(expected, [3, 3]), tolerance: 1e-6, "cross-attention")
  }

  @Test func channelsLastConv() throws {
    let attributes: [String: Attribute] = ["group": .int(2), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 0])]
    let y = try Self.run("ChannelsLastConv", [Self.wave([2, 4, 3, 2]), Self.wave([2, 1, 3, 2], 2), Self.wave([2], 4)], attributes)
    let expected: [Double] = [
      -1.25, 0.328125, -0.421875, 0.78125, 0.015625, -0.28125, -0.625, 0.578125, -0.421875, 0.78125, -0.28125, -0.140625, -0.625, 0.578125,
      -0.578125, 1.09375,
    ]
    expectClose(y, f32(expected, [2, 2, 2, 2]), tolerance: 1e-6, "depthwise")
  }

  static func type(_ op: String, _ shapes: [[Dimension]?], _ attributes: [String: Attribute] = [:]) throws -> String {
    let node = Node(
      op: OperatorName(op, domain: "onyx"), opset: 1, inputs: shapes.indices.map { ValueID($0) }, outputs: [ValueID(shapes.count)],
      attributes: attributes)
    let inputs = shapes.map { shape in shape.map { Inferred(.float32, $0) } }
    return try "\(Catalog.make(node).infer(InferenceContext(inputs: inputs, outputCount: 1))[0].type)"
  }

  @Test func sizesAreSymbolic() throws {
    #expect(try Self.type("FusedMatMul", [["n", 197, 6], [6, 4], [4], ["n", 197, 4]]) == "float32[n,197,4]")
    let pieces = Self.axes("b s 0 h d", "b t 1 h d", "b t 2 h e", "b s h e")
    let packed: [Dimension] = ["n", "length", 3, 6, 64]
    #expect(try Self.type("FusedAttention", [packed, packed, packed], pieces) == "float32[n,length,6,64]")
    #expect(try Self.type("ChannelsLastConv", [["n", "h", 9, 8], [8, 1, 3, 3]], ["group": .int(8)]) == "float32[n,h-2,7,8]")
  }

  @Test func productsAreCounted() throws {
    let op = try Catalog.make(
      Node(
        op: OperatorName("FusedAttention", domain: "onyx"), opset: 1, inputs: [ValueID(0), ValueID(1), ValueID(2)], outputs: [ValueID(3)],
        attributes: Self.axes("b s h d", "b t h d", "b t h e", "b s h e")))
    let types: [ValueType?] = [[2, 5, 3, 4], [2, 7, 3, 4], [2, 7, 3, 6]].map { .tensor(.float32, $0 as Shape) }
    #expect(op.multiplyAccumulates(inputs: types, outputs: [nil])?.known == 2 * 3 * 5 * 7 * 10)
  }

  static let refused: [(op: String, shapes: [[Dimension]?], attributes: [String: Attribute], reason: String)] = [
    ("FusedMatMul", [[2, 3], [3, 4], [2, 4]], [:], "must be a vector"),
    ("FusedMatMul", [[2, 3], [3, 4], [3]], [:], "3 elements for 4 columns"),
    ("FusedMatMul", [[2, 3], [3, 4], [4], [2, 3]], [:], "has not the shape"),
    ("FusedMatMul", [[2, 3], [3, 4]], ["activation": .text("odd")], "no activation"),
    ("FusedAttention", [[2, 3], [4, 3], [4, 3]], axes("s d", "t d", "t x", "s e"), "does not name axes"),
    ("FusedAttention", [[2, 3], [4, 3], [4, 3]], axes("s s", "t d", "t e", "s e"), "does not name axes"),
    ("FusedAttention", [[2, 3], [4, 5], [4, 3]], axes("s d", "t d", "t e", "s e"), "extents 3 and 5"),
    ("FusedAttention", [[2, 3], [4, 3], [4, 3]], axes("s d", "t d", "b t e", "s e"), "3 axes"),
    ("FusedAttention", [[2, 3, 2], [4, 3], [4, 3]], axes("s d 2", "t d", "t e", "s e"), "outside an axis of 2"),
    ("ChannelsLastConv", [[2, 3], [4, 1]], [:], "rank 2"),
  ]

  @Test(arguments: refused.indices) func refusesWhatIsWrong(_ row: Int) {
    let (op, shapes, attributes, reason) = Self.refused[row]
    #expect {
      _ = try Self.type(op, shapes, attributes)
    } throws: { "\($0)".contains(reason) }
  }
}
