import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// LpNormalization: lines divided by their norms, which are added in float64 in the order of the axis. A line of zeros stays.
///
/// SAFETY: see `KernelCall`.
enum LpNormalizationRows {
  static let all = [
    KernelRow("lp_normalization_lines", ["LpNormalization"], .input(0, [.float32, .float64, .float16, .bfloat16])) {
      (op: LpNormalization, query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: try prepare(op, query, Float.self)
      case .float64: try prepare(op, query, Double.self)
      case .float16: try prepare(op, query, Float16.self)
      default: try prepare(op, query, BFloat16.self)
      }
    }
  ]

  private static func prepare<T: RealElement>(
    _ op: LpNormalization, _ query: KernelQuery, _ type: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("there is no line") }
    let geometry = AxisGeometry(x, axis: try Shape.normalize(axis: op.axis, rank: x.rank))
    let isSquare = op.p == 2
    return .run { call in
      let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
      let strips = geometry.inner == 1 ? (width: 4, count: (geometry.outer + 3) / 4) : geometry.strips(of: 64)
      call.pool.parallelFor(count: strips.count, grain: max(1, 16384 / (geometry.extent * strips.width))) { range in
        unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 64) { norms in
          guard let norms = norms.baseAddress else { return }
          for index in range {
            // Lines that lie beside each other, `step` apart, of elements `stride` apart.
            let (start, lines, step, stride): (Int, Int, Int, Int)
            if geometry.inner == 1 {
              (start, lines) = (index * 4 * geometry.extent, min(4, geometry.outer - index * 4))
              (step, stride) = (geometry.extent, 1)
            } else {
              let (block, columns) = geometry.strip(index, width: strips.width)
              (start, lines) = (block * geometry.extent * geometry.inner + columns.lowerBound, columns.count)
              (step, stride) = (1, geometry.inner)
            }
            unsafe normalize(x + start, y + start, geometry.extent, lines, step, stride, isSquare, norms)
          }
        }
      }
    }
  }

  private static func normalize<T: RealElement>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ extent: Int, _ lines: Int, _ step: Int, _ stride: Int, _ isSquare: Bool,
    _ norms: UnsafeMutablePointer<Double>
  ) {
    if lines == 4, step > 1 {
      unsafe fourNorms(x, extent, step, isSquare, norms)
    } else {
      unsafe norms.update(repeating: 0, count: lines)
      for row in 0..<extent {
        for line in 0..<lines {
          let value = unsafe x[row * stride + line * step].number
          unsafe norms[line] += isSquare ? value * value : value.magnitude
        }
      }
    }
    for line in 0..<lines {
      let norm = unsafe isSquare ? norms[line].squareRoot() : norms[line]
      unsafe norms[line] = norm
    }
    if stride == 1 {
      for line in 0..<lines {
        let (from, to, norm) = unsafe (x + line * step, y + line * step, norms[line])
        for row in 0..<extent { unsafe to[row] = T(nearest: norm == 0 ? 0 : from[row].number / norm) }
      }
      return
    }
    for row in 0..<extent {
      let (from, to) = unsafe (x + row * stride, y + row * stride)
      for line in 0..<lines { unsafe to[line] = T(nearest: norms[line] == 0 ? 0 : from[line].number / norms[line]) }
    }
  }

  /// Four sums at once: each waits for the one before.
  private static func fourNorms<T: RealElement>(
    _ x: UnsafePointer<T>, _ extent: Int, _ step: Int, _ isSquare: Bool, _ norms: UnsafeMutablePointer<Double>
  ) {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    for row in 0..<extent {
      let (p, q) = unsafe (x[row].number, x[row + step].number)
      let (r, s) = unsafe (x[row + 2 * step].number, x[row + 3 * step].number)
      a += isSquare ? p * p : p.magnitude
      b += isSquare ? q * q : q.magnitude
      c += isSquare ? r * r : r.magnitude
      d += isSquare ? s * s : s.magnitude
    }
    unsafe (norms[0], norms[1], norms[2], norms[3]) = (a, b, c, d)
  }
}
