import CKernels
import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxThreads
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A unary function in Double with its parameters and the error a tier may make: units in the last place of the
/// result, plus an absolute term in units of 2^-24 for forms that subtract by definition.
struct UnaryOracle: Sendable {
  let operation: UnaryOperation
  let p0: Float, p1: Float
  let ulps: Double, absolute: Double
  let function: @Sendable (Double) -> Double

  init(
    _ index: Int, p0: Float = 0, p1: Float = 0, ulps: Double = 0.5, absolute: Double = 0, _ function: @escaping @Sendable (Double) -> Double
  ) {
    operation = UnaryOperation(index)
    (self.p0, self.p1, self.ulps, self.absolute) = (p0, p1, ulps, absolute)
    self.function = function
  }

  static let all: [UnaryOracle] = [
    .init(ONYX_UNARY_RELU) { $0 < 0 ? 0 : $0 },
    .init(ONYX_UNARY_LEAKY_RELU, p0: 0.25) { $0 < 0 ? $0 * 0.25 : $0 },
    .init(ONYX_UNARY_CLIP, p0: -0.5, p1: 2) { $0 < -0.5 ? -0.5 : $0 > 2 ? 2 : $0 },
    .init(ONYX_UNARY_SIGMOID, ulps: 3) { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) },
    .init(ONYX_UNARY_HARD_SIGMOID, p0: 0.25, p1: 0.5, ulps: 1, absolute: 1) {
      min(max($0 * 0.25 + 0.5, 0), 1) + ($0.isNaN ? .nan : 0)
    },
    .init(ONYX_UNARY_HARD_SWISH, ulps: 3, absolute: 2) { $0.isNaN ? .nan : $0 * min(max($0 / 6 + 0.5, 0), 1) },
    // Zero below about 2⁻¹¹⁸.
    .init(ONYX_UNARY_SWISH, p0: 1, ulps: 4, absolute: 0x1p-94) {
      $0 < 0 ? $0 * (exp($0) / (1 + exp($0))) : $0 / (1 + exp(-$0))
    },
    .init(ONYX_UNARY_TANH, ulps: 5) { tanh($0) },
    .init(ONYX_UNARY_EXP, ulps: 3) { exp($0) },
    .init(ONYX_UNARY_LOG, ulps: 3) { log($0) },
    .init(ONYX_UNARY_SQRT, ulps: 0.5) { $0.squareRoot() },
    .init(ONYX_UNARY_ERF, ulps: 5) { erf($0) },
    .init(ONYX_UNARY_GELU, ulps: 5, absolute: 8) { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
    .init(ONYX_UNARY_GELU_TANH, ulps: 60, absolute: 2) {
      let u = (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)
      return $0 / (1 + exp(-2 * u))
    },
    .init(ONYX_UNARY_ELU, p0: 0.75, ulps: 4) { $0 < 0 ? 0.75 * expm1($0) : $0 },
    .init(ONYX_UNARY_NEGATE) { -$0 },
    .init(ONYX_UNARY_ABS) { $0.magnitude },
    .init(ONYX_UNARY_RECIPROCAL) { 1 / $0 },
    .init(ONYX_UNARY_FLOOR) { $0.rounded(.down) },
    .init(ONYX_UNARY_CEIL) { $0.rounded(.up) },
    .init(ONYX_UNARY_ROUND) { $0.rounded(.toNearestOrEven) },
    .init(ONYX_UNARY_MISH, ulps: 5, absolute: 0x1p-118) {
      let e = exp(min($0, 40))
      return $0 * (e * (e + 2) / (e * (e + 2) + 2))
    },
    .init(ONYX_UNARY_SOFTPLUS, ulps: 4) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    .init(ONYX_UNARY_SOFTSIGN, ulps: 1.5) { $0 / (1 + $0.magnitude) },
    .init(ONYX_UNARY_SELU, p0: 1.6732632, p1: 1.050701, ulps: 5) {
      Double(Float(1.050701)) * ($0 <= 0 ? Double(Float(1.6732632)) * expm1($0) : $0)
    },
    .init(ONYX_UNARY_CELU, p0: 2, ulps: 4) { $0 < 0 ? 2 * expm1($0 / 2) : $0 },
    .init(ONYX_UNARY_THRESHOLDED_RELU, p0: 1) { $0 > 1 ? $0 : 0 },
    .init(ONYX_UNARY_AFFINE, p0: 2, p1: 1, ulps: 1, absolute: 1) { 2 * $0 + 1 },
  ]
}

/// A binary function of float32 numbers with its parameter, and the error a tier may make in units in the last place.
struct BinaryOracle: Sendable {
  let operation: BinaryOperation
  let p0: Float
  let ulps: Double
  let function: @Sendable (Float, Float) -> Float

  init(_ index: Int, p0: Float = 0, ulps: Double = 0, _ function: @escaping @Sendable (Float, Float) -> Float) {
    operation = BinaryOperation(index)
    (self.p0, self.ulps) = (p0, ulps)
    self.function = function
  }

  static let all: [BinaryOracle] = [
    .init(ONYX_BINARY_ADD) { $0 + $1 },
    .init(ONYX_BINARY_SUBTRACT) { $0 - $1 },
    .init(ONYX_BINARY_MULTIPLY) { $0 * $1 },
    .init(ONYX_BINARY_DIVIDE) { $0 / $1 },
    .init(ONYX_BINARY_MAXIMUM) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) },
    .init(ONYX_BINARY_MINIMUM) { $0.isNaN || $1.isNaN ? .nan : min($0, $1) },
    .init(ONYX_BINARY_PRELU) { $0 < 0 ? $0 * $1 : $0 },
    .init(ONYX_BINARY_SWIGLU, p0: 1.702, ulps: 6) { Float(Double($0) / (1 + exp(-Double(Float(1.702)) * Double($0))) * Double($1)) },
  ]

  func accepts(_ found: Float, _ a: Float, _ b: Float) -> Bool {
    let expected = function(a, b)
    return found == expected || (found.isNaN && expected.isNaN) || OnyxKernelsTests.ulps(found, Double(expected)) <= ulps
  }
}

@Suite struct ElementwiseTests {
  /// Values over all magnitudes, dense where functions bend, and the special ones.
  static let sweep: [Float] = {
    var values: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, 0.5, 1.5, 2.5, -0.5, 8388607.5, -8_388_609,
    ]
    for bits in stride(from: UInt32(0), to: 0x7f80_0000, by: 49_157) {
      values += [Float(bitPattern: bits), -Float(bitPattern: bits)]
    }
    for i in -60_000...60_000 { values.append(Float(i) * 0.0019) }
    return values
  }()

  /// Every function and tier over the sweep within its bound.
  @Test(arguments: UnaryOracle.all.indices) func accuracy(index: Int) {
    let oracle = UnaryOracle.all[index]
    let x = Buffer(Self.sweep)
    let y = Buffer(count: Self.sweep.count)
    for isa in ISA.tiers {
      unsafe Elementwise.unary(
        oracle.operation, x.base, y.base, count: x.count, p0: oracle.p0, p1: oracle.p1, isa: isa, pool: serial)
      var worst = 0.0
      var at: Float = 0
      for i in 0..<x.count {
        let expected = oracle.function(Double(x[i]))
        if oracle.absolute > 0,
          (Double(y[i]) - expected).magnitude <= oracle.absolute * 0x1p-24 * max(1, expected.magnitude)
        {
          continue
        }
        let error = ulps(y[i], expected)
        if error > worst { (worst, at) = (error, x[i]) }
      }
      let bound = isa.name == "scalar" ? oracle.ulps + 1.5 : oracle.ulps
      #expect(worst <= bound, "\(oracle.operation) \(isa.name): \(worst) ulp at \(at)")
    }
  }

  @Test func oraclesCoverEveryFunction() {
    #expect(UnaryOracle.all.map(\.operation) == UnaryOperation.allCases)
    #expect(BinaryOracle.all.map(\.operation) == BinaryOperation.allCases)
  }

  /// A kernel of the name of each function that a product may apply, and no name twice.
  @Test func namesAreThoseOfOperators() {
    for name in ElementFunction.names(for: [.product, .plainProduct]) { #expect(UnaryOperation(named: name)?.name == name) }
    for operation in UnaryOperation.allCases where !["", "GeluTanh"].contains(operation.name) {
      #expect(ElementFunction.named(operation.name) != nil, "\(operation)")
    }
    for operation in BinaryOperation.allCases { #expect(Catalog.definitions.contains { $0.signature.op.name == operation.name }) }
  }

  /// Tails, alignments and in-place use give the bits of one long call.
  @Test(arguments: UnaryOperation.allCases) func tails(operation: UnaryOperation) {
    for isa in ISA.tiers {
      let whole = Buffer(random: 160, seed: 5)
      let result = Buffer(count: 160)
      unsafe Elementwise.unary(operation, whole.base, result.base, count: 160, p0: 0.5, p1: 1, isa: isa, pool: serial)
      for n in edgeLengths {
        for slack in [0, 1, 3] {
          let x = Buffer(Array(whole.values.prefix(n)), slack: slack)
          let y = Buffer(count: n, slack: slack)
          unsafe Elementwise.unary(operation, x.base, y.base, count: n, p0: 0.5, p1: 1, isa: isa, pool: serial)
          #expect(bits(y.values) == bits(Array(result.values.prefix(n))), "\(operation) \(isa.name) \(n)")
          unsafe Elementwise.unary(operation, x.base, x.base, count: n, p0: 0.5, p1: 1, isa: isa, pool: serial)
          #expect(bits(x.values) == bits(y.values), "in place")
        }
      }
    }
  }

  /// Rows, columns, scalars, transposes and middle axes broadcast against each other.
  @Test(arguments: BinaryOracle.all.indices) func broadcasting(row: Int) {
    let oracle = BinaryOracle.all[row]
    let cases: [(shape: [Int], a: [Int], b: [Int])] = [
      ([], [], []), ([1], [0], [0]), ([37], [1], [1]), ([37], [1], [0]), ([37], [0], [1]), ([37], [0], [0]),
      ([37], [2], [1]),
      ([5, 33], [33, 1], [0, 1]), ([5, 33], [33, 1], [1, 0]), ([5, 33], [1, 5], [33, 1]),
      ([3, 4, 17], [68, 17, 1], [17, 0, 1]),
      ([3, 4, 17], [68, 17, 1], [4, 1, 0]), ([2, 3, 4, 5], [60, 20, 5, 1], [0, 1, 0, 3]),
      ([2, 0, 3], [0, 3, 1], [0, 3, 1]),
      ([40, 600], [600, 1], [0, 1]), ([1, 300, 1], [0, 1, 0], [0, 5, 0]),
    ]
    for isa in ISA.tiers {
      for c in cases {
        let count = c.shape.reduce(1, *)
        let reach = { (strides: [Int]) in zip(c.shape, strides).reduce(1) { $0 + max($1.0 - 1, 0) * $1.1 } }
        let a = Buffer(random: reach(c.a), seed: 1)
        let b = Buffer(random: reach(c.b), seed: 2)
        if a.count > 3 { unsafe a.base[2] = .nan }
        if b.count > 3 { unsafe b.base[3] = .nan }
        let operands: [(Float, Float)] = (0..<count).map { index in
          var (rest, i, j) = (index, 0, 0)
          for axis in c.shape.indices.reversed() {
            i += rest % c.shape[axis] * c.a[axis]
            j += rest % c.shape[axis] * c.b[axis]
            rest /= c.shape[axis]
          }
          return (a[i], b[j])
        }
        for threads in [1, 3] {
          let y = Buffer(count: count)
          unsafe Elementwise.binary(
            oracle.operation, a.base, strides: c.a, b.base, strides: c.b, y.base, shape: c.shape, p0: oracle.p0, isa: isa,
            pool: ThreadPool(threads: threads))
          #expect(zip(y.values, operands).allSatisfy { oracle.accepts($0, $1.0, $1.1) }, "\(oracle.operation) \(isa.name) \(c)")
        }
      }
    }
  }

  /// The three forms of each function over edge lengths and alignments.
  @Test(arguments: BinaryOracle.all.indices) func binaryTails(row: Int) {
    let oracle = BinaryOracle.all[row]
    for isa in ISA.tiers {
      for n in edgeLengths where n > 0 {
        let a = Buffer(random: n, seed: 3, slack: n % 3)
        let b = Buffer(random: n, seed: 4, slack: n % 2)
        for (i, j) in [(1, 1), (1, 0), (0, 1)] {
          let y = Buffer(count: n)
          unsafe Elementwise.binary(
            oracle.operation, a.base, strides: [i], b.base, strides: [j], y.base, shape: [n], p0: oracle.p0, isa: isa, pool: serial)
          #expect(
            (0..<n).allSatisfy { oracle.accepts(y[$0], a[$0 * i], b[$0 * j]) },
            "\(oracle.operation) \(isa.name) \(n)")
        }
      }
    }
  }

  /// Scale and shift per channel, with and without inner extent.
  @Test(arguments: [(2, 3, 1), (3, 37, 1), (2, 5, 49), (1, 1, 17)]) func channelAffine(
    rows: Int, channels: Int, inner: Int
  ) {
    let count = rows * channels * inner
    let x = Buffer(random: count, seed: 1)
    let scale = Buffer(random: channels, seed: 2)
    let shift = Buffer(random: channels, seed: 3)
    let expected = (0..<count).map { i in
      let c = i / inner % channels
      return max(Double(x[i]) * Double(scale[c]) + Double(shift[c]), 0)
    }
    for isa in ISA.tiers {
      let y = Buffer(count: count)
      unsafe Elementwise.channelAffine(
        x.base, y.base, rows: rows, channels: channels, inner: inner, scale: scale.base, shift: shift.base,
        activation: .relu,
        isa: isa, pool: serial)
      expectClose(y.values, expected, scale: expected.map { _ in 2 }, relative: 1e-7, isa.name)
    }
  }
}
