import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Every kernel row against the scalar reference: each instruction set, one and several threads, tails and odd sizes.
@Suite("Kernel rows equal the reference")
struct KernelRowTests {
  static func ints(_ values: Int64...) -> Attribute { .ints(values) }
  static func axes(_ values: Int...) throws -> NodeCase.Input { .constant(try Tensor(values)) }

  static let convolutions: [NodeCase] = [
    NodeCase("Conv", [.float([2, 3, 9, 11]), .weight([5, 3, 3, 3]), .weight([5])], ["pads": ints(1, 1, 1, 1)]),
    NodeCase("Conv", [.float([1, 16, 7, 7]), .weight([33, 16, 1, 1])]),
    NodeCase(
      "Conv", [.float([1, 4, 12, 13]), .weight([8, 2, 5, 3])], ["group": .int(2), "strides": ints(2, 3), "pads": ints(0, 2, 1, 1)]),
    NodeCase("Conv", [.float([2, 6, 10, 10]), .weight([6, 1, 3, 3]), .weight([6])], ["group": .int(6), "pads": ints(1, 1, 1, 1)]),
    NodeCase(
      "Conv", [.float([1, 6, 17, 17]), .weight([12, 1, 5, 5])], ["group": .int(6), "strides": ints(2, 2), "dilations": ints(2, 1)]),
    NodeCase("Conv", [.float([2, 1, 54]), .weight([1, 1, 3])], ["pads": ints(1, 1)]),
    NodeCase("Conv", [.float([1, 2, 4, 5, 6]), .weight([3, 2, 2, 3, 3])], ["auto_pad": .text("SAME_UPPER")]),
    NodeCase("Conv", [.float([1, 2, 14, 14]), .weight([1, 2, 7, 7])], ["pads": ints(3, 3, 3, 3)]),
  ]

  static let transposed: [NodeCase] = [
    NodeCase(
      "ConvTranspose", [.float([2, 3, 5, 4]), .weight([3, 5, 3, 3]), .weight([5])],
      ["strides": ints(2, 2), "pads": ints(1, 1, 1, 1), "output_padding": ints(1, 0)]),
    NodeCase("ConvTranspose", [.float([1, 20, 9, 7]), .weight([20, 16, 2, 2])], ["strides": ints(2, 2)]),
    NodeCase(
      "ConvTranspose", [.float([1, 4, 6, 5]), .weight([4, 3, 3, 2])],
      ["group": .int(2), "dilations": ints(2, 3), "pads": ints(0, 2, 3, 1)]),
    NodeCase("ConvTranspose", [.float([1, 6, 11]), .weight([6, 1, 5])], ["group": .int(6), "strides": ints(3), "pads": ints(4, 4)]),
    NodeCase(
      "ConvTranspose", [.float([1, 2, 3, 4, 2]), .weight([2, 3, 2, 3, 2]), .weight([3])],
      ["strides": ints(1, 2, 1), "output_shape": ints(4, 10, 3)]),
    NodeCase("ConvTranspose", [.float([1, 2, 3, 3]), .weight([2, 3, 1, 1])], ["strides": ints(3, 3), "auto_pad": .text("SAME_UPPER")]),
  ]

  static let products: [NodeCase] = [
    NodeCase("Gemm", [.float([5, 7]), .weight([9, 7]), .weight([9])], ["transB": .int(1)]),
    NodeCase("Gemm", [.float([7, 5]), .float([7, 3])], ["transA": .int(1), "alpha": .float(0.5)]),
    NodeCase("Gemm", [.float([1, 300]), .weight([300, 70]), .weight([1, 70])], ["beta": .float(2)]),
    NodeCase("MatMul", [.float([3, 40, 17]), .weight([17, 19])]),
    NodeCase("MatMul", [.float([2, 1, 8, 5]), .float([3, 5, 6])]),
    NodeCase("MatMul", [.float([6]), .float([6, 4])]),
    NodeCase("MatMul", [.float([2, 6, 4]), .float([4])]),
    NodeCase("MatMul", [.float([4]), .float([3, 4, 5])]),
  ]

  static let pools: [NodeCase] = [
    NodeCase(
      "MaxPool", [.float([2, 3, 9, 9])],
      ["kernel_shape": ints(3, 3), "strides": ints(2, 2), "pads": ints(1, 1, 1, 1), "ceil_mode": .int(1)]),
    NodeCase("MaxPool", [.float([1, 2, 15])], ["kernel_shape": ints(3), "dilations": ints(2)]),
    NodeCase(
      "AveragePool", [.float([1, 3, 8, 10])], ["kernel_shape": ints(2, 3), "pads": ints(1, 0, 0, 1), "count_include_pad": .int(1)]),
    NodeCase("AveragePool", [.float([1, 3, 8, 10])], ["kernel_shape": ints(3, 3), "pads": ints(1, 1, 1, 1), "strides": ints(2, 2)]),
    NodeCase("GlobalAveragePool", [.float([2, 5, 7, 9])]), NodeCase("GlobalMaxPool", [.float([2, 5, 7, 9])]),
  ]

  static let elementwise: [NodeCase] =
    [
      "Relu", "Sigmoid", "Tanh", "Exp", "Erf", "Neg", "Abs", "Floor", "Ceil", "Round", "Mish", "Softplus", "Softsign", "HardSwish",
      "LeakyRelu", "Elu", "Celu",
      "Selu", "HardSigmoid", "Gelu", "ThresholdedRelu", "Swish", "Reciprocal",
    ].map { NodeCase($0, [.float([3, 37])]) }
    + ["Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"].map { NodeCase($0, [.float([2, 5, 7, 3]), .float([5, 1, 1])]) }
    + ["Add", "Sub", "Mul", "Div"].map { NodeCase($0, [.float([5, 1]), .float([4, 1, 33])]) }
    + [[:], ["alpha": .float(1.702)]].map { NodeCase("SwiGLU", [.float([3, 37]), .float([3, 37])], $0) }
    + [
      NodeCase("Gelu", [.float([65])], ["approximate": .text("tanh")]), NodeCase("Mul", [.float([2, 54, 6, 7]), .float([2, 54, 1, 1])]),
      NodeCase("Mul", [.float([2, 54, 6, 7]), .float([2, 1, 6, 7])]),
      NodeCase(
        "BatchNormalization",
        [.float([2, 4, 5]), .weight([4]), .weight([4]), .weight([4]), .constant(try! Tensor([0.5, 1, 2, 3] as [Float], shape: [4]))]),
    ]

  static let reductions: [NodeCase] =
    ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"]
    .flatMap { op in
      [
        NodeCase(op, [.float([3, 4, 5, 6]), .constant(try! Tensor([-1, -2]))]),
        NodeCase(op, [.float([3, 4, 5, 6]), .constant(try! Tensor([1]))], ["keepdims": .int(0)]),
        NodeCase(op, [.float([2, 33])]),
      ]
    }
    + ["Softmax", "LogSoftmax"].flatMap { op in
      [NodeCase(op, [.float([5, 17])]), NodeCase(op, [.float([2, 5, 3, 4])], ["axis": .int(1)])]
    }
    + [
      NodeCase("LayerNormalization", [.float([4, 33]), .weight([33]), .weight([33])]),
      NodeCase("LayerNormalization", [.float([2, 3, 4]), .weight([3, 4])], ["axis": .int(1)]),
      NodeCase("InstanceNormalization", [.float([2, 3, 5, 5]), .weight([3]), .weight([3])]),
      NodeCase("GroupNormalization", [.float([2, 6, 5, 3]), .weight([6]), .weight([6])], ["num_groups": .int(3)]),
    ]

  static let fused: [NodeCase] =
    (["none", "relu", "sigmoid", "hardSwish", "swish", "tanh", "gelu"].map { ($0, [Float]()) } + [
      ("clip", [0, 6]), ("hardSigmoid", [0.2, 0.5]), ("leakyRelu", [0.1]),
    ])
    .flatMap { (name, parameters) -> [NodeCase] in
      var attributes: [String: Attribute] = ["activation": .text(name)]
      if !parameters.isEmpty { attributes["activation_params"] = .floats(parameters) }
      let padded = attributes.merging(["pads": ints(1, 1, 1, 1)]) { a, _ in a }
      return [
        NodeCase("FusedConv", [.float([1, 3, 6, 7]), .weight([4, 3, 3, 3]), .weight([4])], padded, domain: "onyx"),
        NodeCase(
          "FusedConv", [.float([1, 4, 5, 5]), .weight([4, 1, 3, 3]), .weight([4]), .float([1, 4, 5, 5])],
          padded.merging(["group": .int(4)]) { a, _ in a }, domain: "onyx"),
        NodeCase("FusedGemm", [.float([3, 8]), .weight([8, 5]), .weight([5])], attributes, domain: "onyx"),
        NodeCase("FusedGemm", [.float([3, 8]), .weight([8, 5]), .none, .float([3, 5])], attributes, domain: "onyx"),
      ]
    }

  static let fast = fused + convolutions + transposed + products + pools + elementwise + reductions

  @Test(arguments: fast) func equalsTheReference(_ test: NodeCase) throws { try Self.expectReference(test) }

  /// Each instruction set gives the reference's numbers, 2 and 3 threads the bits of one.
  static func expectReference(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows != ["reference"], "no row serves \(test)")
      for (actual, wanted) in zip(single.results, expected.results) {
        let (a, e) = (try actual.doubles(), try wanted.doubles())
        let scale = e.reduce(1e-30) { max($0, $1.magnitude) }
        #expect(actual.shape == wanted.shape)
        for index in e.indices where (a[index] - e[index]).magnitude > 2e-6 * scale {
          Issue.record("\(isa.name): element \(index) of \(test) is \(a[index]), expected \(e[index])")
          break
        }
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(
          try parallel.results.map { try $0.elements(as: Float.self).map(\.bitPattern) }
            == single.results.map { try $0.elements(as: Float.self).map(\.bitPattern) })
      }
    }
  }
}
