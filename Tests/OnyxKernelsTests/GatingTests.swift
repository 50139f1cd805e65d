import CKernels
import OnyxKernels
import Testing

/// The C rows of attention blocks against plain loops in Double, their operands ending at guard pages.
@Suite struct GatingTests {
  /// The rows that this machine runs.
  static let rows = ISA.tiers.map { unsafe $0.gating }

  static let counts = [1, 3, 16, 17, 33, 54]
  static let lengths = [1, 4, 7, 15, 16, 17, 33, 49, 100, 129, 260]

  @Test(arguments: counts, lengths) func pooling(channels: Int, n: Int) {
    for row in Self.rows {
      let planes = Buffer(random: channels * n, seed: 1)
      let (sum, top) = (Buffer(count: channels), Buffer(count: channels))
      unsafe row.pool_planes(sum.base, top.base, planes.base, Int64(channels), Int64(n), Int64(n))
      check(sum, top, channels, n, "planes") { Double(planes[$0 * n + $1]) }
      let alone = Buffer(count: channels)
      unsafe row.pool_planes(alone.base, nil, planes.base, Int64(channels), Int64(n), Int64(n))
      #expect(alone.values == sum.values)
      let pixels = Buffer(random: channels * n, seed: 2)
      unsafe row.pool_lanes(sum.base, top.base, pixels.base, Int64(n), Int64(channels), Int64(channels))
      check(sum, top, channels, n, "lanes") { Double(pixels[$1 * channels + $0]) }
      unsafe row.pool_lanes(alone.base, nil, pixels.base, Int64(n), Int64(channels), Int64(channels))
      #expect(alone.values == sum.values)
    }
  }

  private func check(
    _ sum: Buffer, _ top: Buffer, _ results: Int, _ terms: Int, _ label: String, _ x: (_ result: Int, _ term: Int) -> Double
  ) {
    let values = (0..<results).map { result in (0..<terms).map { x(result, $0) } }
    expectClose(
      sum.values, values.map { $0.reduce(0, +) }, scale: values.map { $0.reduce(0) { $0 + $1.magnitude } },
      "\(label) sum \(results) \(terms)")
    expectClose(top.values, values.map { $0.max()! }, "\(label) top \(results) \(terms)")
  }

  /// Sums of 2²⁰ equal numbers, whose roundings all go one way: one chain of additions is off by 4 %.
  @Test func longSums() {
    let n = 1 << 20
    let x = Buffer([Float](repeating: 0.1, count: n))
    for row in Self.rows {
      let (sum, top) = (Buffer(count: 1), Buffer(count: 1))
      unsafe row.pool_planes(sum.base, top.base, x.base, 1, Int64(n), Int64(n))
      expectClose(sum.values, [Double(n) * Double(Float(0.1))], relative: 5e-6, "planes")
      let (sums, tops) = (Buffer(count: 16), Buffer(count: 16))
      unsafe row.pool_lanes(sums.base, tops.base, x.base, Int64(n / 16), 16, 16)
      expectClose(sums.values, Array(repeating: Double(n / 16) * Double(Float(0.1)), count: 16), relative: 2e-5, "lanes")
    }
  }

  @Test(arguments: counts, lengths) func maps(channels: Int, n: Int) {
    let blocks = (channels + 15) / 16
    for row in Self.rows {
      for scaled in [false, true] {
        let scale = Buffer(random: channels, seed: 3)
        let factor = { (c: Int) in scaled ? Double(scale[c]) : 1 }
        let (sum, top) = (Buffer(count: n), Buffer(count: n))
        let planes = Buffer(random: channels * n, seed: 4)
        unsafe row.map_planes(sum.base, top.base, planes.base, scaled ? scale.base : nil, Int64(channels), Int64(n), Int64(n), 0)
        check(sum, top, n, channels, "planes") { factor($1) * Double(planes[$1 * n + $0]) }
        // Twice the same part: the sums double, the maxima stay.
        unsafe row.map_planes(sum.base, top.base, planes.base, scaled ? scale.base : nil, Int64(channels), Int64(n), Int64(n), 1)
        check(sum, top, n, 2 * channels, "joined") { factor($1 % channels) * Double(planes[$1 % channels * n + $0]) }
        let pixels = Buffer(random: channels * n, seed: 5)
        unsafe row.map_lanes(sum.base, top.base, pixels.base, scaled ? scale.base : nil, Int64(channels), 16, Int64(n), Int64(channels), 0)
        check(sum, top, n, channels, "lanes") { factor($1) * Double(pixels[$0 * channels + $1]) }
        let blocked = Buffer(random: blocks * 16 * n, seed: 6)
        unsafe row.map_lanes(sum.base, top.base, blocked.base, scaled ? scale.base : nil, Int64(channels), Int64(16 * n), Int64(n), 16, 0)
        check(sum, top, n, channels, "blocks") { factor($1) * Double(blocked[($1 / 16 * n + $0) * 16 + $1 % 16]) }
      }
    }
  }

  @Test(arguments: [(1, 1), (1, 5), (3, 3), (5, 5), (7, 7), (3, 9), (11, 11)], [1, 7, 26, 32, 33, 65]) func window(
    taps: (Int, Int), width: Int
  ) {
    for rows in [1, 2, 3, 5, 8] {
      let (height, across) = taps
      let stride = width + across - 1
      let mapStride = (rows + height - 1) * stride
      let maps = 2
      // The contract allows reads of three rows and 32 elements more.
      let x = Buffer(random: maps * mapStride + 3 * stride + 32, seed: 7)
      let w = Buffer(random: maps * height * across, seed: 8)
      var expected: [Double] = []
      for r in 0..<rows {
        for i in 0..<width {
          var sum = 0.25
          for m in 0..<maps {
            for a in 0..<height {
              for b in 0..<across { sum += Double(w[(m * height + a) * across + b]) * Double(x[m * mapStride + (r + a) * stride + i + b]) }
            }
          }
          expected.append(sum)
        }
      }
      for row in Self.rows {
        let y = Buffer(count: rows * width)
        unsafe row.window(
          y.base, x.base, w.base, 0.25, Int64(maps), Int64(mapStride), Int64(stride), Int64(height), Int64(across), Int64(rows),
          Int64(width))
        expectClose(
          y.values, expected, scale: expected.map { max($0.magnitude, Double(height * across) / 4) }, "\(taps) \(rows) × \(width)")
      }
    }
  }

  @Test(arguments: [1, 7, 16, 33], [0, 2, 3]) func staging(width: Int, left: Int) {
    let (rows, parts) = (3, 2)
    let stride = width + 2 * left
    let x = Buffer(random: parts * rows * width, seed: 9)
    for row in Self.rows {
      for divisor: Float in [0, 5] {
        let y = Buffer(count: rows * stride)
        unsafe row.stage(y.base, Int64(stride), Int64(left), x.base, Int64(parts), Int64(rows * width), Int64(rows), Int64(width), divisor)
        let expected = (0..<rows * stride).map { index -> Double in
          let (r, i) = (index / stride, index % stride - left)
          guard i >= 0, i < width else { return 0 }
          let (a, b) = (Double(x[r * width + i]), Double(x[(rows + r) * width + i]))
          return divisor == 0 ? max(a, b) : (a + b) / Double(divisor)
        }
        expectClose(y.values, expected, scale: expected.map { max($0.magnitude, 0.1) }, "\(width) \(left) \(divisor)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5], [1, 3, 4, 7, 54, 513]) func gate(rows: Int, depth: Int) {
    let x = Buffer(random: rows * depth, seed: 10)
    let w = Buffer(random: depth * 16, seed: 11)
    let bias = Buffer(random: 16, seed: 12)
    for row in Self.rows {
      for isBiased in [false, true] {
        let y = Buffer(count: rows * 16)
        unsafe row.gate(y.base, 16, x.base, Int64(depth), w.base, isBiased ? bias.base : nil, Int64(rows), Int64(depth))
        var expected: [Double] = []
        for r in 0..<rows {
          for j in 0..<16 {
            expected.append((0..<depth).reduce(isBiased ? Double(bias[j]) : 0) { $0 + Double(x[r * depth + $1]) * Double(w[$1 * 16 + j]) })
          }
        }
        expectClose(y.values, expected, scale: expected.map { max($0.magnitude, Double(depth) / 4) }, "\(rows) \(depth)")
      }
    }
  }

  /// Every combination of scale, map, Z and parallel form, beside y and in place, limited to −0.25 … 0.5.
  @Test(arguments: [1, 3, 16, 17], [1, 5, 16, 33, 70]) func scaling(channels: Int, n: Int) {
    let x = Buffer(random: channels * n, seed: 13)
    let z = Buffer(random: channels * n, seed: 14)
    let scale = Buffer(random: channels, seed: 15)
    let map = Buffer(random: n, seed: 16)
    for row in Self.rows {
      for form in 0..<16 where form & 8 == 0 || form & 3 == 3 {
        let (byChannel, byPixel, adds, parallel) = (form & 1 != 0, form & 2 != 0, form & 4 != 0, form & 8 != 0)
        for planes in [true, false] {
          let expected = (0..<channels * n).map { index -> Double in
            let (c, p) = planes ? (index / n, index % n) : (index % channels, index / channels)
            let v = Double(x[index])
            let (s, g) = (byChannel ? Double(scale[c]) : 1, byPixel ? Double(map[p]) : 1)
            let y = (parallel ? v * s + v * g : v * s * g) + (adds ? Double(z[index]) : 0)
            return min(max(y, -0.25), 0.5)
          }
          for inPlace in [false, true] {
            let source = Buffer(x.values)
            let y = inPlace ? source : Buffer(count: channels * n)
            let (s, g, a) = unsafe (byChannel ? scale.base : nil, byPixel ? map.base : nil, adds ? z.base : nil)
            if planes {
              unsafe row.scale_planes(y.base, source.base, a, s, g, Int64(channels), Int64(n), Int64(n), -0.25, 0.5, parallel ? 1 : 0)
            } else {
              unsafe row.scale_lanes(y.base, source.base, a, s, g, Int64(channels), Int64(n), Int64(channels), -0.25, 0.5, parallel ? 1 : 0)
            }
            expectClose(
              y.values, expected, scale: expected.map { max($0.magnitude, 0.5) }, "form \(form) planes \(planes) in place \(inPlace)")
          }
        }
      }
    }
  }
}
