import CKernels
import OnyxThreads

/// A float64 convolution whose weights may be known in the run only: tiles of pixels are packed from padded planes and multiplied by
/// panels of filters. Filters of one channel, or few of many groups, weigh their window along each row instead.
///
/// Terms are added in the order of channels and taps. A bias is the first term, a weight of a pixel that is one.
///
/// SAFETY: the input holds batch · groups · channels planes of the geometry, the weights filters · channels · taps elements, the result
/// batch · filters planes of outputs, the bias one element for each filter. Scratch memory holds `scratchCount` doubles.
struct DoubleConvolution: Sendable {
  private let planes: PaddedPlanes
  private let outputs: Int
  private let batch, groups, channels, filters: Int
  private let hasBias: Bool
  /// Terms of a sum.
  private let depth: Int
  private let isa: ISA
  /// Where the terms of a pixel lie from the first one on, bias apart, when windows are weighed row by row.
  private let offsets: [Int64]?

  private static let tileRows = Int(ONYX_TYPED_GEMM_ROWS)
  private static let tileColumns = Int(ONYX_TYPED_GEMM_BYTES) / MemoryLayout<Double>.stride
  /// Terms of a sum that one pass adds.
  private static let blockDepth = 256
  /// Multiply-adds that are worth a thread.
  private static let grain = 1 << 15

  /// `channels` are those of a group, `filters` those of all.
  init(_ geometry: WindowExtents, batch: Int, groups: Int, channels: Int, filters: Int, hasBias: Bool, isa: ISA) {
    planes = PaddedPlanes(geometry)
    self.hasBias = hasBias
    depth = channels * planes.taps.count + (hasBias ? 1 : 0)
    outputs = geometry.outputCount
    (self.batch, self.groups, self.channels, self.filters, self.isa) = (batch, groups, channels, filters, isa)
    let isOfFew = groups >= Self.manyGroups && filters / groups <= Self.fewFilters && channels <= Self.fewChannels
    let (taps, plane) = (planes.taps, planes.needsCopy ? planes.paddedCount : planes.inputCount)
    offsets =
      channels == 1 || isOfFew ? (0..<channels).flatMap { channel in taps.map { $0 + Int64(channel * plane) } } : nil
  }

  /// Groups among which threads are kept busy, and the filters and channels of one for which packing pixels does not pay.
  private static let (manyGroups, fewFilters, fewChannels) = (8, 8, 64)
  private var filtersOfGroup: Int { filters / groups }
  private var slivers: Int { (filtersOfGroup + Self.tileRows - 1) / Self.tileRows }
  private var weightCount: Int { groups * slivers * Self.tileRows * depth }

  /// Doubles of scratch memory: padded planes of one group and packed weights; nil when they do not fit an `Int`.
  var scratchCount: Int? {
    if offsets != nil { return 0 }
    let (weights, overflow) = (groups * slivers * Self.tileRows).multipliedReportingOverflow(by: depth)
    let (count, overflows) = weights.addingReportingOverflow(planes.needsCopy ? channels * planes.paddedCount : 0)
    return overflow || overflows ? nil : count
  }

  func run(
    _ x: UnsafePointer<Double>, _ w: UnsafePointer<Double>, bias: UnsafePointer<Double>?, _ y: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>, pool: ThreadPool
  ) {
    if let offsets { return unsafe runDirect(offsets, x, w, bias, y, pool) }
    unsafe packWeights(w, bias, scratch, pool)
    let padded = unsafe scratch + weightCount
    for job in 0..<batch * groups {
      var source = unsafe x + job * channels * planes.inputCount
      if planes.needsCopy {
        let from = unsafe source
        pool.parallelFor(count: channels, grain: max(1, 16384 / max(planes.paddedCount, 1))) { range in
          for channel in range { unsafe planes.pad(from + channel * planes.inputCount, into: padded + channel * planes.paddedCount) }
        }
        unsafe source = UnsafePointer(padded)
      }
      let group = job % groups
      let firstFilter = group * filtersOfGroup
      let weights = unsafe scratch + group * slivers * Self.tileRows * depth
      unsafe multiply(source, weights, y + (job / groups * filters + firstFilter) * outputs, pool)
    }
  }

  /// The filters of each group, row by row.
  private func runDirect(
    _ offsets: [Int64], _ x: UnsafePointer<Double>, _ w: UnsafePointer<Double>, _ bias: UnsafePointer<Double>?,
    _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool
  ) {
    let (terms, members) = (offsets.count, filtersOfGroup)
    let weigh = unsafe isa.layers.weigh[Double.layerType]!
    pool.parallelFor(count: batch * groups, grain: max(1, Self.grain / max(1, outputs * terms * members))) { range in
      unsafe pool.workspace.withFloats(planes.needsCopy ? 2 * channels * planes.paddedCount : 0) { memory in
        // SAFETY: doubles are trivial, and nobody reads the memory as floats.
        let padded = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Double.self)
        if planes.needsCopy {
          for channel in 0..<channels { unsafe planes.clear(padded + channel * planes.paddedCount) }
        }
        for job in range {
          var source = unsafe x + job * channels * planes.inputCount
          if planes.needsCopy {
            for channel in 0..<channels {
              unsafe planes.copy(source + channel * planes.inputCount, into: padded + channel * planes.paddedCount)
            }
            unsafe source = UnsafePointer(padded)
          }
          let (first, target) = unsafe (job % groups * members, y + job * members * outputs)
          unsafe offsets.withUnsafeBufferPointer { offsets in
            for (line, row) in planes.rowStarts.enumerated() {
              for member in 0..<members {
                var start = unsafe bias?[first + member] ?? 0
                unsafe weigh(
                  target + member * outputs + line * planes.width, Int64(planes.width), source + row, Int64(planes.stride),
                  offsets.baseAddress, w + (first + member) * terms, Int64(terms), &start)
              }
            }
          }
        }
      }
    }
  }

  /// Panels of filters of each group: `depth` times a tile's rows, the last panel filled up with zeros.
  private func packWeights(
    _ w: UnsafePointer<Double>, _ bias: UnsafePointer<Double>?, _ target: UnsafeMutablePointer<Double>, _ pool: ThreadPool
  ) {
    let (rows, first) = (Self.tileRows, hasBias ? 1 : 0)
    let terms = depth - first
    pool.parallelFor(count: groups * slivers, grain: max(1, 16384 / max(1, rows * depth))) { range in
      for panel in range {
        let (group, sliver) = panel.quotientAndRemainder(dividingBy: slivers)
        let to = unsafe target + panel * rows * depth
        for row in 0..<rows {
          let filter = sliver * rows + row
          if filter < filtersOfGroup {
            let number = group * filtersOfGroup + filter
            let (from, into) = unsafe (w + number * terms, to + first * rows + row)
            if hasBias { unsafe to[row] = bias?[number] ?? 0 }
            for term in 0..<terms { unsafe into[term * rows] = from[term] }
          } else {
            for term in 0..<depth { unsafe to[term * rows + row] = 0 }
          }
        }
      }
    }
  }

  /// All filters of a group over its planes.
  private func multiply(
    _ source: UnsafePointer<Double>, _ weights: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ pool: ThreadPool
  ) {
    let columns = Self.tileColumns
    let tiles = (outputs + columns - 1) / columns
    let work = filtersOfGroup * depth * columns
    pool.parallelFor(count: tiles, grain: max(1, Self.grain / max(1, work))) { range in
      unsafe pool.workspace.withFloats(2 * (depth * columns + columns)) { memory in
        // SAFETY: doubles and integers of their size are trivial, and nobody reads the memory as floats.
        let panel = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Double.self)
        let starts = unsafe UnsafeMutableRawPointer(panel + depth * columns).assumingMemoryBound(to: Int.self)
        for tile in range {
          let (first, count) = (tile * columns, min(columns, outputs - tile * columns))
          unsafe packPixels(source, first..<first + count, starts, panel)
          unsafe multiplyTile(panel, weights, y + first, count)
        }
      }
    }
  }

  /// The pixels of a tile under every tap of every channel; what lies behind the last pixel repeats it.
  private func packPixels(
    _ source: UnsafePointer<Double>, _ pixels: Range<Int>, _ starts: UnsafeMutablePointer<Int>, _ panel: UnsafeMutablePointer<Double>
  ) {
    let columns = Self.tileColumns
    // How many pixels are neighbours from the first one on, and from the one behind them.
    var (head, end) = (0, 0)
    for index in 0..<columns {
      let (row, column) = min(pixels.lowerBound + index, pixels.upperBound - 1).quotientAndRemainder(dividingBy: planes.width)
      unsafe starts[index] = planes.rowStarts[row] + column * planes.stride
      if head == index, unsafe starts[index] == starts[0] + index {
        head = index + 1
        end = head
      } else if end == index, unsafe starts[index] == starts[head] + index - head {
        end = index + 1
      }
    }
    let plane = planes.needsCopy ? planes.paddedCount : planes.inputCount
    var to = unsafe panel
    if hasBias {
      unsafe to.update(repeating: 1, count: columns)
      unsafe to += columns
    }
    unsafe planes.taps.withUnsafeBufferPointer { taps in
      for channel in 0..<channels {
        for tap in 0..<taps.count {
          let from = unsafe source + (channel * plane + Int(taps[tap]))
          if head == columns {
            let row = unsafe UnsafeRawPointer(from + starts[0]).loadUnaligned(as: SIMD16<Double>.self)
            unsafe UnsafeMutableRawPointer(to).storeBytes(of: row, as: SIMD16<Double>.self)
          } else if end == columns {
            unsafe to.update(from: from + starts[0], count: head)
            unsafe (to + head).update(from: from + starts[head], count: columns - head)
          } else {
            for index in 0..<columns { unsafe to[index] = from[starts[index]] }
          }
          unsafe to += columns
        }
      }
    }
  }

  /// A tile of pixels times every panel of filters; a block of the tile meets all panels while it is in the cache.
  private func multiplyTile(
    _ panel: UnsafePointer<Double>, _ weights: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    let (rows, columns) = (Self.tileRows, Self.tileColumns)
    let tile = unsafe isa.typed_gemm.tile[Int(ONYX_TYPED_GEMM_F64)]!
    for first in stride(from: 0, to: depth, by: Self.blockDepth) {
      let length = min(Self.blockDepth, depth - first)
      for sliver in 0..<slivers {
        unsafe tile(
          Int64(length), weights + (sliver * depth + first) * rows, panel + first * columns, y + sliver * rows * outputs, Int64(outputs),
          Int64(min(rows, filtersOfGroup - sliver * rows)), Int64(count), first > 0 ? 1 : 0)
      }
    }
  }
}
