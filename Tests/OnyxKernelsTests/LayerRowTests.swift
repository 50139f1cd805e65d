import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows of pools, normalizations and convolutions by element type.
@Suite("Layer rows equal the reference")
struct LayerRowTests {
  static func noise(_ type: ElementType, _ shape: Shape, seed: UInt64 = 3, in range: ClosedRange<Double> = -2...2) throws -> NodeCase.Input
  {
    .given(try Tensor.random(type, shape, in: range, seed: seed))
  }

  /// Numbers and equal infinities or NaNs, to a share of the largest finite one; 2 and 3 threads give the bits of one.
  static func check(_ test: NodeCase, _ row: String, within share: Double) throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [row], "\(test.op)")
      for (actual, wanted) in zip(single.results, expected.results) {
        let (a, e) = (try actual.doubles(), try wanted.doubles())
        #expect(actual.shape == wanted.shape && actual.elementType == wanted.elementType)
        let scale = e.reduce(1e-30) { $1.isFinite ? max($0, $1.magnitude) : $0 }
        let wrong = e.indices.first {
          !(a[$0] == e[$0] || a[$0].isNaN && e[$0].isNaN || (a[$0] - e[$0]).magnitude <= share * scale)
        }
        if let wrong { Issue.record("\(isa.name): element \(wrong) of \(test) is \(a[wrong]) instead of \(e[wrong])") }
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
        for (p, s) in zip(parallel.results, single.results) { try GenericRowTests.expectIdentical(p, s, "\(test), \(threads) threads") }
      }
    }
  }

  static func share(_ type: ElementType) -> Double { type == .float64 ? 1e-13 : type == .float32 ? 2e-6 : 1e-2 }
  static func suffix(_ type: ElementType) -> String { type == .float64 ? "f64" : "f32" }

  /// Windows of one to three axes: strides, pads on every side, dilations, ceil mode, long ones, whole planes, and rows of every length
  /// around the widths of vectors.
  static let windows: [(Shape, [String: Attribute])] =
    [
      ([2, 3, 9, 9], ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]), "ceil_mode": .int(1)]),
      ([1, 2, 15], ["kernel_shape": .ints([3]), "dilations": .ints([2])]),
      ([1, 3, 8, 10], ["kernel_shape": .ints([2, 3]), "pads": .ints([1, 0, 0, 1])]),
      ([3, 5, 33, 29], ["kernel_shape": .ints([3, 3]), "dilations": .ints([2, 3])]),
      ([2, 4, 20, 37], ["kernel_shape": .ints([5, 5]), "pads": .ints([2, 2, 2, 2])]),
      ([1, 2, 40, 41], ["kernel_shape": .ints([13, 13]), "pads": .ints([6, 6, 6, 6])]),
      ([1, 2, 40, 90], ["kernel_shape": .ints([9, 17]), "strides": .ints([3, 2])]),
      ([1, 2, 21, 40], ["kernel_shape": .ints([15, 15]), "pads": .ints([7, 7, 7, 7])]),
      ([1, 3, 30, 50], ["kernel_shape": .ints([3, 20]), "strides": .ints([1, 2]), "pads": .ints([1, 9, 0, 4])]),
      ([2, 3, 56, 56], ["kernel_shape": .ints([28, 28]), "strides": .ints([28, 28])]),
      ([1, 2, 6, 70], ["kernel_shape": .ints([1, 6]), "dilations": .ints([1, 3]), "pads": .ints([0, 5, 0, 9])]),
      ([1, 2, 5, 6, 7], ["kernel_shape": .ints([2, 3, 2]), "strides": .ints([1, 2, 2]), "pads": .ints([0, 1, 0, 1, 1, 1])]),
      ([1, 1, 3], ["kernel_shape": .ints([2]), "pads": .ints([1, 1])]), ([2, 1, 7, 1], ["kernel_shape": .ints([3, 1])]),
      ([1, 3, 7, 66], ["kernel_shape": .ints([2, 2]), "auto_pad": .text("SAME_LOWER")]),
    ]
    + [3, 4, 7, 15, 16, 17, 31, 33, 65].flatMap { width -> [(Shape, [String: Attribute])] in
      [1, 2, 3].map { stride in
        ([1, 2, 3, width], ["kernel_shape": .ints([2, 3]), "strides": .ints([1, stride]), "pads": .ints([0, 1, 0, 1])])
      }
    }

  @Test(arguments: [ElementType.float32, .float64]) func maxima(_ type: ElementType) throws {
    for (shape, attributes) in Self.windows {
      let row = "max_pool_\(Self.suffix(type))"
      try Self.check(NodeCase("MaxPool", [try Self.noise(type, shape)], attributes), row, within: 0)
      let wild = try GenericRowTests.mixed(type, shape, seed: shape.count)
      try Self.check(NodeCase("MaxPool", [.given(wild)], attributes), row, within: 0)
    }
  }

  @Test(arguments: [ElementType.float32, .float64]) func means(_ type: ElementType) throws {
    for (shape, attributes) in Self.windows {
      for counts in [0, 1] {
        let all = attributes.merging(["count_include_pad": .int(Int64(counts))]) { $1 }
        let test = NodeCase("AveragePool", [try Self.noise(type, shape)], all)
        try Self.check(test, "average_pool_\(Self.suffix(type))", within: Self.share(type))
      }
    }
    let infinite = try Tensor([1, .infinity, 2, -.infinity, .nan, 3, 4, 5] as [Double], shape: [1, 1, 8])
    let test = NodeCase("AveragePool", [.given(infinite)], ["kernel_shape": .ints([2])])
    try Self.check(test, "average_pool_f64", within: 1e-13)
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func norms(_ type: ElementType) throws {
    for (index, (shape, attributes)) in Self.windows.enumerated() {
      let all = attributes.merging(["p": .int(Int64(index % 3 + 1))]) { $1 }
      try Self.check(NodeCase("LpPool", [try Self.noise(type, shape)], all), "lp_pool_windows", within: Self.share(type))
    }
  }

  @Test func wholePlanes() throws {
    for op in ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"] {
      try Self.check(NodeCase(op, [Self.noise(.float64, [2, 5, 7, 9])]), "global_pool_f64", within: 1e-13)
    }
    for p in [1, 2] {
      let order: [String: Attribute] = ["p": .int(Int64(p))]
      try Self.check(NodeCase("GlobalLpPool", [.float([2, 5, 7, 9])], order), "global_pool_f32", within: 2e-6)
    }
  }

  @Test(arguments: KernelRowTests.convolutions + KernelRowTests.transposed) func doubleConvolutions(_ test: NodeCase) throws {
    let inputs = try test.inputs.enumerated().map { (index, input) -> NodeCase.Input in
      switch input {
      case .float(let shape), .weight(let shape): try Self.noise(.float64, shape, seed: UInt64(index))
      default: input
      }
    }
    let row = test.op == "Conv" ? "conv_f64" : test.isDepthwise ? "conv_transpose_depthwise_f64" : "conv_transpose_f64"
    try Self.check(NodeCase(test.op, inputs, test.attributes), row, within: 1e-13)
  }

  /// More pixels and filters than a tile has, and a depth of several blocks.
  @Test func doubleConvolutionsOfManyTiles() throws {
    for (x, w, attributes) in [
      ([1, 40, 19, 23], [17, 40, 3, 3], ["pads": .ints([1, 1, 1, 1])]), ([2, 300, 5, 9], [7, 300, 1, 1], [:]),
      ([1, 8, 30, 31], [16, 4, 3, 2], ["group": .int(2), "strides": .ints([2, 2]), "pads": .ints([0, 1, 2, 0])]),
      ([2, 24, 19, 23], [16, 3, 3, 3], ["group": .int(8), "pads": .ints([1, 1, 1, 1])]),
      ([1, 20, 12, 9], [50, 2, 2, 3], ["group": .int(10), "strides": .ints([1, 2])]),
      ([2, 6, 40, 50], [12, 1, 3, 3], ["group": .int(6), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])]),
    ] as [(Shape, Shape, [String: Attribute])] {
      let inputs = [try Self.noise(.float64, x), try Self.noise(.float64, w, seed: 4), try Self.noise(.float64, [w[0]], seed: 5)]
      try Self.check(NodeCase("Conv", inputs, attributes), "conv_f64", within: 1e-13)
    }
  }

  /// Strides beside kernels of every remainder, pads that cut, dilations, several filters of a channel, one and three axes.
  @Test(arguments: [ElementType.float32, .float64]) func transposedDepthwise(_ type: ElementType) throws {
    for (x, w, attributes) in [
      ([1, 6, 11, 9], [6, 1, 4, 4], ["strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])]),
      ([2, 3, 7, 20], [3, 2, 3, 5], ["strides": .ints([1, 3]), "pads": .ints([0, 2, 1, 4]), "output_padding": .ints([0, 1])]),
      ([1, 4, 6, 33], [4, 1, 2, 2], ["strides": .ints([3, 4])]), ([1, 5, 8, 8], [5, 1, 3, 3], ["dilations": .ints([2, 3])]),
      ([2, 4, 40], [4, 1, 3], ["strides": .ints([2])]), ([1, 2, 3, 4, 5], [2, 1, 2, 3, 3], ["strides": .ints([2, 1, 2])]),
    ] as [(Shape, Shape, [String: Attribute])] {
      let all = attributes.merging(["group": .int(Int64(x[1]))]) { $1 }
      let bias = try Self.noise(type, [w[0] * w[1]], seed: 5)
      let test = NodeCase("ConvTranspose", [try Self.noise(type, x), try Self.noise(type, w, seed: 4), bias], all)
      try Self.check(test, "conv_transpose_depthwise_\(Self.suffix(type))", within: Self.share(type))
    }
  }

  @Test func doubleNormalizations() throws {
    for shape in [[2, 6, 7, 9], [3, 70, 1, 3], [33, 132], [1, 4, 40, 41]] as [Shape] {
      let channels = try Shape([shape[1]])
      let parameters = try (1...3).map { try Self.noise(.float64, channels, seed: $0) } + [Self.noise(.float64, channels, in: 0.5...2)]
      let x = try Self.noise(.float64, shape)
      try Self.check(NodeCase("BatchNormalization", [x] + parameters), "batch_normalization_f64", within: 1e-12)
      for outputs in 1...3 {
        let training: [String: Attribute] = ["training_mode": .int(1), "momentum": .float(0.7)]
        let test = NodeCase("BatchNormalization", [x] + parameters, training, outputs: outputs)
        try Self.check(test, "batch_normalization_f64", within: 1e-12)
      }
      if shape.rank > 2 {
        let inputs = [x] + parameters.prefix(2)
        try Self.check(NodeCase("InstanceNormalization", inputs), "group_normalization_f64", within: 1e-12)
        try Self.check(NodeCase("GroupNormalization", inputs, ["num_groups": .int(2)]), "group_normalization_f64", within: 1e-12)
      }
    }
    for (shape, axes) in [
      ([2, 5, 7, 9], nil), ([2, 5, 7, 9], [2, 3]), ([4, 300], [0]), ([4, 300], [1]), ([6, 5, 4], [0, 1, 2]),
    ] as [(Shape, [Int64]?)] {
      let attributes: [String: Attribute] = axes.map { ["axes": .ints($0)] } ?? [:]
      let test = NodeCase("MeanVarianceNormalization", [try Self.noise(.float64, shape)], attributes)
      try Self.check(test, "mean_variance_normalization_f64", within: 1e-12)
    }
    for (size, beta) in [(1, 0.75), (4, 0.75), (5, 0.5), (99, 1)] as [(Int, Float)] {
      let attributes: [String: Attribute] = ["size": .int(Int64(size)), "beta": .float(beta), "alpha": .float(0.3), "bias": .float(1.5)]
      try Self.check(NodeCase("LRN", [try Self.noise(.float64, [2, 9, 5, 60])], attributes), "lrn_f64", within: 1e-13)
    }
  }

  /// C of every shape, constant and given in the run, with both factors, for each way A and B may lie.
  @Test(arguments: [(0, 0), (0, 1), (1, 0), (1, 1)]) func gemmAddends(_ transposes: (a: Int, b: Int)) throws {
    let a = try Shape(transposes.a == 1 ? [20, 9] : [9, 20])
    let b = try Shape(transposes.b == 1 ? [35, 20] : [20, 35])
    for c in [[], [1], [35], [1, 35], [9, 1], [9, 35], [1, 1]] as [Shape] {
      for (alpha, beta) in [(1, 1), (0.5, -2), (1, 0)] as [(Float, Float)] {
        let attributes: [String: Attribute] = [
          "transA": .int(Int64(transposes.a)), "transB": .int(Int64(transposes.b)), "alpha": .float(alpha), "beta": .float(beta),
        ]
        for inputs in [[.float(a), .float(b), .float(c)], [.float(a), .weight(b), .float(c)], [.float(a), .float(b), .weight(c)]]
          as [[NodeCase.Input]]
        {
          let test = NodeCase("Gemm", inputs, attributes)
          #expect(try test.run(KernelTable()).rows == ["gemm_f32_packed"])
          try KernelRowTests.expectReference(test)
        }
      }
    }
  }

  @Test func fusedGemmAddends() throws {
    for activation in ["none", "relu", "gelu"] {
      for c in [[5], [3, 1], [3, 5]] as [Shape] {
        for residual in [[], [NodeCase.Input.float([3, 5])]] {
          let inputs = [.float([3, 8]), .weight([8, 5]), .float(c)] + residual
          try KernelRowTests.expectReference(NodeCase("FusedGemm", inputs, ["activation": .text(activation)], domain: "onyx"))
        }
      }
    }
  }
}
