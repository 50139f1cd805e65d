import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

extension SweptRow {
  private static func mixed(_ type: ElementType, _ shape: Shape, _ seed: Int) throws -> NodeCase.Input {
    .given(try GenericRowTests.mixed(type, shape, seed: seed))
  }

  /// Rows of functions of one, two and more elements, those behind the float32 kernels among them.
  static let elementwise = unaries + binaries + [prelu, clip] + exact + [logarithm]

  /// Tails, nothing, and more than one thread is given.
  private static let lengths: [Shape] = [[], [0], [37], [3, 67], [70_003]]

  private static func unary(
    _ op: String, _ row: String, by agreement: @escaping @Sendable (ElementType) -> Agreement = { _ in .numbers }
  ) -> SweptRow {
    SweptRow(row, by: agreement, cases: { type in try lengths.map { NodeCase(op, [try mixed(type, $0, 3)]) } })
  }

  private static let unaries =
    ["Abs", "Neg", "Sign", "Relu", "Floor", "Ceil", "Round", "Sqrt", "Reciprocal", "LeakyRelu", "ThresholdedRelu"].map {
      unary($0, KernelRow.name(of: $0, "elements"))
    }
    + ["HardSigmoid", "HardSwish", "Softsign"].map { unary($0, KernelRow.name(of: $0, "elements"), by: severalRoundings) } + [shrink]

  /// Of formulas of several operations: the reference computes in float64 and rounds once, the kernel in float32, or in 16 bits with the
  /// least of their numbers, after each.
  @Sendable private static func severalRoundings(_ type: ElementType) -> Agreement {
    switch type {
    case .float32: .near(0x1p-21, plus: 0)
    case .float16: .near(0x1p-10, plus: 0x1p-24)
    case .bfloat16: .near(0x1p-7, plus: 0)
    default: .numbers
    }
  }

  private static let shrink = SweptRow("shrink_elements", .numbers) { type in
    try [[:], ["bias": .float(1.5), "lambd": .float(0.75)], ["bias": .float(.nan)]].flatMap { (attributes: [String: Attribute]) in
      try lengths.map { NodeCase("Shrink", [try mixed(type, $0, 3)], attributes) }
    }
  }

  private static let binaries = ["Add", "Sub", "Mul", "Div", "Max", "Min"].map { op in
    SweptRow(KernelRow.name(of: op, "elements"), .numbers) { type in
      try (GenericRowTests.pairs + [([70_003], [70_003])]).enumerated().map { index, shapes in
        NodeCase(op, [try mixed(type, shapes.0, index), try mixed(type, shapes.1, index + 100)])
      }
    }
  }

  private static let prelu = SweptRow("prelu_elements", .numbers) { type in
    try [[5, 67], [67], [5, 1], []].flatMap { (slope: Shape) in
      try [[3, 5, 67], [210, 5, 67]].map { (shape: Shape) in NodeCase("PRelu", [try mixed(type, shape, 1), try mixed(type, slope, 9)]) }
    }
  }

  private static let clip = SweptRow("clip_f32", .numbers) { type in
    let (low, high) = (NodeCase.Input.constant(try Tensor(scalar: Float(-0.5))), NodeCase.Input.constant(try Tensor(scalar: Float(256))))
    return try [[low, high], [low], [.none, high], [high, low], []].flatMap { limits in
      try lengths.map { NodeCase("Clip", [try mixed(type, $0, 3)] + limits) }
    }
  }

  private static let exact = [unary("Sqrt", "sqrt_f32")]

  /// A unit of the result, 24 bits.
  private static let logarithm = SweptRow("log_f32", .within(0x1p-22)) { type in
    try lengths.map { NodeCase("Log", [.given(try Tensor.random(type, $0, in: 1e-6...30, seed: 3))]) }
  }

  /// Rows of casts whose target is not what they are chosen by.
  static let conversions: [SweptRow] = [
    SweptRow("cast_lookup", .numbers) { type in
      try [ElementType.float32, .float16, .int64, .uint8, .bool].filter { $0 != type }.flatMap { target in
        try [[], [5, 67], [70_003]].map { (shape: Shape) in
          NodeCase("Cast", [try mixed(type, shape, 1)], ["to": .int(Int64(target.rawValue))])
        }
      }
    },
    SweptRow("cast_narrow_integer") { type in
      try [ElementType.int4, .uint4, .int2, .uint2].flatMap { target in
        try [[], [5, 67], [13_003]].map { (shape: Shape) in
          NodeCase("Cast", [try mixed(type, shape, 1)], ["to": .int(Int64(target.rawValue))])
        }
      }
    },
  ]
}
