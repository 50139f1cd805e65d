import OnyxKernels
import OnyxRuntime
import OnyxThreads
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Attention over strided views against the formula in Double.
@Suite struct FusedAttentionTests {
  /// Batch, heads, queries, keys, depth, features.
  struct Extents: Sendable {
    let b, h, s, t, d, e: Int
    init(_ b: Int, _ h: Int, _ s: Int, _ t: Int, _ d: Int, _ e: Int) {
      (self.b, self.h, self.s, self.t, self.d, self.e) = (b, h, s, t, d, e)
    }
  }

  static let extents: [Extents] = [
    Extents(1, 1, 1, 1, 1, 1), Extents(2, 1, 17, 11, 64, 64), Extents(2, 3, 5, 7, 3, 9), Extents(1, 2, 33, 40, 16, 15),
    Extents(1, 1, 65, 600, 8, 8), Extents(1, 2, 3, 257, 1, 5), Extents(1, 1, 2, 5, 530, 4), Extents(2, 4, 49, 49, 32, 32),
  ]

  /// How an operand lies in memory: heads inside rows, rows inside heads, or features outermost.
  enum Order: CaseIterable, Sendable { case rowMajor, headMajor, featureMajor }

  static func layout(_ order: Order, heads: Int, rows: Int, features: Int, offset: Int) -> FusedAttention.Layout {
    let size = heads * rows * features
    return switch order {
    case .rowMajor: .init(offset: offset, batch: size, head: features, row: heads * features, feature: 1)
    case .headMajor: .init(offset: offset, batch: size, head: rows * features, row: features, feature: 1)
    case .featureMajor: .init(offset: offset, batch: size, head: rows * features, row: 1, feature: rows)
    }
  }

  enum Mask: CaseIterable, Sendable { case none, keys, full, causal }

  struct Problem {
    var form: FusedAttention
    let q, k, v: Buffer
    var mask: Buffer?

    func at(_ layout: FusedAttention.Layout, _ b: Int, _ h: Int, _ row: Int, _ feature: Int) -> Int {
      layout.offset + b * layout.batch + h * layout.head + row * layout.row + feature * layout.feature
    }

    func run(threads: Int) -> [Float] {
      let y = Buffer(count: form.batch * form.heads * form.queries * form.features)
      unsafe form.run(
        .init(
          q: UnsafePointer(q.base), k: UnsafePointer(k.base), v: UnsafePointer(v.base), mask: mask.map { unsafe UnsafePointer($0.base) },
          y: y.base),
        pool: ThreadPool(threads: threads))
      return y.values
    }

    var expected: [Double] {
      var y = [Double](repeating: 0, count: form.batch * form.heads * form.queries * form.features)
      for b in 0..<form.batch {
        for h in 0..<form.heads {
          let shared = h / form.headGroup
          for s in 0..<form.queries {
            let scores = (0..<form.keys).map { t -> Double in
              if form.visible == .causal && t > s { return -.infinity }
              let product = (0..<form.depth).reduce(0.0) {
                $0 + Double(q[at(form.q, b, h, s, $1)]) * Double(k[at(form.k, b, shared, t, $1)])
              }
              let added: Double = if let mask, let layout = form.mask { Double(mask[at(layout, b, h, s, t)]) } else { 0 }
              return product * Double(form.scale) + added
            }
            let top = scores.max() ?? 0
            let powers = scores.map { exp($0 - top) }
            let sum = powers.reduce(0, +)
            for e in 0..<form.features {
              y[at(form.y, b, h, s, e)] = (0..<form.keys).reduce(0.0) {
                $0 + (powers[$1] == 0 ? 0 : powers[$1] / sum * Double(v[at(form.v, b, shared, $1, e)]))
              }
            }
          }
        }
      }
      return y
    }
  }

  static func problem(_ x: Extents, _ order: Order, _ mask: Mask, _ isa: ISA, headGroup: Int = 1) -> Problem {
    let heads = x.h / headGroup
    var form = FusedAttention(
      batch: x.b, heads: x.h, queries: x.s, keys: x.t, depth: x.d, features: x.e,
      q: layout(order, heads: x.h, rows: x.s, features: x.d, offset: 2),
      k: layout(order, heads: heads, rows: x.t, features: x.d, offset: 1),
      v: layout(order, heads: heads, rows: x.t, features: x.e, offset: 0),
      y: layout(order, heads: x.h, rows: x.s, features: x.e, offset: 0), headGroup: headGroup, scale: 1 / Float(x.d).squareRoot(),
      visible: mask == .causal ? .causal : .all, isa: isa)
    var values: Buffer?
    switch mask {
    case .none, .causal: break
    case .keys:
      form.mask = .init(batch: x.t, feature: 1)
      values = Buffer(random: x.b * x.t, seed: 7)
    case .full:
      form.mask = .init(head: x.s * x.t, row: x.t, feature: 1)
      values = Buffer(random: x.h * x.s * x.t, seed: 7)
    }
    return Problem(
      form: form, q: Buffer(random: x.b * x.h * x.s * x.d + 2, seed: 1), k: Buffer(random: x.b * heads * x.t * x.d + 1, seed: 2),
      v: Buffer(random: x.b * heads * x.t * x.e, seed: 3), mask: values)
  }

  /// Every shape, order and mask on every tier; 2 and 3 threads give the bits of one.
  @Test(arguments: ISA.tiers.indices, extents.indices) func formula(tier: Int, row: Int) {
    let isa = ISA.tiers[tier]
    for order in Order.allCases {
      for mask in Mask.allCases {
        let problem = Self.problem(Self.extents[row], order, mask, isa)
        let found = problem.run(threads: 1)
        let label = "\(isa.name) \(Self.extents[row]) \(order) \(mask)"
        expectClose(found, problem.expected, scale: found.map { _ in 1 }, relative: 1e-6, label)
        for threads in [2, 3] { #expect(bits(problem.run(threads: threads)) == bits(found), "\(label), \(threads) threads") }
      }
    }
  }

  /// Groups of query heads share keys and values.
  @Test(arguments: ISA.tiers.indices, [1, 2, 6]) func groups(tier: Int, group: Int) {
    for order in [Order.rowMajor, .headMajor] {
      let problem = Self.problem(Extents(2, 6, 9, 21, 8, 8), order, .full, ISA.tiers[tier], headGroup: group)
      expectClose(problem.run(threads: 2), problem.expected, scale: problem.expected.map { _ in 1 }, relative: 1e-6, "\(order) \(group)")
    }
  }

  /// Rows 4 KiB apart are packed; scores far apart leave one key.
  @Test(arguments: ISA.tiers.indices) func strideAndRange(tier: Int) {
    let isa = ISA.tiers[tier]
    var problem = Self.problem(Extents(1, 16, 20, 30, 64, 64), .rowMajor, .none, isa)
    expectClose(problem.run(threads: 1), problem.expected, scale: problem.expected.map { _ in 1 }, relative: 1e-6, isa.name)
    problem.form = FusedAttention(
      batch: 1, heads: 16, queries: 20, keys: 30, depth: 64, features: 64, q: problem.form.q, k: problem.form.k, v: problem.form.v,
      y: problem.form.y,
      scale: 100, isa: isa)
    // Scores of 64 terms times 100 are off by up to 1e-4, a weighted mean of values below one by twice that.
    expectClose(problem.run(threads: 1), problem.expected, scale: problem.expected.map { _ in 1 }, relative: 4e-4, isa.name)
  }

  /// A query that sees no key gives NaN, or zeros where that is asked for; a NaN among keys stays with its queries.
  @Test(arguments: ISA.tiers.indices) func specials(tier: Int) {
    let isa = ISA.tiers[tier]
    for emptyIsZero in [false, true] {
      var problem = Self.problem(Extents(1, 1, 19, 300, 4, 3), .headMajor, .full, isa)
      problem.form.emptyIsZero = emptyIsZero
      for t in 0..<300 { unsafe problem.mask!.base[5 * 300 + t] = -.infinity }
      // Only late keys are visible.
      for t in 0..<299 { unsafe problem.mask!.base[6 * 300 + t] = -.infinity }
      unsafe problem.mask!.base[7 * 300 + 280] = .nan
      let found = problem.run(threads: 1)
      for e in 0..<3 {
        #expect(emptyIsZero ? found[15 + e] == 0 : found[15 + e].isNaN)
        #expect((found[18 + e] - problem.v[299 * 3 + e]).magnitude < 1e-6)
        #expect(found[21 + e].isNaN)
      }
      #expect(found.enumerated().allSatisfy { (15..<18).contains($0) || (21..<24).contains($0) || $1.isFinite })
    }
  }
}
