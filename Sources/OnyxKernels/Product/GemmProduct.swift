import CKernels
import OnyxThreads

// SAFETY: see `Gemm`: panels, blocks and scratch are cut from the bounds of the operands.

/// One matrix product: the choice of loops and the loops themselves.
///
/// One operand is resident: packed whole, before the product or ahead of it. The other is cut into blocks of panels;
/// each block is a task that packs its share into scratch (unless packed already) and multiplies it with the
/// resident panels.
@safe struct GemmProduct {
  let m, n, k: Int
  let a, b: Gemm.Operand
  let c: UnsafeMutablePointer<Float>
  let rowStride: Int
  let epilogue: Gemm.Epilogue
  let isa: ISA
  let pool: ThreadPool

  /// Multiply-adds below which a product stays on one thread, about 5 us.
  static let serialWork = 1 << 18

  /// Longest chain of additions.
  static let longestBlock = 512

  /// Floats of a block of B kept in the second-level cache.
  private static let residentFloats = 96 * 1024

  private var rowPanel: Int { unsafe Int(isa.gemm.row_panel) }
  private var columnPanel: Int { unsafe Int(isa.gemm.column_panel) }

  /// The k blocks, equal in length up to rounding; one empty block when k is 0.
  private var blocks: [Range<Int>] {
    let count = max(1, (k + GemmProduct.longestBlock - 1) / GemmProduct.longestBlock)
    let length = ((k + count - 1) / count + 7) & ~7
    return (0..<count).map { min($0 * length, k)..<min(($0 + 1) * length, k) }
  }

  func run() {
    let rowPanels = (m + rowPanel - 1) / rowPanel
    let columnPanels = (n + columnPanel - 1) / columnPanel
    if runInPlace(rowPanels: rowPanels, columnPanels: columnPanels) { return }
    let wanted = pool.threadCount * 2
    let splitColumns =
      switch (a.isPacked, b.isPacked) {
      case (true, false): pool.threadCount == 1 || columnPanels >= min(wanted, rowPanels)
      case (false, true): !(pool.threadCount == 1 || rowPanels >= min(wanted, columnPanels))
      default: columnPanels >= rowPanels
      }
    if splitColumns {
      unsafe withResident(a, .rows, lanes: m, panel: rowPanel) { panels in unsafe runColumns(panels) }
    } else {
      unsafe withResident(b, .columns, lanes: n, panel: columnPanel) { panels in unsafe runRows(panels) }
    }
  }

  /// More rows than columns: B is packed as above, and the rows of A are read where they lie. False when the operands ask for the
  /// general way.
  private func runInPlace(rowPanels: Int, columnPanels: Int) -> Bool {
    guard rowPanels > columnPanels, m > 1, k > 0, let left = a.matrix, b.matrix != nil, left.columnStride == 1, rowStride == n,
      unsafe !epilogue.accumulate && epilogue.rowBias == nil
    else { return false }
    let product = LinearProduct(
      m: m, n: n, k: k, rowStride: left.rowStride, alpha: epilogue.alpha, activation: epilogue.activation, isa: isa)
    unsafe withResident(b, .columns, lanes: n, panel: columnPanel) { panels in
      unsafe product.runGrid(.init(x: left.base, bias: epilogue.columnBias, y: c), panels, stride: columnPanel * k, pool)
    }
    return true
  }

  /// Gives `body` the operand with full-depth panels, packing it into scratch when it is not packed.
  private func withResident(
    _ operand: Gemm.Operand, _ side: PackedMatrix.Side, lanes: Int, panel: Int,
    _ body: (UnsafePointer<Float>) -> Void
  ) {
    if case .packed(let packed) = operand {
      unsafe precondition(
        packed.mask == isa.gemm.isa && packed.side == side && packed.lanes == lanes && packed.depth == k,
        "packed operand does not fit the product")
      unsafe body(packed.base)
      return
    }
    let panels = (lanes + panel - 1) / panel
    unsafe pool.workspace.withFloats(panels * panel * k + 16) { scratch in
      let grain = m * n * k < GemmProduct.serialWork ? panels : max(1, 16384 / max(panel * k, 1))
      pool.parallelFor(count: panels, grain: grain) { range in
        for p in range {
          unsafe pack(
            operand, side, scratch + p * panel * k, panel: panel, lanes: p * panel..<min((p + 1) * panel, lanes),
            depth: 0..<k)
        }
      }
      unsafe body(scratch)
    }
  }

  /// Packs some lanes and terms of a strided or image operand; panels follow each other.
  private func pack(
    _ operand: Gemm.Operand, _ side: PackedMatrix.Side, _ destination: UnsafeMutablePointer<Float>, panel: Int,
    lanes: Range<Int>, depth: Range<Int>
  ) {
    let stride = Int64(panel * depth.count)
    switch operand {
    case .matrix(let matrix):
      let laneStride = side == .rows ? matrix.rowStride : matrix.columnStride
      let depthStride = side == .rows ? matrix.columnStride : matrix.rowStride
      unsafe isa.gemm.pack!(
        destination, Int64(panel), stride,
        matrix.base + (lanes.lowerBound * laneStride + depth.lowerBound * depthStride), Int64(laneStride),
        Int64(depthStride), Int64(lanes.count), Int64(depth.count))
    case .image(let image):
      unsafe isa.image.pack_pixels!(
        destination, Int64(panel), stride, image.base, image.taps + depth.lowerBound, Int64(depth.count),
        image.bases, Int64(image.rowLength), Int64(lanes.lowerBound), Int64(lanes.count))
    case .packed:
      preconditionFailure("a packed operand is not packed again")
    }
  }

  /// Panels per task: as many as fit the cache, fewer when threads would starve.
  private func taskPanels(_ panels: Int, panel: Int, blockLength: Int) -> Int {
    let fitting = max(1, GemmProduct.residentFloats / max(panel * blockLength, 1))
    guard pool.threadCount > 1, m * n * k >= GemmProduct.serialWork else { return min(fitting, panels) }
    let share = max(1, panels / (pool.threadCount * 4))
    return min(fitting, share)
  }

  private func runColumns(_ left: UnsafePointer<Float>) {
    let blocks = blocks
    let depth = blocks[0].count
    let panels = (n + columnPanel - 1) / columnPanel
    let step = taskPanels(panels, panel: columnPanel, blockLength: depth)
    let tasks = (panels + step - 1) / step
    pool.parallelFor(count: tasks, grain: grain(tasks)) { range in
      unsafe pool.workspace.withFloats(step * columnPanel * depth + 16) { scratch in
        for task in range {
          for block in blocks { unsafe columnTask(task, step, block, left, scratch) }
          let first = task * step * columnPanel
          unsafe epilogue.activation.apply(
            c + first, rows: m, stride: rowStride, count: min(step * columnPanel, n - first), isa: isa)
        }
      }
    }
  }

  /// All rows of `step` panels of columns, one k block.
  private func columnTask(
    _ task: Int, _ step: Int, _ block: Range<Int>, _ left: UnsafePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let first = task * step * columnPanel
    let columns = first..<min(first + step * columnPanel, n)
    let leftBlock = unsafe left + block.lowerBound * rowPanel
    if case .packed(let packed) = b {
      let offset = task * step * packed.panelStride + block.lowerBound * columnPanel
      unsafe multiply(leftBlock, rowPanel * k, 0..<m, packed.base + offset, packed.panelStride, columns, block)
    } else {
      unsafe pack(b, .columns, scratch, panel: columnPanel, lanes: columns, depth: block)
      unsafe multiply(leftBlock, rowPanel * k, 0..<m, scratch, columnPanel * block.count, columns, block)
    }
  }

  private func runRows(_ right: UnsafePointer<Float>) {
    let blocks = blocks
    let depth = blocks[0].count
    let panels = (m + rowPanel - 1) / rowPanel
    let step = taskPanels(panels, panel: rowPanel, blockLength: depth)
    let tasks = (panels + step - 1) / step
    pool.parallelFor(count: tasks, grain: grain(tasks)) { range in
      unsafe pool.workspace.withFloats(step * rowPanel * depth + 16) { scratch in
        for task in range {
          for block in blocks { unsafe rowTask(task, step, block, right, scratch) }
          let first = task * step * rowPanel
          unsafe epilogue.activation.apply(
            c + first * rowStride, rows: min(step * rowPanel, m - first), stride: rowStride, count: n, isa: isa)
        }
      }
    }
  }

  /// All columns of `step` panels of rows, one k block; columns in pieces that fit the cache.
  private func rowTask(
    _ task: Int, _ step: Int, _ block: Range<Int>, _ right: UnsafePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let first = task * step * rowPanel
    let rows = first..<min(first + step * rowPanel, m)
    var left: UnsafePointer<Float> = unsafe UnsafePointer(scratch)
    var leftStride = rowPanel * block.count
    if case .packed(let packed) = a {
      leftStride = packed.panelStride
      let offset = task * step * leftStride + block.lowerBound * rowPanel
      unsafe left = UnsafePointer(packed.base + offset)
    } else {
      unsafe pack(a, .rows, scratch, panel: rowPanel, lanes: rows, depth: block)
    }
    let width = max(1, GemmProduct.residentFloats / max(columnPanel * block.count, 1)) * columnPanel
    for column in stride(from: 0, to: n, by: width) {
      let offset = column * k + block.lowerBound * columnPanel
      unsafe multiply(
        left, leftStride, rows, right + offset, columnPanel * k, column..<min(column + width, n), block)
    }
  }

  private func grain(_ tasks: Int) -> Int { m * n * k < GemmProduct.serialWork ? tasks : 1 }

  /// Multiplies packed panels into C; the first k block overwrites, the last one finishes.
  private func multiply(
    _ left: UnsafePointer<Float>, _ leftStride: Int, _ rows: Range<Int>, _ right: UnsafePointer<Float>,
    _ rightStride: Int, _ columns: Range<Int>, _ block: Range<Int>
  ) {
    let isLast = block.upperBound == k
    let (low, high) = epilogue.activation.limits
    var flags = block.lowerBound > 0 || epilogue.accumulate ? UInt32(ONYX_GEMM_ACCUMULATE) : 0
    if epilogue.alpha != 1 { flags |= UInt32(ONYX_GEMM_SCALE) }
    if isLast && epilogue.activation.isClamp { flags |= UInt32(ONYX_GEMM_CLAMP) }
    var finish = unsafe onyx_gemm_epilogue(
      row_bias: isLast ? epilogue.rowBias.map { unsafe $0 + rows.lowerBound } : nil,
      column_bias: isLast ? epilogue.columnBias.map { unsafe $0 + columns.lowerBound } : nil, alpha: epilogue.alpha,
      low: low, high: high, flags: flags)
    unsafe isa.gemm.block!(
      Int64(block.count), left, Int64(leftStride), Int64(rows.count), right, Int64(rightStride), Int64(columns.count),
      c + (rows.lowerBound * rowStride + columns.lowerBound), Int64(rowStride), &finish)
  }
}
