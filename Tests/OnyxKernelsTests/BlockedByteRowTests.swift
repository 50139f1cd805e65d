import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows for bytes in channel blocks give exactly the reference's elements, on each instruction set, on 1, 2 and 3 threads.
@Suite("Blocked byte rows equal the reference")
struct BlockedByteRowTests {
  static func pair(_ value: Int) -> Attribute { .ints([Int64(value), Int64(value)]) }

  /// Bytes in blocks; noise in lanes past the last channel as well, as every blocked value may have there.
  static func blocked(_ type: ElementType, _ plain: Shape, seed: Int) throws -> NodeCase.Input {
    let shape = try Shape([plain[0], ChannelBlocks.count(plain[1])] + plain[2...] + [ChannelBlocks.size])
    return .given(try ByteRowTests.bytes(type, shape, seed: seed))
  }

  /// Compares the first `channels` lanes; all of them for nil.
  static func check(_ test: NodeCase, _ row: String, channels: Int? = nil) throws {
    let present = { (tensor: Tensor) in try channels.map { try ChannelBlocks.unblock(tensor, channels: $0) } ?? tensor }
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.forms {
      for threads in isa.mask == ISA.host.mask ? [1, 2, 3] : [1] {
        let actual = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(actual.rows == [row], "\(test)")
        try GenericRowTests.expectIdentical(
          present(actual.results[0]), present(expected.results[0]), "\(test), \(isa.name) \(isa.mask), \(threads) threads")
      }
    }
  }

  @Test(arguments: [ElementType.int8, .uint8]) func reorders(_ type: ElementType) throws {
    for shape: Shape in [[1, 16, 2, 2], [2, 17, 5, 7], [1, 3, 1, 1], [2, 40, 23, 23], [1, 33, 9]] {
      let plain = NodeCase.Input.given(try ByteRowTests.bytes(type, shape, seed: 1))
      try Self.check(NodeCase("BlockChannels", [plain], domain: "onyx"), "block_channels_int8")
      try Self.check(
        NodeCase("UnblockChannels", [Self.blocked(type, shape, seed: 2)], ["channels": .int(Int64(shape[1]))], domain: "onyx"),
        "unblock_channels_int8")
    }
  }

  /// Plain input, weights, attributes.
  static let dense: [(x: Shape, w: Shape, attributes: [String: Attribute])] = [
    ([1, 16, 7, 7], [32, 16, 1, 1], [:]),
    ([2, 40, 5, 3], [24, 40, 1, 1], [:]),
    ([1, 200, 3, 5], [50, 200, 1, 1], [:]),
    ([1, 64, 29, 29], [80, 64, 1, 1], [:]),
    ([1, 24, 15, 14], [48, 24, 1, 1], ["strides": pair(2)]),
    ([1, 24, 15, 14], [48, 24, 1, 1], ["strides": pair(3)]),
    ([1, 16, 7, 7], [16, 16, 3, 3], ["pads": .ints([1, 1, 1, 1])]),
    ([2, 17, 13, 9], [33, 17, 3, 3], ["pads": .ints([1, 1, 1, 1])]),
    ([1, 32, 15, 17], [20, 32, 3, 3], ["pads": .ints([1, 1, 1, 1]), "strides": pair(2)]),
    ([1, 18, 9, 9], [16, 18, 5, 3], ["pads": .ints([3, 0, 1, 2]), "dilations": .ints([2, 1])]),
    ([1, 18, 4, 4], [16, 18, 2, 2], ["strides": pair(2)]),
    ([1, 16, 3, 3], [16, 16, 1, 1], ["pads": .ints([4, 4, 4, 4])]),
    ([1, 5, 9, 9], [11, 5, 3, 3], [:]),
  ]

  static let firstLayers: [(x: Shape, w: Shape, attributes: [String: Attribute])] = [
    ([1, 3, 30, 33], [24, 3, 7, 7], ["strides": pair(2), "pads": .ints([3, 3, 3, 3])]),
    ([2, 3, 16, 16], [16, 3, 4, 4], ["strides": pair(4)]),
    ([1, 1, 9, 10], [32, 1, 3, 3], ["pads": .ints([1, 1, 1, 1])]),
    ([1, 4, 9, 10], [16, 4, 3, 2], ["pads": .ints([0, 5, 2, 6]), "dilations": .ints([3, 1])]),
  ]

  static let depthwise: [(x: Shape, w: Shape, attributes: [String: Attribute])] = [
    ([1, 13, 17, 15], [13, 1, 3, 3], ["pads": .ints([1, 1, 1, 1])]),
    ([2, 40, 14, 14], [40, 1, 5, 5], ["pads": .ints([2, 2, 2, 2]), "strides": pair(2)]),
    ([1, 16, 70, 61], [16, 1, 3, 3], ["pads": .ints([1, 1, 1, 1]), "strides": pair(2)]),
    ([1, 20, 9, 9], [20, 1, 3, 2], ["pads": .ints([9, 0, 0, 1]), "strides": .ints([3, 1]), "dilations": .ints([2, 1])]),
  ]

  /// Each mix of types; one scale or one for each filter; with and without a bias.
  static func conv(
    _ c: (x: Shape, w: Shape, attributes: [String: Attribute]), form: Int, isBlocked: Bool, group: Int = 1, symmetric: Bool = true
  ) throws -> NodeCase {
    let (t, filters) = (ByteRowTests.types[form], c.w[0])
    let middle: Int64 = t.w == .int8 ? 0 : 128
    let xType = t.x
    let x: NodeCase.Input = isBlocked ? try blocked(xType, c.x, seed: 1) : .given(try ByteRowTests.bytes(xType, c.x, seed: 1))
    var inputs: [NodeCase.Input] = [
      x, try ByteRowTests.scale(1), try ByteRowTests.points([xType == .int8 ? -7 : 121], xType),
      .constant(try ByteRowTests.bytes(t.w, c.w, seed: 2)), try ByteRowTests.scale(form % 2 == 0 ? filters : 1),
      try ByteRowTests.points(symmetric ? [middle] : (0..<filters).map { middle + Int64($0 % 9) - 4 }, t.w), try ByteRowTests.scale(1, 0.3),
      try ByteRowTests.points([t.y == .int8 ? 4 : 130], t.y),
    ]
    if form < 2 { inputs.append(.constant(try Tensor((0..<filters).map { Int32($0 * 97 - 500) }, shape: Shape([filters])))) }
    return NodeCase("BlockedQLinearConv", inputs, c.attributes.merging(["group": .int(Int64(group))]) { $1 }, domain: "onyx")
  }

  @Test(arguments: dense.indices) func direct(index: Int) throws {
    for form in ByteRowTests.types.indices {
      try Self.check(
        Self.conv(Self.dense[index], form: form, isBlocked: true), "blocked_qlinear_conv_int8_direct", channels: Self.dense[index].w[0])
    }
  }

  @Test(arguments: firstLayers.indices) func firstLayer(index: Int) throws {
    for form in ByteRowTests.types.indices {
      try Self.check(
        Self.conv(Self.firstLayers[index], form: form, isBlocked: false), "blocked_qlinear_conv_int8_direct",
        channels: Self.firstLayers[index].w[0])
    }
  }

  @Test(arguments: depthwise.indices) func depthwiseWindows(index: Int) throws {
    let c = Self.depthwise[index]
    for form in ByteRowTests.types.indices {
      try Self.check(
        Self.conv(c, form: form, isBlocked: true, group: c.w[0], symmetric: form < 2), "blocked_qlinear_conv_int8_depthwise",
        channels: c.w[0])
    }
  }

  /// A convolution with what joins it: a sum with z, a table, or both.
  static func finished(
    _ c: (x: Shape, w: Shape, attributes: [String: Attribute]), form: Int, group: Int = 1, sum: Bool, table: Bool
  ) throws -> NodeCase {
    let plain = try conv(c, form: form, isBlocked: true, group: group)
    let (yType, zType) = (ByteRowTests.types[form].y, ByteRowTests.types[(form + 1) % 4].y)
    var inputs = plain.inputs + Array(repeating: .none, count: 9 - plain.inputs.count)
    if sum {
      let shape = try plain.run(.referenceOnly).results[0].shape
      inputs += [
        .given(try ByteRowTests.bytes(zType, shape, seed: 7)), try ByteRowTests.scale(1, 0.21),
        try ByteRowTests.points([zType == .int8 ? -3 : 90], zType), try ByteRowTests.scale(1, 0.4), try ByteRowTests.points([11], yType),
      ]
    }
    if table {
      inputs += Array(repeating: .none, count: 14 - inputs.count) + [.constant(try ByteRowTests.bytes(yType, [256], seed: 8))]
    }
    return NodeCase(plain.op, inputs, plain.attributes, domain: plain.domain)
  }

  @Test(arguments: [(true, false), (false, true), (true, true)]) func finishes(sum: Bool, table: Bool) throws {
    for (index, form) in [(0, 0), (3, 1), (4, 2), (7, 3), (8, 0), (9, 1)] {
      let c = Self.dense[index]
      try Self.check(
        Self.finished(c, form: form, sum: sum, table: table), "blocked_qlinear_conv_int8_direct", channels: c.w[0])
    }
    for (form, c) in Self.depthwise.enumerated() {
      try Self.check(
        Self.finished(c, form: form, group: c.w[0], sum: sum, table: table), "blocked_qlinear_conv_int8_depthwise", channels: c.w[0])
    }
  }

  /// Weights with zero points have no row in blocks: the reference serves.
  @Test func asymmetricWeightsAreDeclined() throws {
    let test = try Self.conv(Self.dense[0], form: 1, isBlocked: true, symmetric: false)
    #expect(try test.run(KernelTable()).rows == ["reference"])
  }

  @Test(arguments: [ElementType.int8, .uint8]) func maxPool(_ type: ElementType) throws {
    for (kernel, stride, dilation, pad) in [(1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 1), (3, 1, 2, 2), (5, 3, 1, 2), (4, 1, 1, 3)] {
      let attributes: [String: Attribute] = [
        "kernel_shape": Self.pair(kernel), "strides": Self.pair(stride), "dilations": Self.pair(dilation),
        "pads": .ints([0, pad, pad, 0].map(Int64.init)), "ceil_mode": .int(Int64(kernel % 2)),
      ]
      for shape: Shape in [[2, 17, 13, 9], [1, 16, 40, 61]] {
        try Self.check(
          NodeCase("BlockedMaxPool", [Self.blocked(type, shape, seed: 3)], attributes, domain: "onyx"), "blocked_max_pool_int8")
      }
    }
  }

  @Test(arguments: [ElementType.int8, .uint8]) func mean(_ type: ElementType) throws {
    for shape: Shape in [[2, 17, 13, 9], [1, 64, 7, 7], [1, 3, 1, 1], [1, 16, 40, 61]] {
      for isBlocked in [false, true] {
        let x = isBlocked ? try Self.blocked(type, shape, seed: 4) : .given(try ByteRowTests.bytes(type, shape, seed: 4))
        let inputs: [NodeCase.Input] = [
          x, try ByteRowTests.scale(1), try ByteRowTests.points([type == .int8 ? -7 : 121], type), try ByteRowTests.scale(1, 0.003),
          try ByteRowTests.points([128], .uint8),
        ]
        try Self.check(
          NodeCase("QuantizedMean", inputs, isBlocked ? ["blocked": .int(1)] : [:], domain: "onyx"), "quantized_mean_int8")
      }
    }
  }

  /// A number for each lane of each block beside a whole image, on either side.
  @Test(arguments: ["Add", "Mul"]) func gates(_ operation: String) throws {
    for (index, t) in ByteRowTests.types.enumerated() {
      let image = try Self.blocked(t.x, [2, 40, 5, 7], seed: 5)
      let vector = try Self.blocked(t.x, [index % 2 == 0 ? 2 : 1, 40, 1, 1], seed: 6)
      let own: [NodeCase.Input] = [try ByteRowTests.scale(1), try ByteRowTests.points([3], t.x)]
      let operands = index < 2 ? [image] + own + [vector] + own : [vector] + own + [image] + own
      let inputs = operands + [try ByteRowTests.scale(1, 0.02), try ByteRowTests.points([9], t.y)]
      try Self.check(NodeCase("QuantizedBinary", inputs, ["operation": .text(operation)], domain: "onyx"), "quantized_binary_int8")
    }
  }
}
