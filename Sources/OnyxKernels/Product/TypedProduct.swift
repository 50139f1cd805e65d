import CKernels
import OnyxThreads

/// Batches of matrix products of float64 and of integers that wrap.
///
/// Both matrices are packed: the right one into panels of a tile's width, once when it is a constant, the left one into panels of its
/// height for each product.
/// Every sum runs over the depth in order, in blocks of fixed length.
///
/// SAFETY: operands hold the elements that offsets, strides and sizes reach; tiles write inside the result.
struct TypedProduct: Sendable {
  /// A strided matrix in a buffer: strides in elements.
  struct Operand: Sendable {
    var rowStride, columnStride: Int
    /// Where each product of the batch begins, in elements.
    var offsets: [Int]
  }

  private let rows, columns, depth: Int
  private let left, right: Operand
  private let resultOffsets: [Int]
  private let resultStride: Int
  private let type: Int
  private let width: Int
  private let isa: ISA
  /// The panels of the right matrix when they are packed before the first product.
  private var panels: PackedFloats?

  private static let tileRows = Int(ONYX_TYPED_GEMM_ROWS)
  /// Terms of a sum that one pass adds.
  private static let blockDepth = 256
  /// Right panels that are packed side by side, and those of a task that packs its own for no more than so many left ones.
  private static let (neighbourPanels, taskPanels, mostRowPanels) = (8, 4, 64)
  /// Left panels that meet a right one together.
  private static let groupPanels = 8
  /// Multiply-adds that are worth a thread.
  private static let grain = 1 << 15

  /// `type` is one of `ONYX_TYPED_GEMM_*`, `width` its bytes. The result's columns are neighbours.
  init(
    rows: Int, columns: Int, depth: Int, left: Operand, right: Operand, resultOffsets: [Int], resultStride: Int, type: Int, width: Int,
    isa: ISA
  ) {
    (self.rows, self.columns, self.depth, self.left, self.right) = (rows, columns, depth, left, right)
    (self.resultOffsets, self.resultStride, self.type, self.width, self.isa) = (resultOffsets, resultStride, type, width, isa)
  }

  /// Packs the right matrix once for all runs when input `index` of the query is a constant and the matrix of every product.
  mutating func keepRight(_ index: Int, of query: KernelQuery) {
    guard let constant = query.constant(index), right.offsets.allSatisfy({ $0 == 0 }), rows > 0, columns > 0, depth > 0 else { return }
    let (count, overflow) = (columnPanels * tileColumns).multipliedReportingOverflow(by: depth * width)
    guard !overflow else { return }
    let product = self
    panels = unsafe query.packedFloats("typed_columns", count: count / MemoryLayout<Float>.stride, from: [constant]) {
      target, sources, pool in
      unsafe product.packRight(sources[0], into: UnsafeMutableRawPointer(target), pool)
    }
  }

  private var tileColumns: Int { Int(ONYX_TYPED_GEMM_BYTES) / width }
  private var rowPanels: Int { (rows + Self.tileRows - 1) / Self.tileRows }
  private var columnPanels: Int { (columns + tileColumns - 1) / tileColumns }

  /// What a run packs: the right matrix, and one left panel for each row of tiles; nil when they do not fit an `Int`.
  var scratchByteCount: Int? {
    let elements = (panels == nil ? columnPanels * tileColumns : 0) + rowPanels * Self.tileRows
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: max(1, depth) * width)
    return overflow ? nil : bytes
  }

  func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer, pool: ThreadPool) {
    let product = { (index: Int, scratch: UnsafeMutableRawPointer) in
      let target = unsafe c + resultOffsets[index] * width
      unsafe multiply(a + left.offsets[index] * width, b + right.offsets[index] * width, target, scratch, pool)
    }
    guard pool.threadCount > 1, resultOffsets.count >= pool.threadCount, let bytes = scratchByteCount else {
      for index in resultOffsets.indices { unsafe product(index, scratch) }
      return
    }
    // Inside a job the products run serially.
    let work = rows * columns * max(1, depth)
    pool.parallelFor(count: resultOffsets.count, grain: max(1, Self.grain / work)) { range in
      unsafe pool.workspace.withFloats(bytes / MemoryLayout<Float>.stride + 1) { memory in
        for index in range { unsafe product(index, UnsafeMutableRawPointer(memory)) }
      }
    }
  }

  private func multiply(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, _ scratch: UnsafeMutableRawPointer, _ pool: ThreadPool
  ) {
    let sliverBytes = depth * Self.tileRows * width
    let right = unsafe panels.map { unsafe UnsafeRawPointer($0.base) } ?? UnsafeRawPointer(scratch)
    let slivers = unsafe panels == nil ? scratch + columnPanels * depth * tileColumns * width : scratch
    if panels == nil && !packsByTask(pool) { unsafe packRight(b, into: scratch, pool) }
    pool.parallelFor(count: rowPanels, grain: max(1, Self.grain / max(1, depth * Self.tileRows))) { range in
      for panel in range {
        let first = panel * Self.tileRows
        unsafe pack(
          a + first * left.rowStride * width, outer: left.columnStride, inner: left.rowStride, count: min(Self.tileRows, rows - first),
          of: Self.tileRows, into: slivers + panel * sliverBytes)
      }
    }
    if panels == nil && packsByTask(pool) { return unsafe multiplyByColumns(slivers, b, c, pool) }
    let groups = (rowPanels + Self.groupPanels - 1) / Self.groupPanels
    // Few rows are shared by their columns.
    let chunk = groups >= 4 * pool.threadCount ? columnPanels : max(1, (columnPanels + 7) / 8)
    let chunks = (columnPanels + chunk - 1) / chunk
    let work = min(Self.groupPanels, rowPanels) * Self.tileRows * chunk * tileColumns * max(1, depth)
    pool.parallelFor(count: groups * chunks, grain: max(1, Self.grain / work)) { range in
      for task in range {
        let (group, part) = task.quotientAndRemainder(dividingBy: chunks)
        let first = group * Self.groupPanels
        unsafe multiply(
          first..<min(rowPanels, first + Self.groupPanels), part * chunk..<min(columnPanels, (part + 1) * chunk), slivers, right, c)
      }
    }
  }

  /// Whether each task packs its own columns, which then stay in its cache: all rows meet them there.
  private func packsByTask(_ pool: ThreadPool) -> Bool {
    right.columnStride == 1 && rowPanels <= Self.mostRowPanels && columnPanels >= 2 * Self.taskPanels * pool.threadCount
  }

  /// Some panels of the right matrix at a time, a block of their depth after the other.
  private func multiplyByColumns(_ slivers: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let tasks = (columnPanels + Self.taskPanels - 1) / Self.taskPanels
    let work = rows * tileColumns * Self.taskPanels * max(1, depth)
    let blockLength = Self.taskPanels * Self.blockDepth * Int(ONYX_TYPED_GEMM_BYTES) / MemoryLayout<Float>.stride
    pool.parallelFor(count: tasks, grain: max(1, Self.grain / work)) { range in
      unsafe pool.workspace.withFloats(blockLength) { memory in
        let block = UnsafeMutableRawPointer(memory)
        for task in range {
          let panels = task * Self.taskPanels..<min(columnPanels, (task + 1) * Self.taskPanels)
          for first in stride(from: 0, to: max(1, depth), by: Self.blockDepth) {
            let terms = first..<min(depth, first + Self.blockDepth)
            unsafe packNeighbours(b, panels, terms, into: block)
            unsafe multiply(0..<rowPanels, panels, terms, slivers, block, c)
          }
        }
      }
    }
  }

  /// All panels of the right matrix, one behind the other.
  private func packRight(_ b: UnsafeRawPointer, into target: UnsafeMutableRawPointer, _ pool: ThreadPool) {
    let whole = right.columnStride == 1 ? columns / tileColumns : 0
    pool.parallelFor(count: columnPanels, grain: max(1, Self.grain / max(1, depth * tileColumns))) { range in
      var first = range.lowerBound
      while first < min(whole, range.upperBound) {
        let next = min(first + Self.neighbourPanels, whole, range.upperBound)
        unsafe packNeighbours(b, first..<next, 0..<depth, into: target + first * depth * tileColumns * width)
        first = next
      }
      for panel in first..<range.upperBound {
        let first = panel * tileColumns
        unsafe pack(
          b + first * right.columnStride * width, outer: right.rowStride, inner: right.columnStride,
          count: min(tileColumns, columns - first), of: tileColumns, into: target + panel * depth * tileColumns * width)
      }
    }
  }

  /// Some terms of panels of a right matrix whose columns are neighbours: each of its rows is read once, along these panels.
  private func packNeighbours(_ b: UnsafeRawPointer, _ panels: Range<Int>, _ terms: Range<Int>, into target: UnsafeMutableRawPointer) {
    let panelLength = terms.count * tileColumns
    let whole = max(0, min(panels.upperBound, columns / tileColumns) - panels.lowerBound)
    let rest = whole < panels.count ? columns - (panels.lowerBound + whole) * tileColumns : 0
    if rest > 0 { unsafe (target + whole * panelLength * width).initializeMemory(as: UInt8.self, repeating: 0, count: panelLength * width) }
    for (place, term) in terms.enumerated() {
      let from = unsafe b + (term * right.rowStride + panels.lowerBound * tileColumns) * width
      let to = unsafe target + place * tileColumns * width
      unsafe onyx_copy_plane(
        Int64(width), to, Int64(panelLength), 1, from, Int64(tileColumns), 1, Int64(whole), Int64(tileColumns))
      guard rest > 0 else { continue }
      unsafe (to + whole * panelLength * width).copyMemory(from: from + whole * tileColumns * width, byteCount: rest * width)
    }
  }

  /// A block of tiles. A block of a panel's depth meets all slivers while it is in the cache.
  private func multiply(
    _ rowRange: Range<Int>, _ columnRange: Range<Int>, _ slivers: UnsafeRawPointer, _ panels: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer
  ) {
    for first in stride(from: 0, to: max(1, depth), by: Self.blockDepth) {
      let terms = first..<min(depth, first + Self.blockDepth)
      for panel in columnRange {
        unsafe multiply(
          rowRange, panel..<panel + 1, terms, slivers, panels + (panel * depth + first) * tileColumns * width, target)
      }
    }
  }

  /// The same for some terms, with panels of these alone that follow each other.
  private func multiply(
    _ rowRange: Range<Int>, _ columnRange: Range<Int>, _ terms: Range<Int>, _ slivers: UnsafeRawPointer, _ panels: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer
  ) {
    let tile = unsafe isa.typed_gemm.tile[type]!
    for (place, panel) in columnRange.enumerated() {
      let column = panel * tileColumns
      let right = unsafe panels + place * terms.count * tileColumns * width
      for sliver in rowRange {
        let row = sliver * Self.tileRows
        unsafe tile(
          Int64(terms.count), slivers + (sliver * depth + terms.lowerBound) * Self.tileRows * width, right,
          target + (row * resultStride + column) * width, Int64(resultStride), Int64(min(Self.tileRows, rows - row)),
          Int64(min(tileColumns, columns - column)), terms.lowerBound > 0 ? 1 : 0)
      }
    }
  }

  /// `depth` groups of `of` elements, `count` of them read `inner` apart, the others zero; groups are read `outer` apart.
  private func pack(_ source: UnsafeRawPointer, outer: Int, inner: Int, count: Int, of lanes: Int, into target: UnsafeMutableRawPointer) {
    if count < lanes { unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: depth * lanes * width) }
    unsafe onyx_copy_plane(
      Int64(width), target, Int64(lanes), 1, source, Int64(outer), Int64(inner), Int64(depth), Int64(count))
  }
}
