import CKernels
import OnyxThreads

/// Rows of A times weights of few bits, with a bias.
///
/// A few rows multiply the numbers as they are unpacked, a block's sum by its scale. Many rows multiply panels of floats that are made of
/// some columns at a time, in blocks of at most 512 terms. Which it is, and the order of the sums, depends on the shape alone, but for
/// rows that have a block whose sum is not finite: zero points cannot be taken off that sum, so they multiply panels.
///
/// SAFETY: A holds m · depth floats, Y m · columns, the bias one for each column; scratch memory m · (padded depth + blocks) floats.
struct NBitsProduct: Sendable {
  let m: Int
  let weights: NBitsWeights
  let isa: ISA

  /// Rows from which unpacking once for all of them pays.
  private static let manyRows = 8
  /// Multiply-adds of a task, some microseconds.
  private static let grain = 1 << 16
  /// Panels of floats of a task: with 512 terms they stay in the second-level cache while rows pass.
  private static let panelsOfTask = 4
  /// Rows that are copied together, so that they do not lie a multiple of 4 KiB apart.
  private static let rowsOfCopy = 112

  /// nil when it does not fit an `Int`.
  var scratchFloatCount: Int? {
    let (count, overflow) = m.multipliedReportingOverflow(by: weights.paddedDepth + weights.blocks + 16)
    return overflow ? nil : count
  }

  func run(
    _ a: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let depth = weights.paddedDepth
    var rows = unsafe a
    if depth != weights.depth {
      for row in 0..<m {
        let target = unsafe scratch + row * depth
        unsafe target.update(from: a + row * weights.depth, count: weights.depth)
        unsafe (target + weights.depth).update(repeating: 0, count: depth - weights.depth)
      }
      unsafe rows = UnsafePointer(scratch)
    }
    guard m < Self.manyRows else { return unsafe runMany(rows, count: m, bias, y, pool) }
    let sums = unsafe scratch + m * depth
    if weights.hasZeros {
      let sum = unsafe isa.reduce.run[Int(ONYX_REDUCE_SUM)]!
      for index in 0..<m * weights.blocks { unsafe sums[index] = sum(rows + index * weights.block, Int64(weights.block)) }
    }
    pool.parallelFor(count: weights.panels, grain: max(1, Self.grain / (depth * weights.panel * m))) { range in
      var part = unsafe weights.from(range.lowerBound)
      let first = range.lowerBound * weights.panel
      let count = min(range.upperBound * weights.panel, weights.columns) - first
      unsafe isa.nbits.product!(
        &part, Int64(weights.blocks), rows, Int64(depth), weights.hasZeros ? UnsafePointer(sums) : nil, Int64(weights.blocks), Int64(m),
        Int64(count), y + first, Int64(weights.columns), bias.map { unsafe $0 + first })
    }
    guard weights.hasZeros else { return }
    for row in 0..<m where (0..<weights.blocks).contains(where: { unsafe !sums[row * weights.blocks + $0].isFinite }) {
      unsafe runMany(rows + row * depth, count: 1, bias, y + row * weights.columns, pool)
    }
  }

  private func runMany(
    _ a: UnsafePointer<Float>, count m: Int, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let panel = unsafe Int(isa.gemm.column_panel)
    let blocks = GemmProduct.longestBlock / weights.block
    let (depth, width) = (blocks * weights.block, Self.panelsOfTask * panel)
    let copies = min(m, Self.rowsOfCopy) * (depth + 16)
    pool.parallelFor(count: (weights.columns + width - 1) / width, chunksPerThread: 16) { range in
      unsafe pool.workspace.withFloats(depth * width + copies) { floats in
        for task in range {
          let columns = task * width..<min((task + 1) * width, weights.columns)
          for first in stride(from: 0, to: weights.blocks, by: blocks) {
            let part = first..<min(first + blocks, weights.blocks)
            unsafe expand(columns, part, panel: panel, depth: depth, into: floats)
            unsafe multiply(a, count: m, columns, part, panel: panel, depth: depth, floats, copy: floats + depth * width, bias, y)
          }
        }
      }
    }
  }

  /// Some blocks of some columns as panels of floats.
  private func expand(_ columns: Range<Int>, _ part: Range<Int>, panel: Int, depth: Int, into floats: UnsafeMutablePointer<Float>) {
    for column in stride(from: columns.lowerBound, to: columns.upperBound, by: weights.panel) {
      let (index, lane) = (column - columns.lowerBound).quotientAndRemainder(dividingBy: panel)
      var source = unsafe weights.from(column / weights.panel)
      unsafe isa.nbits.expand!(
        floats + index * depth * panel + lane, Int64(panel), &source, Int64(part.lowerBound), Int64(part.count))
    }
  }

  private func multiply(
    _ a: UnsafePointer<Float>, count m: Int, _ columns: Range<Int>, _ part: Range<Int>, panel: Int, depth: Int,
    _ panels: UnsafePointer<Float>, copy: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
  ) {
    let (terms, lane) = (part.count * weights.block, depth + 16)
    let isLast = part.upperBound == weights.blocks
    var epilogue = unsafe onyx_direct_epilogue(
      bias: isLast ? bias.map { unsafe $0 + columns.lowerBound } : nil, addend: nil, addend_row_stride: 0, alpha: 1, low: 0, high: 0,
      flags: part.lowerBound == 0 ? 0 : UInt32(ONYX_GEMM_ACCUMULATE))
    for first in stride(from: 0, to: m, by: Self.rowsOfCopy) {
      let count = min(Self.rowsOfCopy, m - first)
      for row in 0..<count {
        let source = unsafe a + (first + row) * weights.paddedDepth + part.lowerBound * weights.block
        unsafe (copy + row * lane).update(from: source, count: terms)
      }
      unsafe isa.gemm.direct!(
        Int64(terms), copy, Int64(lane), Int64(count), panels, Int64(depth * panel), Int64(columns.count),
        y + first * weights.columns + columns.lowerBound, Int64(weights.columns), &epilogue)
    }
  }
}
