import CKernels
import OnyxTensor
import OnyxThreads

/// The index of the largest or smallest element of each line. NaN wins in both.
///
/// SAFETY: the geometry keeps to the shapes of the query, whose elements are of the type that this was made for; see `KernelCall`.
struct ArgExtremeKernel: Sendable {
  private let geometry: AxisGeometry
  private let isLast: Bool
  private let width: Int
  /// The place of the functions in the lists of `onyx_rank.h`.
  private let function: Int
  private let isa: ISA

  /// The columns of a strip.
  private static let columns = 256

  /// Nil for types without an order.
  init?(_ type: ElementType, geometry: AxisGeometry, isLargest: Bool, isLast: Bool, isa: ISA) {
    guard let index = type.kernelIndex else { return nil }
    self.geometry = geometry
    self.isLast = isLast
    width = type.byteWidth
    function = index * Int(ONYX_RANK_KINDS) + Int(isLargest ? ONYX_RANK_LARGEST : ONYX_RANK_SMALLEST)
    self.isa = isa
  }

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutablePointer<Int64>, _ pool: ThreadPool) {
    let order: Int32 = isLast ? 1 : 0
    if geometry.inner == 1 {
      let line = unsafe isa.rank.line[function]!
      pool.parallelFor(count: geometry.outer, grain: max(1, 32768 / geometry.extent)) { range in
        for index in range {
          unsafe y[index] = line(x + index * geometry.extent * width, Int64(geometry.extent), order)
        }
      }
      return
    }
    let strips = geometry.strips(of: Self.columns)
    let find = unsafe isa.rank.columns[function]!
    pool.parallelFor(count: strips.count, grain: max(1, 32768 / (geometry.extent * strips.width))) { range in
      unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.columns * 3 / 2) { scratch in
        let best = UnsafeMutableRawPointer(scratch.baseAddress!)
        let places = unsafe (best + Self.columns * 8).assumingMemoryBound(to: Int32.self)
        for index in range {
          let (block, columns) = geometry.strip(index, width: strips.width)
          let from = unsafe x + (block * geometry.extent * geometry.inner + columns.lowerBound) * width
          unsafe find(places, best, from, Int64(geometry.extent), Int64(geometry.inner), Int64(columns.count), order)
          let to = unsafe y + block * geometry.inner + columns.lowerBound
          for column in 0..<columns.count { unsafe to[column] = Int64(places[column]) }
        }
      }
    }
  }
}
