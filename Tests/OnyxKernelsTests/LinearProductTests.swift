import CKernels
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads
import Testing

/// Products that read rows in place, and products of one row.
@Suite struct LinearProductTests {
  static let shapes = [
    (1, 1, 1), (1, 33, 7), (1, 130, 700), (1, 40, 5000), (2, 3, 4), (5, 17, 33), (13, 31, 33), (14, 32, 64), (15, 33, 65), (29, 65, 513),
    (28, 96, 1024), (197, 70, 40), (34, 192, 64), (3, 500, 1030),
  ]

  struct Options: Sendable {
    var alpha: Float = 1
    var hasBias = false
    var hasAddend = false
    /// The addend stands in the result's memory.
    var isInPlace = false
    var activation = Activation.none
  }

  static let options: [Options] = [
    Options(), Options(hasBias: true, activation: .relu),
    Options(alpha: 0.5, hasAddend: true, activation: .unary(UnaryOperation(ONYX_UNARY_GELU))),
    Options(hasBias: true, hasAddend: true, isInPlace: true, activation: .clamp(-0.25, 0.5)),
  ]

  static func apply(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: x
    case .clamp(let low, let high): min(max(x, Double(low)), Double(high))
    case .unary: UnaryOracle.all.first { $0.operation == UnaryOperation(ONYX_UNARY_GELU) }!.function(x)
    }
  }

  /// Every shape and epilogue on every tier equals the reference; 2 and 3 threads give the bits of one.
  @Test(arguments: ISA.tiers.indices, shapes.indices) func product(tier: Int, row: Int) throws {
    let isa = ISA.tiers[tier]
    let (m, n, k) = Self.shapes[row]
    let x = Buffer(random: m * k, seed: 1)
    let w = Buffer(random: k * n, seed: 2)
    let bias = Buffer(random: n, seed: 3)
    let addend = Buffer(random: m * n, seed: 4)
    let (sums, scale) = GemmTests.reference(x.values, w.values, m, n, k)
    let packed = try unsafe PackedMatrix(columnsOf: Matrix(w.base, rowStride: n), depth: k, lanes: n, isa: isa, pool: serial)
    for options in Self.options {
      let product = LinearProduct(m: m, n: n, k: k, rowStride: k, alpha: options.alpha, activation: options.activation, isa: isa)
      let expected = sums.indices.map { i in
        Self.apply(
          options.activation,
          sums[i] * Double(options.alpha) + (options.hasBias ? Double(bias[i % n]) : 0) + (options.hasAddend ? Double(addend[i]) : 0))
      }
      var first: [UInt32] = []
      for threads in [1, 2, 3] {
        let y = options.isInPlace ? Buffer(addend.values) : Buffer(count: m * n)
        unsafe product.run(
          .init(
            x: x.base, bias: options.hasBias ? UnsafePointer(bias.base) : nil,
            addend: options.hasAddend ? UnsafePointer(options.isInPlace ? y.base : addend.base) : nil, y: y.base),
          .packed(packed), pool: ThreadPool(threads: threads))
        if threads == 1 {
          first = bits(y.values)
          expectClose(y.values, expected, scale: scale.map { $0 + 2 }, relative: 2e-6, "\(isa.name) \(m)x\(n)x\(k) \(options)")
        } else {
          #expect(bits(y.values) == first, "\(isa.name) \(m)x\(n)x\(k), \(threads) threads")
        }
      }
    }
  }

  /// One row against weights that lie as the model has them.
  @Test(arguments: ISA.tiers.indices, [(1, 1), (5, 3), (33, 17), (1000, 2048), (257, 63)]) func columns(tier: Int, shape: (Int, Int)) {
    let isa = ISA.tiers[tier]
    let (n, k) = shape
    let x = Buffer(random: k, seed: 1)
    let w = Buffer(random: n * k, seed: 2, slack: 1)
    let bias = Buffer(random: n, seed: 3)
    let addend = Buffer(random: n, seed: 4)
    let (sums, scale) = GemmTests.reference(x.values, GemmTests.transposed(w.values, n, k), 1, n, k)
    let product = LinearProduct(m: 1, n: n, k: k, rowStride: k, alpha: 2, activation: .relu, isa: isa)
    let expected = sums.indices.map { max(2 * sums[$0] + Double(bias[$0]) + Double(addend[$0]), 0) }
    var first: [UInt32] = []
    for threads in [1, 2, 3] {
      let y = Buffer(count: n)
      unsafe product.run(
        .init(x: x.base, weights: UnsafePointer(w.base), bias: UnsafePointer(bias.base), addend: UnsafePointer(addend.base), y: y.base),
        .columns,
        pool: ThreadPool(threads: threads))
      if threads == 1 {
        first = bits(y.values)
        expectClose(y.values, expected, scale: scale.map { 2 * $0 + 2 }, relative: 2e-6, "\(isa.name) \(shape)")
      }
      #expect(bits(y.values) == first)
    }
  }

  /// NaN and infinity go through; a clamp keeps NaN.
  @Test(arguments: ISA.tiers.indices, [1, 2]) func specials(tier: Int, rows: Int) throws {
    let isa = ISA.tiers[tier]
    let x = Buffer(Array([Float.nan, 1, 2, .infinity].suffix(2 * rows)))
    let w = Buffer([1, 2, 3, 4])
    let packed = try unsafe PackedMatrix(columnsOf: Matrix(w.base, rowStride: 2), depth: 2, lanes: 2, isa: isa, pool: serial)
    let y = Buffer(count: 2 * rows)
    unsafe LinearProduct(m: rows, n: 2, k: 2, rowStride: 2, alpha: 1, activation: .relu, isa: isa).run(
      .init(x: x.base, y: y.base), .packed(packed), pool: serial)
    #expect(y.values.suffix(2).allSatisfy { $0 == .infinity } && y.values.dropLast(2).allSatisfy(\.isNaN))
  }
}
