import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows that round operands to bfloat16, against the scalar references.
@Suite("bfloat16 kernel rows")
struct Bfloat16RowTests {
  static func ints(_ values: Int64...) -> Attribute { .ints(values) }
  static let pads = BlockedRowTests.pads
  static let winograd: Set = ["blocked_conv_f32_winograd4", "blocked_conv_f32_winograd2"]
  /// Without the rows that come first.
  static let table = KernelTable(disabled: winograd)

  /// Inlined into the initial values below, Swift 6.3's optimizer merges the error slots of its calls into invalid code.
  @inline(never) static func blocked(_ shape: Shape, seed: Int) -> NodeCase.Input { BlockedRowTests.blocked(shape, seed: seed) }

  static let products: [NodeCase] = [
    NodeCase("MatMul", [.float([3, 40, 17]), .weight([17, 19])]), NodeCase("MatMul", [.float([2, 1]), .weight([1, 1])]),
    NodeCase("MatMul", [.float([29, 1030]), .weight([1030, 33])]), NodeCase("MatMul", [.float([150, 1024]), .weight([1024, 130])]),
    NodeCase("Gemm", [.float([5, 7]), .weight([9, 7]), .weight([9])], ["transB": .int(1)]),
    NodeCase("Gemm", [.float([15, 64]), .weight([64, 32]), .weight([1, 32])], ["beta": .float(2)]),
    NodeCase(
      "FusedGemm", [.float([7, 30]), .weight([30, 70]), .weight([70]), .float([7, 70])], ["activation": .text("gelu")], domain: "onyx"),
    NodeCase(
      "FusedMatMul", [.float([2, 17, 40]), .weight([40, 33]), .weight([33])],
      ["activation": .text("clip"), "activation_params": .floats([-10, 20])], domain: "onyx"),
    NodeCase(
      "FusedMatMul", [.float([3, 5, 700]), .weight([700, 96]), .none, .float([3, 5, 96])], ["activation": .text("relu")], domain: "onyx"),
  ]

  private static func hasFactors(_ test: NodeCase) -> Bool { test.inputs.count > 4 }

  static let convolutions = BlockedRowTests.pointwise + BlockedRowTests.windows

  /// The operands 0 and 1 as bfloat16 has them; everything else as it was.
  private static func rounded(_ test: NodeCase) throws -> NodeCase {
    func rounded(_ tensor: Tensor) throws -> Tensor {
      try Tensor(try tensor.elements(as: Float.self).map { BFloat16($0).float }, shape: tensor.shape)
    }
    var inputs = test.inputs
    for index in 0..<2 {
      switch inputs[index] {
      case .float(let shape): inputs[index] = .given(try rounded(NodeCase.noise(shape, seed: index)))
      case .weight(let shape): inputs[index] = .constant(try rounded(NodeCase.noise(shape, seed: index)))
      case .constant(let tensor): inputs[index] = .constant(try rounded(tensor))
      case .given(let tensor): inputs[index] = .given(try rounded(tensor))
      case .none: break
      }
    }
    return NodeCase(test.op, inputs, test.attributes, domain: test.domain)
  }

  private static func expectNear(_ actual: Tensor, _ expected: Tensor, within relative: Double, _ label: String) throws {
    #expect(actual.shape == expected.shape)
    let (a, e) = (try actual.doubles(), try expected.doubles())
    let bound = relative * e.reduce(1e-30) { max($0, $1.magnitude) }
    if let index = e.indices.first(where: { !((a[$0] - e[$0]).magnitude <= bound) }) {
      Issue.record("\(label): element \(index) is \(a[index]), expected \(e[index])")
    }
  }

  /// A product of two bfloat16 numbers is exact in float32: on rounded operands the reference differs by the roundings of its sum only, as
  /// from any float32 row. Factors are multiplied in float32 before the rounding, which a reference cannot do: then, as beside the
  /// reference on the operands as they are, each product is off by at most (1 + 2⁻⁸)² - 1. These errors have any sign, so that their sum
  /// stays below 2⁻⁷ of the largest result, though not below 2⁻⁷ of each.
  @Test(arguments: products + convolutions) func equalsTheReference(_ test: NodeCase) throws {
    let exact = try Self.hasFactors(test) ? nil : Self.rounded(test).run(.referenceOnly).results[0]
    let plain = try test.run(.referenceOnly).results[0]
    for isa in ISA.forms {
      let label = "\(isa.name) \(isa.mask) \(test)"
      let single = try test.run(Self.table, isa: isa, precision: .bfloat16)
      #expect(single.rows == [test.op == "BlockedConv" ? "blocked_conv_bf16" : "linear_bf16"], "\(label)")
      let actual = single.results[0]
      if let exact { try Self.expectNear(actual, exact, within: 2e-6, label) }
      try Self.expectNear(actual, plain, within: 0x1p-7, label)
      for threads in [2, 3] {
        let parallel = try test.run(Self.table, isa: isa, precision: .bfloat16, threads: threads).results[0]
        #expect(try BlockedWindowRowTests.bits(parallel) == BlockedWindowRowTests.bits(actual), "\(threads) threads, \(label)")
      }
    }
  }

  /// Enough work for several chunks on several threads.
  static let large: [NodeCase] = [
    NodeCase(
      "FusedMatMul", [.float([197, 384]), .weight([384, 300]), .weight([300]), .float([197, 300])], ["activation": .text("gelu")],
      domain: "onyx"),
    BlockedRowTests.conv(
      [blocked([1, 70, 30, 31], seed: 1), .weight([90, 70, 3, 3]), .weight([90])], pads.merging(["activation": .text("swish")]) { $1 }),
  ]

  @Test(arguments: large) func threadsChangeNothing(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly).results[0]
    let first = try test.run(Self.table, precision: .bfloat16).results[0]
    try Self.expectNear(first, expected, within: 0x1p-7, "\(test)")
    for threads in [2, 3, 4] {
      let parallel = try test.run(Self.table, precision: .bfloat16, threads: threads).results[0]
      #expect(try BlockedWindowRowTests.bits(parallel) == BlockedWindowRowTests.bits(first), "\(threads) threads")
    }
  }

  /// The result takes over the memory of the addend.
  @Test(arguments: (products + convolutions).filter { $0.inputs.count == 4 }) func addsInPlace(_ test: NodeCase) throws {
    let actual = try test.run(Self.table, precision: .bfloat16, isInArena: true)
    #expect(actual.rows.contains { $0.hasSuffix("_bf16") })
    try Self.expectNear(actual.results[0], try test.run(.referenceOnly, isInArena: true).results[0], within: 0x1p-7, "\(test)")
  }

  static let float32: [NodeCase] = [
    NodeCase("MatMul", [.float([1, 40]), .weight([40, 33])]), NodeCase("MatMul", [.float([6, 40]), .float([40, 33])]),
    NodeCase("MatMul", [.float([6, 40]), .weight([40])]), NodeCase("MatMul", [.float([6, 40]), .weight([2, 40, 7])]),
    NodeCase("Gemm", [.float([5, 7]), .weight([7, 9])], ["alpha": .float(0.5)]),
    NodeCase("Gemm", [.float([7, 5]), .weight([7, 3])], ["transA": .int(1)]),
    NodeCase("Gemm", [.float([5, 7]), .weight([7, 9]), .float([9])]),
    BlockedRowTests.conv([blocked([1, 32, 7, 7], seed: 1), .weight([32, 16, 3, 3])], ["group": .int(2), "pads": ints(1, 1, 1, 1)]),
    BlockedRowTests.conv([.float([1, 3, 12, 12]), .weight([16, 3, 3, 3])], pads),
  ]

  @Test(arguments: float32) func othersStayFloat32(_ test: NodeCase) throws {
    let (rounding, plain) = (try test.run(KernelTable(), precision: .bfloat16), try test.run(KernelTable()))
    #expect(rounding.rows == plain.rows)
    #expect(try BlockedWindowRowTests.bits(rounding.results[0]) == BlockedWindowRowTests.bits(plain.results[0]))
  }

  @Test(arguments: products + convolutions) func nothingIsRoundedUnasked(_ test: NodeCase) throws {
    let rows = try test.run(KernelTable()).rows
    #expect(!rows.contains { $0.hasSuffix("_bf16") }, "\(rows)")
  }

  /// Where Winograd's form is the cheaper one it stays, in float32.
  @Test func winogradComesFirst() throws {
    let test = BlockedRowTests.conv([Self.blocked([1, 64, 28, 28], seed: 1), .weight([64, 64, 3, 3])], Self.pads)
    #expect(Self.winograd.isSuperset(of: try test.run(KernelTable(), precision: .bfloat16).rows))
    #expect(try test.run(Self.table, precision: .bfloat16).rows == ["blocked_conv_bf16"])
  }

  /// Padding lanes of the input are garbage that meets zeros.
  @Test func paddingLanesDoNotCount() throws {
    try BlockedRowTests.expectPaddingLanesIgnored { try $0.run(Self.table, precision: .bfloat16).results[0] }
  }

  /// NaN and infinities of one row stay in it.
  @Test func notANumberStaysInItsRow() throws {
    var values = try NodeCase.noise([20, 33], seed: 3).elements(as: Float.self)
    values[4 * 33 + 32] = .nan
    values[9 * 33] = .infinity
    let test = NodeCase("MatMul", [.given(try Tensor(values, shape: [20, 33])), .weight([33, 18])])
    for isa in ISA.forms {
      let y = try test.run(Self.table, isa: isa, precision: .bfloat16).results[0].elements(as: Float.self)
      for index in y.indices {
        #expect(y[index].isNaN == (index / 18 == 4) && y[index].isInfinite == (index / 18 == 9), "\(isa.name) at \(index)")
      }
    }
  }
}
