import OnyxKernels
import OnyxRuntime
import OnyxThreads
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ReduceTests {
  /// The reduction of a list in Double, and the sum of absolute terms.
  private func reference(_ kind: Reduce.Kind, _ v: [Double]) -> Double {
    switch kind {
    case .sum: v.reduce(0, +)
    case .mean: v.reduce(0, +) / Double(v.count)
    case .sumAbs: v.reduce(0) { $0 + $1.magnitude }
    case .sumSquare: v.reduce(0) { $0 + $1 * $1 }
    case .l2: v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .product: v.reduce(1, *)
    case .max: v.reduce(-.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
    case .min: v.reduce(.infinity) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }
    case .logSum: log(v.reduce(0, +))
    case .logSumExp: log(v.reduce(0) { $0 + exp($1) })
    }
  }

  private func groups(_ x: Buffer, _ shape: [Int], _ reduced: [Bool]) -> [[Double]] {
    let kept = zip(shape, reduced).reduce(1) { $0 * ($1.1 ? 1 : $1.0) }
    var lists = [[Double]](repeating: [], count: kept)
    for i in 0..<x.count {
      var (rest, output, stride) = (i, 0, 1)
      for axis in shape.indices.reversed() {
        if !reduced[axis] {
          output += rest % shape[axis] * stride
          stride *= shape[axis]
        }
        rest /= shape[axis]
      }
      lists[output].append(Double(x[i]))
    }
    return lists
  }

  static let cases: [([Int], [Bool])] =
    edgeLengths.map { ([$0], [true]) }
    + [
      ([5, 37], [false, true]), ([5, 37], [true, false]), ([4, 1, 9], [true, true, true]),
      ([3, 5, 70], [true, false, true]),
      ([3, 5, 70], [false, true, false]), ([2, 3, 4, 5, 6], [true, false, true, false, true]),
      ([2, 3, 4, 5, 6], [false, true, false, true, false]),
      ([1, 1], [true, false]), ([], []), ([3, 0], [false, true]), ([0, 3], [true, false]), ([70_001], [true]),
      ([500, 33], [true, false]), ([3, 40_000], [false, true]),
      ([7, 1100], [true, false]), ([70, 37], [false, true]), ([19, 256], [false, true]), ([19, 257], [false, true]),
      ([6, 5, 40], [true, false, true]), ([6, 5, 3, 300], [false, true, false, true]), ([5, 1, 33, 1], [false, false, true, false]),
    ]

  @Test(arguments: cases.indices) func axes(index: Int) {
    let (shape, reduced) = Self.cases[index]
    let count = shape.reduce(1, *)
    let x = Buffer(random: count, seed: 1)
    for kind in Reduce.Kind.allCases {
      let offset: Float = kind == .logSum ? 2 : kind == .product ? 1.2 : 0
      let shifted = Buffer(x.values.map { kind == .product ? offset + $0 * 0.01 : $0 + offset })
      if kind == .product && count > 300 { continue }
      let lists = groups(shifted, shape, reduced)
      let expected = lists.map { reference(kind, $0) }
      let scale = zip(lists, expected).map { list, e in
        kind == .product
          ? e.magnitude * 30
          : max(e.magnitude, list.reduce(1) { $0 + $1.magnitude } / (kind == .mean ? Double(max(list.count, 1)) : 1))
      }
      for isa in ISA.tiers {
        let runs = [1, 2, 3].map { threads in
          let y = Buffer(count: lists.count)
          unsafe Reduce.run(
            kind, shifted.base, y.base, shape: shape, reduced: reduced, isa: isa, pool: ThreadPool(threads: threads))
          return y.values
        }
        expectClose(runs[0], expected, scale: scale, relative: 1e-6, "\(kind) \(isa.name) \(shape) \(reduced)")
        #expect(bits(runs[0]) == bits(runs[1]) && bits(runs[0]) == bits(runs[2]), "\(kind) \(isa.name) threads")
      }
    }
  }

  /// NaN anywhere wins in maximum and minimum.
  @Test(arguments: ISA.tiers.indices) func nan(tier: Int) {
    for n in edgeLengths where n > 0 {
      for at in [0, n / 2, n - 1] {
        let x = Buffer(random: n)
        let y = Buffer(count: 1)
        unsafe x.base[at] = .nan
        for kind in [Reduce.Kind.max, .min, .sum] {
          unsafe Reduce.run(kind, x.base, y.base, shape: [n], reduced: [true], isa: ISA.tiers[tier], pool: serial)
          #expect(y[0].isNaN, "\(kind) \(n) \(at)")
        }
      }
    }
  }

  @Test(arguments: ISA.tiers.indices, [false, true]) func softmax(tier: Int, logarithm: Bool) {
    let isa = ISA.tiers[tier]
    for (outer, inner) in [(1, 1), (3, 1), (2, 5), (2, 70)] {
      for n in edgeLengths where n > 0 {
        let x = Buffer(Buffer(random: outer * n * inner).values.map { $0 * 30 })
        var expected = [Double](repeating: 0, count: x.count)
        for o in 0..<outer {
          for i in 0..<inner {
            let at = { o * n * inner + $0 * inner + i }
            let top = (0..<n).map { Double(x[at($0)]) }.max()!
            let sum = (0..<n).reduce(0.0) { $0 + exp(Double(x[at($1)]) - top) }
            for k in 0..<n {
              let shifted = Double(x[at(k)]) - top
              expected[at(k)] = logarithm ? shifted - log(sum) : exp(shifted) / sum
            }
          }
        }
        let y = Buffer(count: x.count)
        unsafe Softmax.run(
          x.base, y.base, outer: outer, count: n, inner: inner, logarithm: logarithm, isa: isa,
          pool: ThreadPool(threads: 2))
        expectClose(
          y.values, expected, scale: expected.map { max($0.magnitude, logarithm ? 10 : 1e-20) }, relative: 4e-6,
          "\(isa.name) \(outer)x\(n)x\(inner)")
        unsafe Softmax.run(
          x.base, x.base, outer: outer, count: n, inner: inner, logarithm: logarithm, isa: isa, pool: serial)
        #expect(bits(x.values) == bits(y.values), "in place")
      }
    }
  }

  @Test(arguments: ISA.tiers.indices) func normalization(tier: Int) {
    let isa = ISA.tiers[tier]
    let rows = 3
    let epsilon: Float = 1e-5
    for n in edgeLengths where n > 0 {
      let x = Buffer(Buffer(random: rows * n).values.map { $0 * 3 + 5 })
      let scale = Buffer(random: n, seed: 2)
      let shift = Buffer(random: n, seed: 3)
      var layer: [Double] = []
      var square: [Double] = []
      for r in 0..<rows {
        let row = (0..<n).map { Double(x[r * n + $0]) }
        let mean = row.reduce(0, +) / Double(n)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
        let power = row.reduce(0) { $0 + $1 * $1 } / Double(n)
        for i in 0..<n {
          layer.append(
            (row[i] - mean) / (variance + Double(epsilon)).squareRoot() * Double(scale[i]) + Double(shift[i]))
          square.append(row[i] / (power + Double(epsilon)).squareRoot() * Double(scale[i]))
        }
      }
      let y = Buffer(count: rows * n)
      let mean = Buffer(count: rows)
      let inverse = Buffer(count: rows)
      unsafe Normalization.layer(
        x.base, y.base, rows: rows, count: n, epsilon: epsilon, scale: scale.base, shift: shift.base,
        statistics: .init(mean: mean.base, inverseDeviation: inverse.base), isa: isa, pool: serial)
      // One element: x - mean is the rounding of the mean, divided by sqrt(epsilon).
      expectClose(
        y.values, layer, scale: layer.map { max($0.magnitude, 4) }, relative: n < 4 ? 1e-4 : 2e-6,
        "layer \(isa.name) \(n)")
      #expect(mean.values.allSatisfy { $0.isFinite } && inverse.values.allSatisfy { $0 > 0 })
      unsafe Normalization.rootMeanSquare(
        x.base, y.base, rows: rows, count: n, epsilon: epsilon, scale: scale.base, isa: isa, pool: serial)
      expectClose(
        y.values, square, scale: square.map { max($0.magnitude, 1) }, relative: 2e-6,
        "root mean square \(isa.name) \(n)")
    }
  }

  @Test(arguments: [(2, 6, 10, 3), (3, 4, 33, 4), (1, 8, 49, 1)]) func groupNormalization(
    batch: Int, channels: Int, inner: Int, groups: Int
  ) {
    let x = Buffer(random: batch * channels * inner)
    let scale = Buffer(random: channels, seed: 2)
    let shift = Buffer(random: channels, seed: 3)
    let size = channels / groups * inner
    let expected = (0..<x.count).map { i in
      let run = (0..<size).map { Double(x[i / size * size + $0]) }
      let mean = run.reduce(0, +) / Double(size)
      let variance = run.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let c = i / inner % channels
      return (Double(x[i]) - mean) / (variance + 1e-5).squareRoot() * Double(scale[c]) + Double(shift[c])
    }
    for isa in ISA.tiers {
      let y = Buffer(count: x.count)
      unsafe Normalization.group(
        x.base, y.base, batch: batch, channels: channels, inner: inner, groups: groups, epsilon: 1e-5,
        scale: scale.base,
        shift: shift.base, isa: isa, pool: ThreadPool(threads: 2))
      expectClose(y.values, expected, scale: expected.map { max($0.magnitude, 1) }, relative: 3e-6, isa.name)
    }
  }
}
