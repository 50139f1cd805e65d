import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// The block operator of the domain `onyx`. Expected numbers: PyTorch 2.15 in float64.
struct AttentionBlockTests {
  /// Element i is ((7·i + 3·seed) mod 11 − 5) / 8.
  static func wave(_ shape: Shape, _ seed: Int = 0) -> Tensor {
    f32((0..<shape.elementCount).map { Double(($0 * 7 + seed * 3) % 11 - 5) / 8 }, shape)
  }

  static let x = wave([2, 3, 2, 3])
  static let z = wave([2, 3, 2, 3], 7)
  static let mlp: [Tensor?] = [wave([2, 3], 1), nil, wave([3, 2], 3), nil]
  static let biasedMLP: [Tensor?] = [wave([2, 3], 1), wave([2], 2), wave([3, 2], 3), wave([3], 4)]
  static let none: [Tensor?] = [nil, nil, nil, nil]

  /// A block with the inputs after X.
  struct Row: Sendable {
    let name: String
    let inputs: [Tensor?]
    let block: AttentionBlock

    init(_ name: String, _ inputs: [Tensor?], _ fill: (inout AttentionBlock) -> Void) {
      self.name = name
      self.inputs = inputs
      var block = AttentionBlock()
      fill(&block)
      self.block = block
    }
  }

  static let rows: [Row] = [
    Row("se", mlp) { ($0.pooling, $0.gate, $0.hiddenActivation) = (.avg, .mlp, .relu) },
    Row("seMax", mlp) { ($0.pooling, $0.gate, $0.hiddenActivation) = (.max, .mlp, .relu) },
    Row("cseRelu", biasedMLP + [nil, nil, z]) { ($0.pooling, $0.gate, $0.hiddenActivation, $0.activation) = (.avg, .mlp, .relu, .relu) },
    Row("ese", [wave([3, 3], 5), wave([3], 6)]) {
      ($0.pooling, $0.gate, $0.gateActivation) = (.avg, .fc, .hardSigmoid(alpha: 0.25, beta: 0.5))
    },
    Row("eca", [wave([5], 2)]) { ($0.pooling, $0.gate) = (.avg, .conv1d) },
    Row("sse", none + [wave([1, 3, 1, 1], 8), wave([1], 1)]) { $0.spatial = .point },
    Row("scse", biasedMLP + [wave([1, 3, 1, 1], 8), wave([1], 1)]) {
      ($0.pooling, $0.gate, $0.hiddenActivation, $0.spatial, $0.join) = (.avg, .mlp, .relu, .point, .parallel)
    },
    Row("cbam5", mlp + [wave([1, 2, 5, 5], 5)]) { ($0.pooling, $0.gate, $0.hiddenActivation, $0.spatial) = (.both, .mlp, .relu, .conv) },
    Row("cbamConv7", [wave([3], 1), wave([1], 3), nil, nil, wave([1, 2, 7, 7], 6), wave([1], 1), z]) {
      ($0.pooling, $0.gate, $0.spatial) = (.both, .conv1d, .conv)
    },
    Row("spatial3", none + [wave([1, 2, 3, 3], 4)]) { $0.spatial = .conv },
    Row("spatial35", none + [wave([1, 2, 3, 5], 2), wave([1], 1)]) {
      ($0.spatial, $0.spatialActivation, $0.activation) = (.conv, .hardSigmoid(alpha: 0.2, beta: 0.5), .leakyRelu(alpha: 0.125))
    },
    Row("keras", biasedMLP + [wave([1, 2, 3, 3], 4), nil, x]) {
      ($0.pooling, $0.gate, $0.hiddenActivation, $0.outputActivation, $0.spatial) = (.both, .mlp, .relu, .relu, .conv)
    },
    Row("gate", biasedMLP) {
      ($0.pooling, $0.gate, $0.hiddenActivation, $0.gateActivation, $0.result) = (.avg, .mlp, .swish, .tanh, .gate)
    },
  ]

  static func evaluate(_ block: AttentionBlock, _ inputs: [Tensor?]) throws -> Tensor {
    try #require(try OnyxOperatorsTests.evaluate("AttentionBlock", inputs, attributes: block.attributes, domain: "onyx").first)
  }

  /// The elements of a plain value at the places of another layout; lanes without a channel hold 7.
  static func moved(_ tensor: Tensor, to block: AttentionBlock) throws -> Tensor {
    let plain = tensor.shape
    let pixels = plain[2] * plain[3]
    let shape: Shape =
      block.channels == nil ? [plain[0], plain[2], plain[3], plain[1]] : [plain[0], (plain[1] + 15) / 16, plain[2], plain[3], 16]
    let sizes = try AttentionBlockGeometry(block, shape)
    var values = [Double](repeating: 7, count: shape.elementCount)
    for (index, value) in try tensor.doubles().enumerated() {
      values[sizes.offset(index / pixels / plain[1], index / pixels % plain[1], index % pixels, plane: pixels)] = value
    }
    return f32(values, shape)
  }

  @Test(arguments: rows.indices) func givesTheExpectedNumbers(_ index: Int) throws {
    let row = Self.rows[index]
    let wanted = try #require(Self.expected[row.name])
    let y = try Self.evaluate(row.block, [Self.x] + row.inputs)
    let result = f32(wanted, row.block.result == .gate ? [2, 3, 1, 1] : [2, 3, 2, 3])
    // The steps round to float32, the expected numbers do not.
    expectClose(y, result, tolerance: 4e-6, row.name)
  }

  @Test(arguments: rows.indices, [AttentionBlock.Layout.first, .last]) func otherLayoutsGiveTheSame(
    _ index: Int, _ layout: AttentionBlock.Layout
  ) throws {
    let row = Self.rows[index]
    var block = row.block
    block.layout = layout
    if layout == .first { block.channels = 3 }
    var inputs = [Self.x] + row.inputs
    for position in [0, 7] where position < inputs.count { inputs[position] = try inputs[position].map { try Self.moved($0, to: block) } }
    let plain = try Self.evaluate(row.block, [Self.x] + row.inputs)
    let wanted = try Self.moved(plain, to: block)
    let y = try Self.evaluate(block, inputs)
    #expect(y.shape == wanted.shape)
    for (a, b) in zip(try y.doubles(), try wanted.doubles()) where b != 7 { #expect(a == b, "\(row.name)") }
  }

  @Test(arguments: rows.indices) func attributesSayTheBlock(_ index: Int) throws {
    let block = Self.rows[index].block
    let node = Node(
      op: OperatorName("AttentionBlock", domain: "onyx"), opset: 1, inputs: [ValueID(0)], outputs: [ValueID(1)],
      attributes: block.attributes)
    let made = try #require(try Catalog.make(node) as? AttentionBlock)
    #expect("\(made)" == "\(block)")
  }

  @Test func sizesAreSymbolic() throws {
    func type(_ block: AttentionBlock, _ shape: [Dimension]) throws -> String {
      let inputs: [Inferred?] = [Inferred(.float32, shape), Inferred(.float32, [3]), nil, nil, nil, nil, nil]
      return try "\(block.infer(InferenceContext(inputs: inputs, outputCount: 1))[0].type)"
    }
    var block = AttentionBlock()
    (block.pooling, block.gate) = (.avg, .conv1d)
    #expect(try type(block, ["n", 54, "h", "w"]) == "float32[n,54,h,w]")
    block.result = .gate
    #expect(try type(block, ["n", 54, "h", "w"]) == "float32[n,54,1,1]")
    block.channels = 54
    #expect(try type(block, ["n", 4, "h", "w", 16]) == "float32[n,4,1,1,16]")
    (block.channels, block.layout) = (nil, .last)
    #expect(try type(block, ["n", "h", "w", 54]) == "float32[n,1,1,54]")
  }

  @Test func productsAreCounted() throws {
    let row = try #require(Self.rows.first { $0.name == "cbam5" })
    let types = [Optional(ValueType.tensor(.float32, shape: ["n", 3, 4, 5]))] + row.inputs.map { $0.map { .tensor(.float32, $0.shape) } }
    // Two vectors through 2·6 weights; 50 taps at each of 20 pixels.
    #expect(row.block.multiplyAccumulates(inputs: types, outputs: [types[0]])?.description == "1024*n")
  }

  @Test func nanAndInfinityPass() throws {
    let x = f32([.nan, 1, 2, 3, -.infinity, 1, .infinity, 0], [1, 2, 2, 2])
    var block = AttentionBlock()
    (block.pooling, block.gate, block.result, block.gateActivation) = (.max, .conv1d, .gate, .none)
    let gates = try Self.evaluate(block, [x, f32([1])]).doubles()
    #expect(gates[0].isNaN && gates[1] == .infinity)
  }

  static let refused: [(String, [Tensor?], [String: Attribute], String)] = [
    ("nothing to do", [x], [:], "neither"),
    ("gate without pooling", [x, wave([3])], ["gate": .text("conv1d")], "pooling"),
    ("unknown gate", [x, wave([3])], ["gate": .text("gru"), "pooling": .text("avg")], "gru"),
    ("no weights", [x], ["gate": .text("conv1d"), "pooling": .text("avg")], "'W1' is missing"),
    ("weights too many", [x, wave([3]), nil, wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg")], "'W2' has no place"),
    ("even kernel", [x, wave([4])], ["gate": .text("conv1d"), "pooling": .text("avg")], "odd"),
    ("even map kernel", [x] + none + [wave([1, 2, 3, 4])], ["spatial": .text("conv")], "odd"),
    ("wrong depth", [x, wave([2, 4]), nil, wave([3, 2])], ["gate": .text("mlp"), "pooling": .text("avg")], "'W1' has the shape"),
    ("wrong width", [x, wave([2, 3]), nil, wave([3, 3])], ["gate": .text("mlp"), "pooling": .text("avg")], "'W2' has the shape"),
    ("point depth", [x] + none + [wave([1, 2, 1, 1])], ["spatial": .text("point")], "'WS' has the shape"),
    ("residual", [x] + none + [wave([1, 3, 1, 1]), nil, wave([2, 3, 2, 2])], ["spatial": .text("point")], "'Z' has the shape"),
    ("parallel alone", [x] + none + [wave([1, 3, 1, 1])], ["spatial": .text("point"), "join": .text("parallel")], "parallel"),
    ("gates of a map", [x] + none + [wave([1, 3, 1, 1])], ["spatial": .text("point"), "result": .text("gate")], "gates"),
    (
      "hidden layer", [x, wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "hidden_activation": .text("relu")], "hidden layer"
    ),
    ("rank", [wave([2, 3, 4]), wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg")], "rank 3"),
    ("blocked rank", [x, wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "channels": .int(3)], "rank 4"),
    ("blocks", [wave([1, 2, 1, 1, 16]), wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "channels": .int(3)], "2 blocks"),
    ("lanes", [wave([1, 1, 1, 1, 8]), wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "channels": .int(3)], "8 lanes"),
    (
      "no channels", [wave([1, 0, 1, 1, 16]), wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "channels": .int(0)],
      "0 blocked"
    ),
    (
      "parameters alone", [x, wave([3])], ["gate": .text("conv1d"), "pooling": .text("avg"), "activation_params": .floats([1])], "without"
    ),
  ]

  @Test(arguments: refused.indices) func isRefused(_ index: Int) {
    let (name, inputs, attributes, says) = Self.refused[index]
    let error = failure("AttentionBlock", inputs, attributes: attributes, domain: "onyx")
    #expect(error?.code == .invalidModel && error?.reason.contains(says) == true, "\(name): \(error?.reason ?? "accepted")")
  }

  static let expected: [String: [Double]] = [
    "se": [
      -0.3125, 0.125, -0.125, 0.3125, 0.0625, -0.1875, 0.25, 0, -0.25, 0.1875, -0.0625, -0.3125, 0.125, -0.125, 0.3125, 0.0625,
      -0.1875, 0.25, 0, -0.254556787, 0.19091759, -0.0636391967, -0.318195984, 0.127278393, -0.124857585, 0.312143962, 0.0624287923,
      -0.187286377, 0.249715169, 0, -0.241742913, 0.181307185, -0.0604357283, -0.302178642, 0.120871457, -0.120871457,
    ],
    "seMax": [
      -0.330789621, 0.132315848, -0.132315848, 0.330789621, 0.0661579242, -0.198473773, 0.236098339, 0, -0.236098339, 0.177073755,
      -0.0590245849, -0.295122924, 0.122558904, -0.122558904, 0.30639726, 0.0612794521, -0.183838356, 0.245117808, 0, -0.271431642,
      0.203573731, -0.0678579104, -0.339289552, 0.135715821, -0.118292582, 0.295731454, 0.0591462908, -0.177438872, 0.236585163, 0,
      -0.231236524, 0.173427393, -0.0578091309, -0.289045654, 0.115618262, -0.115618262,
    ],
    "cseRelu": [
      0.380565114, 0.222773954, 0, 0.744434886, 0.0488869771, 0, 0.664382827, 0, 0, 0.46703712, 0, 0.263271466, 0.241306376, 0,
      0.790765939, 0.0581531879, 0, 0.607612751, 0, 0, 0.400398285, 0, 0.374336191, 0.225265524, 0, 0.8553597, 0.07107194, 0, 0.65928776,
      0, 0, 0.423488085, 0, 0.335853191, 0.240658724, 0,
    ],
    "ese": [
      -0.364176432, 0.145670573, -0.145670573, 0.364176432, 0.0728352865, -0.218505859, 0.217447917, 0, -0.217447917, 0.163085938,
      -0.0543619792, -0.271809896, 0.163085938, -0.163085938, 0.407714844, 0.0815429688, -0.244628906, 0.326171875, 0, -0.270182292,
      0.202636719, -0.0675455729, -0.337727865, 0.135091146, -0.113932292, 0.284830729, 0.0569661458, -0.170898438, 0.227864583, 0,
      -0.339518229, 0.254638672, -0.0848795573, -0.424397786, 0.169759115, -0.169759115,
    ],
    "eca": [
      -0.297862282, 0.119144913, -0.119144913, 0.297862282, 0.0595724564, -0.178717369, 0.248046915, 0, -0.248046915, 0.186035186,
      -0.0620117287, -0.310058643, 0.130692674, -0.130692674, 0.326731685, 0.0653463371, -0.196039011, 0.261385348, 0, -0.252604072,
      0.189453054, -0.0631510181, -0.315755091, 0.126302036, -0.130692674, 0.326731685, 0.0653463371, -0.196039011, 0.261385348, 0,
      -0.234395313, 0.175796485, -0.0585988283, -0.292994142, 0.117197657, -0.117197657,
    ],
    "sse": [
      -0.348954371, 0.103724711, -0.0999529102, 0.266450995, 0.0513888587, -0.148525562, 0.279163497, 0, -0.19990582, 0.159870597,
      -0.0513888587, -0.247542604, 0.139581749, -0.103724711, 0.249882275, 0.0532901991, -0.154166576, 0.198034083, 0, -0.28108825,
      0.157011341, -0.0504458567, -0.348954371, 0.103724711, -0.10183335, 0.351360313, 0.0523371137, -0.15133757, 0.279163497, 0,
      -0.2036667, 0.210816188, -0.0523371137, -0.252229284, 0.139581749, -0.103724711,
    ],
    "scse": [
      -0.593389257, 0.201498666, -0.197726864, 0.510885881, 0.100275836, -0.295186494, 0.568546324, 0, -0.489288647, 0.376907718,
      -0.123734565, -0.609271138, 0.255888124, -0.220031087, 0.540648215, 0.111443387, -0.32862614, 0.430646835, 0, -0.481619297,
      0.307409626, -0.100578618, -0.59961818, 0.203990235, -0.24397723, 0.706720013, 0.123409054, -0.36455339, 0.563451257, 0,
      -0.434984147, 0.384304273, -0.110166475, -0.541376093, 0.255240472, -0.219383435,
    ],
    "cbam5": [
      -0.134767493, 0.0694302453, -0.0704011667, 0.154793724, 0.0307798293, -0.104030239, 0.0961891768, 0, -0.125620617,
      0.0828620494, -0.0274610588, -0.154688995, 0.0499319061, -0.0643104729, 0.163024497, 0.0286758532, -0.0855303926, 0.12847876, 0,
      -0.1323063, 0.086877412, -0.0303301054, -0.186236877, 0.0623761644, -0.063888094, 0.141621549, 0.0247984436, -0.0779173149,
      0.127583489, 0, -0.120608797, 0.0802065157, -0.0234074166, -0.12257779, 0.0602134535, -0.0504181063,
    ],
    "cbamConv7": [
      0.398009998, 0.224590946, -0.461691989, 0.73059901, 0.0421497764, -0.670318921, 0.549270651, -0.125, -0.791393556,
      0.382781089, -0.290450399, 0.352579877, 0.214955146, -0.473668641, 0.714722854, 0.04569269, -0.625278291, 0.599988814, -0.125,
      -0.789913817, 0.390932076, -0.290537327, 0.379835473, 0.213771118, -0.455590709, 0.712946889, 0.0485280497, -0.62562631, 0.577605795,
      -0.125, -0.769858134, 0.364828704, -0.293613481, 0.436827019, 0.216043675, -0.457414542,
    ],
    "spatial3": [
      -0.299486697, 0.117197657, -0.134745805, 0.360934603, 0.0496643328, -0.199689814, 0.239589357, 0, -0.26949161,
      0.216560762, -0.0496643328, -0.332816356, 0.119794679, -0.117197657, 0.336864513, 0.0721869206, -0.148992998, 0.266253085, 0,
      -0.207449423, 0.197256804, -0.0532901991, -0.3116862, 0.104991275, -0.105626159, 0.259311779, 0.0657522681, -0.159870597, 0.24934896,
      0, -0.211252317, 0.155587067, -0.0657522681, -0.266450995, 0.12467448, -0.104991275,
    ],
    "spatial35": [
      -0.0299479167, 0.11484375, -0.0138671875, 0.212239583, 0.0619791667, -0.0208984375, 0.191666667, 0, -0.027734375,
      0.12734375, -0.00774739583, -0.0348307292, 0.0958333333, -0.0143554687, 0.27734375, 0.0424479167, -0.0232421875, 0.222916667, 0,
      -0.0236979167, 0.14921875, -0.00655924479, -0.0297851563, 0.111458333, -0.0152018229, 0.236979167, 0.0497395833, -0.0196777344,
      0.190625, 0, -0.0304036458, 0.1421875, -0.00621744792, -0.032796224, 0.0953125, -0.0139322917,
    ],
    "keras": [
      -0.778454737, 0.309629601, -0.315184898, 0.795359227, 0.153198619, -0.4718619, 0.653581027, 0, -0.663096359, 0.502874572,
      -0.160277282, -0.826961699, 0.311381895, -0.309629601, 0.787962245, 0.159071845, -0.459595856, 0.629149201, 0, -0.614682454,
      0.471366214, -0.153304337, -0.782884932, 0.306007183, -0.318202336, 0.797793584, 0.163719003, -0.477351653, 0.652247894, 0,
      -0.613164087, 0.461011841, -0.157122071, -0.766521685, 0.313153973, -0.306007183,
    ],
    "gate": [-0.437968844, 0.278078711, -0.0340310916, -0.41830881, 0.268198, -0.0623103528],
  ]
}
