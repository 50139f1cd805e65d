import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows for bytes give exactly the reference's elements: on each instruction set, with and without its extensions, on 1, 2 and
/// 3 threads.
@Suite("Byte rows equal the reference")
struct ByteRowTests {
  static func bytes(_ type: ElementType, _ shape: Shape, seed: Int) throws -> Tensor {
    try Tensor.random(type, shape, in: type == .int8 ? -128...127.5 : 0...255.5, seed: UInt64(bitPattern: Int64(seed)))
  }

  static func scale(_ count: Int, _ base: Float = 0.01) throws -> NodeCase.Input {
    .constant(try Tensor((0..<count).map { base * (1 + Float($0 % 7) / 5) }, shape: count == 1 ? .scalar : Shape([count])))
  }

  static func points(_ values: [Int64], _ type: ElementType) throws -> NodeCase.Input {
    .constant(try Tensor(integral: values, as: type, shape: values.count == 1 ? .scalar : Shape([values.count])))
  }

  static func check(_ test: NodeCase, _ row: String) throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.forms {
      for threads in isa.mask == ISA.host.mask ? [1, 2, 3] : [1] {
        let actual = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(actual.rows == [row], "\(test)")
        for (a, e) in zip(actual.results, expected.results) {
          try GenericRowTests.expectIdentical(a, e, "\(test), \(isa.name) \(isa.mask), \(threads) threads")
        }
      }
    }
  }

  /// Input, weights, group, attributes.
  static let convolutions: [(x: Shape, w: Shape, group: Int, attributes: [String: Attribute])] = [
    ([1, 16, 9, 9], [20, 16, 1, 1], 1, [:]),
    ([2, 5, 7, 11], [33, 5, 1, 1], 1, [:]),
    ([1, 3, 23, 19], [17, 3, 7, 7], 1, ["pads": .ints([3, 3, 3, 3]), "strides": .ints([2, 2])]),
    ([1, 8, 13, 10], [15, 8, 3, 3], 1, ["pads": .ints([1, 1, 1, 1])]),
    ([1, 8, 13, 10], [15, 8, 3, 3], 1, [:]),
    ([1, 9, 12, 12], [8, 9, 1, 1], 1, ["strides": .ints([2, 2])]),
    ([2, 12, 9, 8], [18, 4, 3, 3], 3, ["pads": .ints([1, 1, 1, 1]), "dilations": .ints([2, 1])]),
    ([1, 70, 2, 2], [150, 70, 1, 1], 1, [:]),
    ([1, 300, 1, 1], [64, 300, 1, 1], 1, [:]),
    ([1, 13, 17, 15], [13, 1, 3, 3], 13, ["pads": .ints([1, 1, 1, 1])]),
    ([2, 6, 14, 14], [12, 1, 5, 5], 6, ["pads": .ints([2, 2, 2, 2]), "strides": .ints([2, 2])]),
    ([1, 4, 9, 9], [4, 1, 3, 2], 4, ["pads": .ints([1, 0, 0, 1]), "strides": .ints([3, 1])]),
    ([1, 4, 6, 6], [4, 1, 1, 1], 4, [:]),
    ([3, 6, 40], [10, 6, 5], 1, ["pads": .ints([2, 2])]),
    ([1, 4, 5, 6, 7], [6, 2, 3, 3, 3], 2, ["pads": .ints([1, 1, 1, 1, 1, 1])]),
  ]

  /// Each stride with and without dilation, rows of every length about a vector, and windows that are all padding.
  @Test(arguments: [ElementType.int8, .uint8]) func maxPool(_ type: ElementType) throws {
    for width in [1, 2, 15, 16, 17, 33, 64, 112, 131] {
      for (kernel, stride, dilation, pad) in [
        (1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 1), (3, 1, 2, 2), (5, 3, 1, 2), (1, 4, 1, 0), (4, 1, 1, 3),
      ] {
        guard width + 2 * pad >= (kernel - 1) * dilation + 1 else { continue }
        func pair(_ value: Int) -> Attribute { .ints([Int64(value), Int64(value)]) }
        let attributes: [String: Attribute] = [
          "kernel_shape": pair(kernel), "strides": pair(stride), "dilations": pair(dilation),
          "pads": .ints([0, pad, pad, 0].map(Int64.init)),
          "ceil_mode": .int(Int64(width % 2)),
        ]
        let x = NodeCase.Input.given(
          try Self.bytes(type, Shape([2, 3, max(width, (kernel - 1) * dilation + 1), width + pad]), seed: width))
        try Self.check(NodeCase("MaxPool", [x], attributes), "max_pool_int8")
      }
    }
  }

  static let types: [(x: ElementType, w: ElementType, y: ElementType)] = [
    (.uint8, .int8, .uint8), (.int8, .int8, .int8), (.uint8, .uint8, .int8), (.int8, .uint8, .uint8),
  ]

  @Test(arguments: convolutions.indices) func qlinearConv(index: Int) throws {
    let c = Self.convolutions[index]
    for (form, t) in Self.types.enumerated() {
      let filters = c.w[0]
      let perFilter = form % 2 == 0
      // Zero points of the weights: none, one, one for each filter.
      let wPoints: [Int64] = form == 0 ? [0] : form == 2 ? (0..<filters).map { Int64($0 * 37 % 256) } : [t.w == .int8 ? -3 : 131]
      var inputs: [NodeCase.Input] = [
        .given(try Self.bytes(t.x, c.x, seed: 1)), try Self.scale(1), try Self.points([t.x == .int8 ? -7 : 121], t.x),
        .constant(try Self.bytes(t.w, c.w, seed: 2)), try Self.scale(perFilter ? filters : 1), try Self.points(wPoints, t.w),
        try Self.scale(1, 0.3),
        try Self.points([t.y == .int8 ? 4 : 130], t.y),
      ]
      if form < 2 { inputs.append(.constant(try Tensor((0..<filters).map { Int32($0 * 97 - 500) }, shape: Shape([filters])))) }
      try Self.check(
        NodeCase("QLinearConv", inputs, c.attributes.merging(["group": .int(Int64(c.group))]) { $1 }), "qlinear_conv_int8_packed")
    }
  }

  @Test(arguments: convolutions.indices) func convInteger(index: Int) throws {
    let c = Self.convolutions[index]
    for (form, t) in Self.types.enumerated() {
      var inputs: [NodeCase.Input] = [.given(try Self.bytes(t.x, c.x, seed: 3)), .constant(try Self.bytes(t.w, c.w, seed: 4))]
      // Zero points given in the run, as DynamicQuantizeLinear makes them.
      if form > 0 { inputs.append(.given(try Tensor(integral: [t.x == .int8 ? -9 : 77], as: t.x, shape: .scalar))) }
      if form > 1 { inputs.append(try Self.points([t.w == .int8 ? 5 : 120], t.w)) }
      try Self.check(
        NodeCase("ConvInteger", inputs, c.attributes.merging(["group": .int(Int64(c.group))]) { $1 }), "conv_integer_int8_packed")
    }
  }

  /// Left, right; a constant right is packed.
  static let products: [(a: Shape, b: Shape, isConstant: Bool)] = [
    ([1, 5], [5, 3], true), ([7, 33], [33, 65], true), ([30, 64], [64, 16], true), ([2, 9, 20], [20, 31], true),
    ([1, 300], [300, 500], true),
    ([130, 70], [70, 40], true), ([5, 6], [6, 7], false), ([3, 4, 19, 21], [3, 4, 21, 18], false), ([4, 1, 9, 10], [2, 10, 33], false),
  ]

  @Test(arguments: products.indices) func matMulInteger(index: Int) throws {
    let p = Self.products[index]
    for (form, t) in Self.types.enumerated() {
      let b = try Self.bytes(t.w, p.b, seed: 6)
      var inputs: [NodeCase.Input] = [.given(try Self.bytes(t.x, p.a, seed: 5)), p.isConstant ? .constant(b) : .given(b)]
      if form > 0 { inputs.append(.given(try Tensor(integral: [t.x == .int8 ? -9 : 77], as: t.x, shape: .scalar))) }
      if form > 1 {
        let columns = p.b[p.b.rank - 1]
        let perColumn = p.isConstant && form == 2
        inputs.append(try Self.points(perColumn ? (0..<columns).map { Int64($0 * 31 % 120) } : [3], t.w))
      }
      try Self.check(NodeCase("MatMulInteger", inputs), "matmul_integer_int8")
    }
  }

  @Test(arguments: products.indices) func qlinearMatMul(index: Int) throws {
    let p = Self.products[index]
    for (form, t) in Self.types.enumerated() {
      let b = try Self.bytes(t.w, p.b, seed: 8)
      let columns = p.b[p.b.rank - 1]
      let perColumn = p.isConstant && form % 2 == 0
      let inputs: [NodeCase.Input] = [
        .given(try Self.bytes(t.x, p.a, seed: 7)), try Self.scale(1), try Self.points([t.x == .int8 ? 11 : 99], t.x),
        p.isConstant ? .constant(b) : .given(b), try Self.scale(perColumn ? columns : 1),
        try Self.points(perColumn ? Array(repeating: 2, count: columns) : [5], t.w), try Self.scale(1, 0.4), try Self.points([17], t.y),
      ]
      try Self.check(NodeCase("QLinearMatMul", inputs), "qlinear_matmul_int8")
    }
  }

  @Test(arguments: products.indices.filter { products[$0].isConstant }) func quantizedGemm(index: Int) throws {
    let p = Self.products[index]
    for (form, t) in Self.types.enumerated() {
      let (depth, columns) = (p.b[0], p.b[1])
      let transposed = form % 2 == 1
      var inputs: [NodeCase.Input] = [
        .given(try Self.bytes(t.x, p.a, seed: 9)), try Self.scale(1), try Self.points([7], t.x),
        .constant(try Self.bytes(t.w, transposed ? [columns, depth] : [depth, columns], seed: 10)), try Self.scale(form < 2 ? columns : 1),
        try Self.points([form == 3 ? 100 : 0], t.w),
      ]
      inputs += form == 2 ? [.none, .none] : [try Self.scale(1, 0.37), try Self.points([21], t.y)]
      if form != 3 { inputs.append(.constant(try NodeCase.noise(form == 0 ? [1] : Shape([columns]), seed: 11))) }
      let test = NodeCase("QuantizedGemm", inputs, transposed ? ["trans_b": .int(1)] : [:], domain: "onyx")
      try Self.check(test, "quantized_gemm_int8_packed")
    }
  }

  @Test func quantizeAndDequantize() throws {
    for type in [ElementType.int8, .uint8] {
      let zero: Int64 = type == .int8 ? -5 : 117
      for shape: Shape in [[], [1], [70], [3, 5, 7], [2, 33, 40], [0, 3]] {
        let reals = try GenericRowTests.mixed(.float32, shape, seed: 3)
        try Self.check(NodeCase("QuantizeLinear", [.given(reals), try Self.scale(1), try Self.points([zero], type)]), "quantize_int8")
        try Self.check(
          NodeCase("DequantizeLinear", [.given(try Self.bytes(type, shape, seed: 4)), try Self.scale(1), try Self.points([zero], type)]),
          "dequantize_int8")
      }
      let zeros = (0..<5).map { Int64($0) }
      for axis in [1, -2] {
        let attributes: [String: Attribute] = ["axis": .int(Int64(axis))]
        let reals = try GenericRowTests.mixed(.float32, [3, 5, 7], seed: 5)
        try Self.check(
          NodeCase("QuantizeLinear", [.given(reals), try Self.scale(5), try Self.points(zeros, type)], attributes), "quantize_int8")
        try Self.check(
          NodeCase(
            "DequantizeLinear", [.given(try Self.bytes(type, [3, 5, 7], seed: 6)), try Self.scale(5), try Self.points(zeros, type)],
            attributes),
          "dequantize_int8")
      }
    }
  }

  @Test func dynamicQuantize() throws {
    let tensors = [
      try NodeCase.noise([4, 37], seed: 1), try Tensor([Float](repeating: 0, count: 20), shape: [20]),
      try Tensor([1, .nan, 3, -2.5, 0.1] as [Float], shape: [5]),
      try Tensor([5, 6, 7] as [Float], shape: [3]), try Tensor([-5, -6] as [Float], shape: [2]), try Tensor([Float](), shape: [0]),
      try Tensor([.infinity, 1] as [Float], shape: [2]),
    ]
    for tensor in tensors { try Self.check(NodeCase("DynamicQuantizeLinear", [.given(tensor)], outputs: 3), "dynamic_quantize_int8") }
  }

  @Test func binaryAndTable() throws {
    let pairs: [(Shape, Shape)] = [
      ([2, 9, 5, 7], [2, 9, 5, 7]), ([2, 9, 5, 7], [2, 9, 1, 1]), ([2, 9, 1, 1], [2, 9, 5, 7]), ([3, 40], [40]), ([40], [1]), ([1], [1]),
      ([20000], [20000]),
    ]
    for (form, t) in Self.types.enumerated() {
      for (a, b) in pairs {
        let inputs: [NodeCase.Input] = [
          .given(try Self.bytes(t.x, a, seed: 1)), try Self.scale(1), try Self.points([5], t.x), .given(try Self.bytes(t.w, b, seed: 2)),
          try Self.scale(1, 0.03), try Self.points([9], t.w), try Self.scale(1, 0.05), try Self.points([33], t.y),
        ]
        try Self.check(
          NodeCase("QuantizedBinary", inputs, ["operation": .text(form % 2 == 0 ? "Add" : "Mul")], domain: "onyx"), "quantized_binary_int8")
      }
      let table = NodeCase(
        "ByteTable", [.given(try Self.bytes(t.x, [3, 777], seed: 3)), .constant(try Self.bytes(t.y, [256], seed: 4))], domain: "onyx")
      try Self.check(table, "byte_table")
    }
  }

  /// What the rows leave to the reference: parameters that only the run knows, blocks, sums that could leave int32.
  @Test func declines() throws {
    let x = try Self.bytes(.uint8, [1, 2, 4, 4], seed: 1)
    let w = try Self.bytes(.int8, [3, 2, 1, 1], seed: 2)
    let one = NodeCase.Input.given(try Tensor(scalar: Float(0.5)))
    let conv: [NodeCase.Input] = [
      .given(x), one, try Self.points([3], .uint8), .constant(w), try Self.scale(1), try Self.points([0], .int8), try Self.scale(1),
      try Self.points([0], .uint8),
    ]
    #expect(try NodeCase("QLinearConv", conv).run(KernelTable()).rows == ["reference"])
    var large = conv
    large[1] = try Self.scale(1)
    large.append(.constant(try Tensor([Int32.max, 0, Int32.min], shape: [3])))
    #expect(try NodeCase("QLinearConv", large).run(KernelTable()).rows == ["reference"])
    let blocked = NodeCase(
      "DequantizeLinear", [.given(try Self.bytes(.int8, [4, 6], seed: 1)), .constant(try NodeCase.noise([2, 6], seed: 2))],
      ["axis": .int(0), "block_size": .int(2)])
    #expect(try blocked.run(KernelTable()).rows == ["reference"])
  }
}
