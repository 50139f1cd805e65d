import CKernels
import OnyxKernels
import OnyxRuntime
import OnyxThreads
import Testing

@Suite struct GemmTests {
  static let shapes = [
    (1, 1, 1), (1, 1, 7), (1, 33, 5), (1, 130, 700), (5, 1, 9), (70, 1, 600), (2, 3, 4), (4, 8, 16), (6, 16, 3),
    (7, 17, 9),
    (13, 31, 33), (14, 32, 64), (15, 33, 65), (29, 65, 513), (28, 64, 1030), (3, 200, 40), (200, 3, 40), (64, 49, 300),
    (5, 260, 530), (8, 129, 64),
  ]

  /// Row-major product in Double, and the sum of absolute terms.
  static func reference(_ a: [Float], _ b: [Float], _ m: Int, _ n: Int, _ k: Int) -> ([Double], [Double]) {
    var sums = [Double](repeating: 0, count: m * n)
    var scale = sums
    for i in 0..<m {
      for p in 0..<k {
        let left = Double(a[i * k + p])
        for j in 0..<n {
          let term = left * Double(b[p * n + j])
          sums[i * n + j] += term
          scale[i * n + j] += term.magnitude
        }
      }
    }
    return (sums, scale)
  }

  static func transposed(_ x: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<rows * columns).map { x[$0 % rows * columns + $0 / rows] }
  }

  /// Both operands in each of three memory orders and packed, for every tier, equal to the reference; C inside a
  /// wider buffer is not touched outside.
  @Test(arguments: ISA.tiers.indices, shapes.indices)
  func orders(tier: Int, shape: Int) throws {
    let isa = ISA.tiers[tier]
    let (m, n, k) = Self.shapes[shape]
    let a = Buffer(random: m * k, seed: 1)
    let b = Buffer(random: k * n, seed: 2)
    let (expected, scale) = Self.reference(a.values, b.values, m, n, k)
    let at = Buffer(Self.transposed(a.values, m, k))
    let bt = Buffer(Self.transposed(b.values, k, n))
    let wide = Buffer(a.values.flatMap { [$0, .nan] }.dropLast())
    let left: [(String, Gemm.Operand)] = unsafe [
      ("rows", .matrix(Matrix(a.base, rowStride: k))),
      ("columns", .matrix(Matrix(at.base, rowStride: 1, columnStride: m))),
      ("strided", .matrix(Matrix(wide.base, rowStride: 2 * k, columnStride: 2))),
      (
        "packed",
        .packed(try PackedMatrix(rowsOf: Matrix(a.base, rowStride: k), lanes: m, depth: k, isa: isa, pool: serial))
      ),
    ]
    let right: [(String, Gemm.Operand)] = unsafe [
      ("rows", .matrix(Matrix(b.base, rowStride: n))),
      ("columns", .matrix(Matrix(bt.base, rowStride: 1, columnStride: k))),
      (
        "packed",
        .packed(try PackedMatrix(columnsOf: Matrix(b.base, rowStride: n), depth: k, lanes: n, isa: isa, pool: serial))
      ),
    ]
    for (leftName, x) in left {
      for (rightName, y) in right {
        let label = "\(isa.name) \(m)x\(n)x\(k) \(leftName) \(rightName)"
        let c = Buffer(count: m * n)
        unsafe Gemm.multiply(m: m, n: n, k: k, x, y, into: c.base, rowStride: n, isa: isa, pool: serial)
        expectClose(c.values, expected, scale: scale, relative: 3e-6, label)
        let spaced = Buffer(count: m * (n + 3), value: -5)
        unsafe Gemm.multiply(m: m, n: n, k: k, x, y, into: spaced.base, rowStride: n + 3, isa: isa, pool: serial)
        for i in 0..<m {
          expectClose(
            (0..<n).map { spaced[i * (n + 3) + $0] }, Array(expected[i * n..<i * n + n]),
            scale: Array(scale[i * n..<i * n + n]), relative: 3e-6, label)
          for j in n..<n + 3 { #expect(spaced[i * (n + 3) + j] == -5) }
        }
      }
    }
  }

  /// Alpha, accumulation, both biases and each kind of activation.
  @Test(arguments: ISA.tiers.indices, [(1, 40, 30), (40, 1, 30), (17, 37, 600), (5, 6, 0), (7, 140, 90)])
  func epilogue(tier: Int, shape: (Int, Int, Int)) {
    let isa = ISA.tiers[tier]
    let (m, n, k) = shape
    let a = Buffer(random: m * k, seed: 3)
    let b = Buffer(random: k * n, seed: 4)
    let rowBias = Buffer(random: m, seed: 5)
    let columnBias = Buffer(random: n, seed: 6)
    let before = Buffer(random: m * n, seed: 7)
    let (product, scale) = Self.reference(a.values, b.values, m, n, k)
    let activations: [(Activation, (Double) -> Double)] = [
      (.none, { $0 }), (.relu, { max($0, 0) }), (.clamp(-0.5, 0.25), { min(max($0, -0.5), 0.25) }),
      (.unary(UnaryOperation(ONYX_UNARY_LEAKY_RELU), 0.125), { $0 < 0 ? $0 * 0.125 : $0 }),
    ]
    for (activation, function) in activations {
      for accumulate in [false, true] {
        let c = Buffer(before.values)
        unsafe Gemm.multiply(
          m: m, n: n, k: k, .matrix(Matrix(a.base, rowStride: k)), .matrix(Matrix(b.base, rowStride: n)), into: c.base,
          rowStride: n,
          epilogue: .init(
            alpha: 0.5, accumulate: accumulate, rowBias: rowBias.base, columnBias: columnBias.base,
            activation: activation),
          isa: isa, pool: serial)
        let expected = (0..<m * n).map { i in
          function(
            0.5 * product[i] + (accumulate ? Double(before[i]) : 0) + Double(rowBias[i / n]) + Double(columnBias[i % n])
          )
        }
        expectClose(
          c.values, expected, scale: scale.map { $0 + 3 }, relative: 3e-6,
          "\(isa.name) \(shape) \(activation) \(accumulate)")
      }
    }
  }

  /// The same bits for 1, 2 and 3 threads, whichever side is packed.
  @Test(
    arguments: ISA.tiers.indices,
    [
      (150, 333, 700), (333, 64, 900), (33, 500, 129), (1, 5000, 300), (3000, 1, 100), (1, 700, 2048), (1, 300, 6144), (5, 900, 600),
      (8, 200, 40),
    ])
  func threads(tier: Int, shape: (Int, Int, Int)) throws {
    let isa = ISA.tiers[tier]
    let (m, n, k) = shape
    let a = Buffer(random: m * k, seed: 1)
    let b = Buffer(random: k * n, seed: 2)
    let left = unsafe Matrix(a.base, rowStride: k)
    let right = unsafe Matrix(b.base, rowStride: n)
    let packedLeft = try PackedMatrix(rowsOf: left, lanes: m, depth: k, isa: isa, pool: serial)
    let packedRight = try PackedMatrix(columnsOf: right, depth: k, lanes: n, isa: isa, pool: serial)
    let pairs: [(Gemm.Operand, Gemm.Operand)] = [
      (.matrix(left), .matrix(right)), (.packed(packedLeft), .matrix(right)), (.matrix(left), .packed(packedRight)),
      (.packed(packedLeft), .packed(packedRight)),
    ]
    for (x, y) in pairs {
      let results = [1, 2, 3].map { threads in
        let c = Buffer(count: m * n)
        unsafe Gemm.multiply(
          m: m, n: n, k: k, x, y, into: c.base, rowStride: n, isa: isa, pool: ThreadPool(threads: threads))
        return bits(c.values)
      }
      #expect(results[0] == results[1] && results[0] == results[2], "\(isa.name) \(shape)")
    }
  }

  /// Batches with repeated operands.
  @Test(arguments: [1, 3]) func batch(threads: Int) {
    let (m, n, k, count) = (9, 21, 35, 6)
    let pool = ThreadPool(threads: threads)
    let a = Buffer(random: m * k * 2, seed: 1)
    let b = Buffer(random: k * n * count, seed: 2)
    let c = Buffer(count: m * n * count)
    let aOffsets = (0..<count).map { $0 % 2 * m * k }
    let bOffsets = (0..<count).map { $0 * k * n }
    unsafe Gemm.multiplyBatch(
      m: m, n: n, k: k, Matrix(a.base, rowStride: k), offsets: aOffsets, Matrix(b.base, rowStride: n),
      offsets: bOffsets,
      into: c.base, offsets: (0..<count).map { $0 * m * n }, rowStride: n, isa: .host, pool: pool)
    for i in 0..<count {
      let (expected, scale) = Self.reference(
        Array(a.values[aOffsets[i]..<aOffsets[i] + m * k]), Array(b.values[bOffsets[i]..<bOffsets[i] + k * n]), m, n, k)
      expectClose(Array(c.values[i * m * n..<(i + 1) * m * n]), expected, scale: scale, relative: 3e-6, "batch \(i)")
    }
  }

  /// NaN and infinity go through products, clamps keep NaN.
  @Test(arguments: ISA.tiers.indices) func specials(tier: Int) {
    let a = Buffer([.nan, 1, 2, .infinity])
    let b = Buffer([1, 2, 3, 4])
    let c = Buffer(count: 4)
    unsafe Gemm.multiply(
      m: 2, n: 2, k: 2, .matrix(Matrix(a.base, rowStride: 2)), .matrix(Matrix(b.base, rowStride: 2)), into: c.base,
      rowStride: 2, epilogue: .init(activation: .relu), isa: ISA.tiers[tier], pool: serial)
    #expect(c[0].isNaN && c[1].isNaN && c[2] == .infinity && c[3] == .infinity)
  }
}
