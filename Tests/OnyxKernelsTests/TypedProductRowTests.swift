import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Matrix products of float64 and integers, and convolutions whose weights come in the run.
@Suite("Typed products equal the reference")
struct TypedProductRowTests {
  static let types: [ElementType] = [.float64, .int32, .uint32, .int64, .uint64]

  static func input(_ type: ElementType, _ shape: Shape, seed: Int) throws -> NodeCase.Input {
    if type.isFloating { return .given(try Tensor.random(type, shape, in: -2...2, seed: UInt64(seed))) }
    return .given(try GenericRowTests.mixed(type, shape, seed: seed))
  }

  static func check(_ test: NodeCase, _ row: String) throws {
    let expected = try test.run(.referenceOnly).results[0]
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [row])
      if expected.elementType.isFloating {
        let (a, e) = (try single.results[0].doubles(), try expected.doubles())
        let wrong = e.indices.first { (a[$0] - e[$0]).magnitude > 1e-11 }
        if let wrong { Issue.record("\(isa.name): element \(wrong) of \(test.op) is \(a[wrong]), not \(e[wrong])") }
        #expect(single.results[0].shape == expected.shape)
      } else {
        #expect(single.results[0] == expected, "\(isa.name): \(test.op)")
      }
      for threads in [2, 3] { #expect(try test.run(KernelTable(), isa: isa, threads: threads).results == single.results) }
    }
  }

  @Test(arguments: types) func products(_ type: ElementType) throws {
    for (a, b) in [
      ([5, 7], [7, 9]), ([1, 300], [300, 40]), ([70, 513], [513, 33]), ([2, 1, 8, 5], [3, 5, 6]), ([6], [6, 4]), ([2, 6, 4], [4]),
      ([4], [4]),
      ([3, 40, 17], [17, 19]), ([100, 3], [3, 130]), ([20, 300], [300, 797]),
    ] as [(Shape, Shape)] {
      try Self.check(NodeCase("MatMul", [Self.input(type, a, seed: 1), Self.input(type, b, seed: 2)]), "matmul_typed")
    }
    for (transA, transB) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      let (a, b) = (try Shape(transA == 1 ? [20, 9] : [9, 20]), try Shape(transB == 1 ? [35, 20] : [20, 35]))
      var attributes: [String: Attribute] = ["transA": .int(Int64(transA)), "transB": .int(Int64(transB))]
      for c in [[], [35], [9, 1], [9, 35]] as [Shape] {
        let inputs = [try Self.input(type, a, seed: 4), try Self.input(type, b, seed: 5), try Self.input(type, c, seed: 6)]
        try Self.check(NodeCase("Gemm", inputs, attributes), "gemm_typed")
      }
      if type.isFloating {
        (attributes["alpha"], attributes["beta"]) = (.float(0.5), .float(-2))
        let inputs = [try Self.input(type, a, seed: 4), try Self.input(type, b, seed: 5)]
        try Self.check(NodeCase("Gemm", inputs, attributes), "gemm_typed")
        try Self.check(NodeCase("Gemm", inputs + [try Self.input(type, [35], seed: 6)], attributes), "gemm_typed")
      }
    }
  }

  @Test func anAddendTimesZeroIsNotRead() throws {
    let (a, b) = (try Self.input(.float64, [3, 4], seed: 1), try Self.input(.float64, [4, 5], seed: 2))
    let c = NodeCase.Input.given(try Tensor([Double.nan, 1, 2, .infinity, 3], shape: [5]))
    try Self.check(NodeCase("Gemm", [a, b, c], ["beta": .float(0)]), "gemm_typed")
  }

  /// The cases of constant weights, given in the run instead.
  @Test(arguments: KernelRowTests.convolutions + KernelRowTests.transposed) func weightsOfTheRun(_ test: NodeCase) throws {
    let inputs = test.inputs.map { input -> NodeCase.Input in if case .weight(let shape) = input { .float(shape) } else { input } }
    let given = NodeCase(test.op, inputs, test.attributes)
    let row =
      test.op == "Conv" ? "conv_f32_run_packed" : test.isDepthwise ? "conv_transpose_depthwise_f32" : "conv_transpose_f32_run_packed"
    #expect(try given.run(KernelTable()).rows == [row])
    try KernelRowTests.expectReference(given)
  }

  @Test func fusedConvolutionsOfTheRun() throws {
    let attributes: [String: Attribute] = ["activation": .text("relu"), "pads": .ints([1, 1, 1, 1])]
    for residual in [[], [NodeCase.Input.float([1, 4, 6, 7])]] {
      let inputs = [.float([1, 3, 6, 7]), .float([4, 3, 3, 3]), .float([4])] + residual
      let test = NodeCase("FusedConv", inputs, attributes, domain: "onyx")
      #expect(try test.run(KernelTable()).rows == ["fused_conv_f32_run_packed"])
      try KernelRowTests.expectReference(test)
    }
  }
}

extension NodeCase {
  /// Whether each group has one channel of the first input, and there are several.
  var isDepthwise: Bool {
    guard case .int(let groups)? = attributes["group"], case .float(let shape)? = inputs.first else { return false }
    return groups > 1 && groups == Int64(shape[1])
  }
}
