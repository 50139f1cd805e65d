import CKernels
import OnyxTensor
import OnyxThreads

/// Running totals along one axis: four lines at once where lines lie end to end, since each total waits for the one before; else strips of
/// columns row by row.
///
/// SAFETY: the geometry keeps to the shapes of the query; see `KernelCall`.
struct CumulativeKernel<T: CumulativeElement, F: CumulativeFunction>: Sendable {
  let geometry: AxisGeometry
  let isExclusive: Bool
  let isReversed: Bool
  let isa: ISA

  private static var width: Int { 256 }

  func run(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ pool: ThreadPool) {
    if geometry.inner == 1 {
      let groups = (geometry.outer + 3) / 4
      pool.parallelFor(count: groups, grain: max(1, 8192 / geometry.extent)) { range in
        for group in range {
          let first = group * 4
          let offset = first * geometry.extent
          if first + 4 <= geometry.outer {
            unsafe fourLines(x + offset, y + offset)
          } else {
            for line in first..<geometry.outer { unsafe oneLine(x + line * geometry.extent, y + line * geometry.extent) }
          }
        }
      }
      return
    }
    let strips = geometry.strips(of: Self.width)
    pool.parallelFor(count: strips.count, grain: max(1, 32768 / (geometry.extent * strips.width))) { range in
      unsafe withUnsafeTemporaryAllocation(of: T.Total.self, capacity: Self.width) { totals in
        guard let totals = totals.baseAddress else { return }
        for index in range {
          let (block, columns) = geometry.strip(index, width: strips.width)
          let offset = block * geometry.extent * geometry.inner + columns.lowerBound
          unsafe totals.update(repeating: F.start(T.self), count: columns.count)
          unsafe rows(x + offset, y + offset, columns.count, totals)
        }
      }
    }
  }

  private func oneLine(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>) {
    var total = F.start(T.self)
    for step in 0..<geometry.extent {
      let place = isReversed ? geometry.extent - 1 - step : step
      let next = unsafe F.apply(total, x[place].total, T.self)
      unsafe y[place] = T(total: isExclusive ? total : next)
      total = next
    }
  }

  private func fourLines(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>) {
    let n = geometry.extent
    var (a, b, c, d) = (F.start(T.self), F.start(T.self), F.start(T.self), F.start(T.self))
    for step in 0..<n {
      let place = isReversed ? n - 1 - step : step
      let (p, q) = unsafe (F.apply(a, x[place].total, T.self), F.apply(b, x[place + n].total, T.self))
      let (r, s) = unsafe (F.apply(c, x[place + 2 * n].total, T.self), F.apply(d, x[place + 3 * n].total, T.self))
      unsafe y[place] = T(total: isExclusive ? a : p)
      unsafe y[place + n] = T(total: isExclusive ? b : q)
      unsafe y[place + 2 * n] = T(total: isExclusive ? c : r)
      unsafe y[place + 3 * n] = T(total: isExclusive ? d : s)
      (a, b, c, d) = (p, q, r, s)
    }
  }

  private func rows(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ columns: Int, _ totals: UnsafeMutablePointer<T.Total>) {
    for step in 0..<geometry.extent {
      let offset = (isReversed ? geometry.extent - 1 - step : step) * geometry.inner
      let (from, to) = unsafe (x + offset, y + offset)
      if isExclusive {
        for column in 0..<columns {
          let next = unsafe F.apply(totals[column], from[column].total, T.self)
          unsafe to[column] = T(total: totals[column])
          unsafe totals[column] = next
        }
      } else if let accumulate = unsafe F.rows(T.self, isa) {
        unsafe accumulate(to, UnsafeMutableRawPointer(totals).assumingMemoryBound(to: Double.self), from, Int64(columns))
      } else {
        for column in 0..<columns {
          let next = unsafe F.apply(totals[column], from[column].total, T.self)
          unsafe totals[column] = next
          unsafe to[column] = T(total: next)
        }
      }
    }
  }
}
