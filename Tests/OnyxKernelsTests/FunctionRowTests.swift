import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Elementary functions against C's functions of doubles, and the rows of 16-bit floats and of powers against the reference.
@Suite("Elementary functions")
struct FunctionRowTests {
  static let ofBoth: [(String, @Sendable (Double) -> Double)] = [
    ("Sin", { sin($0) }), ("Cos", { cos($0) }), ("Tan", { tan($0) }), ("Asin", { asin($0) }), ("Acos", { acos($0) }),
    ("Atan", { atan($0) }), ("Sinh", { sinh($0) }), ("Cosh", { cosh($0) }), ("Asinh", { asinh($0) }), ("Acosh", { acosh($0) }),
    ("Atanh", { atanh($0) }),
  ]

  /// Numbers of every magnitude by their bits, of usual ones, and the special ones.
  static func sweep(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: 7)
    let special: [Double] = [
      0, -0.0, 1, -1, 0.5, -0.5, .infinity, -.infinity, .nan, 88.8, -104, 710.3, -710.3, 1e-40, -1e-40, 1e-30, 2, -2, 0.4142, 2.4143,
      33_554_432, 33_554_434, 1e38, -745, 1.0000001, 0.9999999,
    ]
    return special
      + (0..<count).map { index in
        switch index % 4 {
        case 0: Double(Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator)))
        case 1: Double(Float.random(in: -1.01...1.01, using: &generator))
        case 2: Double(Float.random(in: -100...100, using: &generator))
        default: Double(Float.random(in: -4...4, using: &generator))
        }
      }
  }

  /// The results on every instruction set, after a check that two and three threads give the bits of one.
  static func results(_ test: NodeCase) throws -> [(isa: String, tensor: Tensor)] {
    try ISA.tiers.map { isa in
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows != ["reference"], "\(test.op)")
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
        try GenericRowTests.expectIdentical(parallel.results[0], single.results[0], "\(test.op), \(threads) threads")
      }
      return (isa.name, single.results[0])
    }
  }

  @Test(arguments: ofBoth.indices) func float32WithinHalfAUnit(_ index: Int) throws {
    let (op, function) = Self.ofBoth[index]
    let x = Self.sweep(20_000).map { Float($0) }
    for (isa, tensor) in try Self.results(NodeCase(op, [.given(try Tensor(x, shape: [x.count]))])) {
      let y = try tensor.elements(as: Float.self)
      for (x, y) in zip(x, y) where ulps(y, function(Double(x))) > 0.51 || (x == 0 && y == 0 && x.sign != y.sign) {
        Issue.record("\(op) of \(x) on \(isa) is \(y) instead of \(function(Double(x)))")
        break
      }
    }
  }

  /// What the reference computes by formulas that cancel is no better than its own rounding.
  static let ofDoubles: [(String, Double, [String: Attribute])] =
    ofBoth.map { ($0.0, 0, [:]) } + [
      ("Exp", 0, [:]), ("Log", 0, [:]), ("Tanh", 0, [:]), ("Sigmoid", 0, [:]), ("Softplus", 0, [:]), ("Elu", 0, [:]), ("Celu", 0, [:]),
      ("Erf", 0, [:]), ("Swish", 0, ["alpha": .float(1.5)]), ("Mish", 1e-300, [:]), ("Selu", 1e-15, [:]), ("Gelu", 1e-14, [:]),
      ("Gelu", 1e-14, ["approximate": .text("tanh")]),
    ]

  @Test(arguments: ofDoubles.indices) func float64WithinFourUnits(_ index: Int) throws {
    let (op, absolute, attributes) = Self.ofDoubles[index]
    let x = Self.sweep(8_000).enumerated().map { $0 % 3 == 0 ? $1 * (1 + 0x1p-40) : $1 }
    let test = NodeCase(op, [.given(try Tensor(x, shape: [x.count]))], attributes)
    let expected = try test.run(.referenceOnly).results[0].doubles()
    for (isa, tensor) in try Self.results(test) {
      let y = try tensor.doubles()
      for index in y.indices where !Self.isNear(y[index], expected[index], units: 5, unit: \.ulp, absolute: max(absolute, 1e-306)) {
        Issue.record("\(op) of \(x[index]) on \(isa) is \(y[index]) instead of \(expected[index])")
        break
      }
    }
  }

  static func isNear(_ a: Double, _ e: Double, units: Double, unit: (Double) -> Double, absolute: Double) -> Bool {
    a == e || (a.isNaN && e.isNaN) || (a - e).magnitude <= units * unit(e) + absolute
  }

  static let halves: [String] = ElementFunction.all.filter { $0.operands == 1 && $0.name != "Clip" }.map(\.name)

  /// One rounding to float32 before that to 16 bits; what float32 computes to an absolute error keeps it.
  @Test(arguments: halves, [ElementType.float16, .bfloat16]) func halvesWithinAUnit(_ op: String, _ type: ElementType) throws {
    let x = try Tensor(floating: Self.sweep(5_000), as: type, shape: [5_026])
    let test = NodeCase(op, [.given(x)])
    let expected = try test.run(.referenceOnly).results[0].doubles()
    let isHalf = type == .float16
    let absolute = ["Gelu", "HardSwish", "HardSigmoid", "Selu"].contains(op) ? 5e-7 : isHalf ? 6e-8 : 1e-35
    let unit: (Double) -> Double = { isHalf ? Double(Float16($0).ulp) : $0.magnitude * 0x1p-7 }
    for (isa, tensor) in try Self.results(test) {
      let (x, y) = (try x.doubles(), try tensor.doubles())
      for index in y.indices where !Self.isNear(y[index], expected[index], units: 1, unit: unit, absolute: absolute) {
        Issue.record("\(op) of \(x[index]) as \(type) on \(isa) is \(y[index]) instead of \(expected[index])")
        break
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float16, .bfloat16], [ElementType.float32, .float16, .bfloat16, .int8, .uint16])
  func powers(_ base: ElementType, _ exponent: ElementType) throws {
    for (index, (a, b)) in GenericRowTests.pairs.enumerated() {
      let test = NodeCase(
        "Pow",
        [
          .given(try GenericRowTests.mixed(base, a, seed: index)), .given(try GenericRowTests.mixed(exponent, b, seed: index + 50)),
        ])
      try Self.expectPower(test, base)
    }
  }

  /// Constant exponents of any type.
  @Test func powersOfConstants() throws {
    let x = NodeCase.Input.float([3, 67])
    for exponent in [try Tensor([2 as Int64], shape: []), try Tensor([-3 as Int64, 0, 5], shape: [3, 1]), try Tensor([0.5 as Double])] {
      try Self.expectPower(NodeCase("Pow", [x, .constant(exponent)]), .float32)
    }
    let odd = NodeCase("Pow", [x, .constant(try Tensor([(1 << 24) + 1] as [Int64], shape: []))])
    #expect(try odd.run(KernelTable()).rows == ["reference"])
  }

  static func expectPower(_ test: NodeCase, _ type: ElementType) throws {
    let expected = try test.run(.referenceOnly).results[0].doubles()
    let unit: (Double) -> Double = { value in
      switch type {
      case .float16: Double(Float16(value).ulp)
      case .bfloat16: value.magnitude * 0x1p-7
      default: Double(Float(value).ulp)
      }
    }
    for (isa, tensor) in try results(test) {
      let y = try tensor.doubles()
      for index in y.indices where !isNear(y[index], expected[index], units: 1, unit: unit, absolute: type == .bfloat16 ? 1e-37 : 0) {
        Issue.record("\(test.op) \(type) on \(isa): element \(index) is \(y[index]) instead of \(expected[index])")
        break
      }
    }
  }
}
