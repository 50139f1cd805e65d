import CKernels
import OnyxThreads

/// activation(alpha · X · W + bias + addend) for rows X in memory and prepared weights W; nothing but the result is written.
///
/// Rows are read in place. Sums run over blocks of at most 512 terms whose results are added in order; one row alone sums in four chains
/// over blocks of 2048. Both depend on the shape only, so results are bit-equal for every number of threads.
///
/// SAFETY: X, the result and the addend hold m rows at their strides, the bias n floats; the result overlaps X and the bias nowhere, the
/// addend not at all or, for packed weights, exactly: it is read before the result is written. Weights hold k · n elements.
@safe package struct LinearProduct {
  package enum Weights: Sendable {
    /// Panels of columns.
    case packed(PackedMatrix)
    /// Rows of W transposed, as they lie in the model: for one row of X only.
    case columns
  }

  package let m, n, k: Int
  let rowStride: Int
  let alpha: Float
  let activation: Activation
  let isa: ISA

  /// `rowStride` is that of X in elements; the result is dense.
  package init(m: Int, n: Int, k: Int, rowStride: Int, alpha: Float = 1, activation: Activation = .none, isa: ISA) {
    (self.m, self.n, self.k, self.rowStride) = (m, n, k, rowStride)
    (self.alpha, self.activation, self.isa) = (alpha, activation, isa)
  }

  @safe package struct Operands {
    let x: UnsafePointer<Float>
    let weights, bias, addend: UnsafePointer<Float>?
    let y: UnsafeMutablePointer<Float>

    /// `weights` is for `Weights.columns`; the addend has an element for each of the result.
    package init(
      x: UnsafePointer<Float>, weights: UnsafePointer<Float>? = nil, bias: UnsafePointer<Float>? = nil, addend: UnsafePointer<Float>? = nil,
      y: UnsafeMutablePointer<Float>
    ) {
      unsafe self.x = x
      unsafe self.weights = weights
      unsafe self.bias = bias
      unsafe self.addend = addend
      unsafe self.y = y
    }
  }

  /// Floats of a block of weights that stay in the second-level cache while rows pass.
  private static let residentFloats = 96 * 1024
  /// The same where many rows pass, which then are read less often.
  private static let residentFloatsOfManyRows = 152 * 1024
  private static let manyRows = 512
  static let longestVectorBlock = 2048

  private var rowPanel: Int { unsafe Int(isa.gemm.row_panel) }
  private var columnPanel: Int { unsafe Int(isa.gemm.column_panel) }

  package func run(_ operands: Operands, _ weights: Weights, pool: ThreadPool) {
    guard m > 0, n > 0 else { return }
    switch weights {
    case .columns: runColumns(operands, pool)
    case .packed(let packed):
      unsafe precondition(
        packed.mask == isa.gemm.isa && packed.side == .columns && packed.lanes == n && packed.depth == k,
        "packed weights do not fit the product")
      if m == 1 {
        runVector(operands, packed, pool)
      } else {
        unsafe runGrid(operands, UnsafePointer(packed.base), stride: packed.panelStride, pool)
      }
    }
  }

  /// Multiply-adds of one task of a vector product, about 4 us from memory.
  private static let vectorGrain = 1 << 15

  private func runVector(_ operands: Operands, _ weights: PackedMatrix, _ pool: ThreadPool) {
    let panels = (n + columnPanel - 1) / columnPanel
    pool.parallelFor(count: panels, grain: max(1, LinearProduct.vectorGrain / max(columnPanel * k, 1))) { range in
      let first = range.lowerBound * columnPanel
      let count = min(range.upperBound * columnPanel, n) - first
      var start = 0
      repeat {
        let length = min(LinearProduct.longestVectorBlock, k - start)
        var epilogue = unsafe epilogue(operands, row: 0, column: first, isFirst: start == 0, isLast: start + length == k)
        unsafe isa.gemm.vector!(
          Int64(length), operands.x + start, weights.base + range.lowerBound * weights.panelStride + start * columnPanel,
          Int64(weights.panelStride),
          Int64(count), operands.y + first, &epilogue)
        start += length
      } while start < k
      unsafe activation.apply(operands.y + first, rows: 1, stride: count, count: count, isa: isa)
    }
  }

  private func runColumns(_ operands: Operands, _ pool: ThreadPool) {
    guard let weights = unsafe operands.weights else { return }
    let (low, high) = activation.limits
    pool.parallelFor(count: n, grain: max(16, LinearProduct.vectorGrain / max(k, 1))) { range in
      let (first, count) = (range.lowerBound, Int64(range.count))
      let y = unsafe operands.y + first
      unsafe isa.gemm.gemv_columns!(y, operands.x, weights + first * k, Int64(k), Int64(k), count)
      if alpha != 1 { unsafe isa.elementwise.unary[UnaryOperation.affine.rawValue]!(y, y, count, alpha, 0) }
      if let bias = unsafe operands.bias { unsafe isa.elementwise.binary[BinaryOperation.add.rawValue]!(y, y, bias + first, count, 0) }
      if let addend = unsafe operands.addend {
        unsafe isa.elementwise.binary[BinaryOperation.add.rawValue]!(y, y, addend + first, count, 0)
      }
      if activation.isClamp { unsafe isa.elementwise.unary[UnaryOperation.clip.rawValue]!(y, y, count, low, high) }
      unsafe activation.apply(y, rows: 1, stride: range.count, count: range.count, isa: isa)
    }
  }

  /// Tasks are blocks of the result: groups of rows by groups of panels of columns. Neighbouring tasks share their columns.
  /// Panels of columns, all k terms of each, lie `stride` floats apart.
  func runGrid(_ operands: Operands, _ panelsOfColumns: UnsafePointer<Float>, stride panelStride: Int, _ pool: ThreadPool) {
    let blockCount = max(1, (k + GemmProduct.longestBlock - 1) / GemmProduct.longestBlock)
    let depth = ((k + blockCount - 1) / blockCount + 7) & ~7
    let panels = (n + columnPanel - 1) / columnPanel
    let (rowGroups, columnGroups) = grid(panels: panels, depth: depth, threads: pool.threadCount)
    // Rows a multiple of 4 KiB apart share a set of the first-level cache; a copy with another stride does not.
    let copies = rowStride % 1024 == 0 && k > 16
    let longest = (m + rowGroups - 1) / rowGroups
    let count = rowGroups * columnGroups
    pool.parallelFor(count: count, grain: m * n * k < GemmProduct.serialWork ? count : 1, chunksPerThread: 64) { range in
      unsafe withScratch(copies ? longest * (depth + 16) : 0, pool) { scratch in
        for task in range {
          let (column, row) = task.quotientAndRemainder(dividingBy: rowGroups)
          let rows = m * row / rowGroups..<m * (row + 1) / rowGroups
          let columns = panels * column / columnGroups * columnPanel..<min(panels * (column + 1) / columnGroups * columnPanel, n)
          let weights = unsafe panelsOfColumns + columns.lowerBound / columnPanel * panelStride
          unsafe multiply(operands, weights, panelStride, rows, columns, depth: depth, scratch)
        }
      }
    }
  }

  private func withScratch(_ count: Int, _ pool: ThreadPool, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
    guard count > 0 else { return body(nil) }
    unsafe pool.workspace.withFloats(count) { unsafe body($0) }
  }

  private func multiply(
    _ operands: Operands, _ weights: UnsafePointer<Float>, _ panelStride: Int, _ rows: Range<Int>, _ columns: Range<Int>, depth: Int,
    _ scratch: UnsafeMutablePointer<Float>?
  ) {
    let out = unsafe operands.y + rows.lowerBound * n + columns.lowerBound
    var start = 0
    repeat {
      let length = min(depth, k - start)
      var left = unsafe operands.x + rows.lowerBound * rowStride + start
      var leftStride = rowStride
      if let scratch = unsafe scratch {
        leftStride = depth + 16
        for row in 0..<rows.count { unsafe (scratch + row * leftStride).update(from: left + row * rowStride, count: length) }
        unsafe left = UnsafePointer(scratch)
      }
      var epilogue = unsafe epilogue(
        operands, row: rows.lowerBound, column: columns.lowerBound, isFirst: start == 0, isLast: start + length == k)
      unsafe isa.gemm.direct!(
        Int64(length), left, Int64(leftStride), Int64(rows.count), weights + start * columnPanel, Int64(panelStride), Int64(columns.count),
        out, Int64(n), &epilogue)
      start += length
    } while start < k
    unsafe activation.apply(out, rows: rows.count, stride: n, count: columns.count, isa: isa)
  }

  private func epilogue(_ operands: Operands, row: Int, column: Int, isFirst: Bool, isLast: Bool) -> onyx_direct_epilogue {
    let (low, high) = activation.limits
    var flags = isFirst ? 0 : UInt32(ONYX_GEMM_ACCUMULATE)
    if alpha != 1 { flags |= UInt32(ONYX_GEMM_SCALE) }
    if isLast && activation.isClamp { flags |= UInt32(ONYX_GEMM_CLAMP) }
    return unsafe onyx_direct_epilogue(
      bias: isLast ? operands.bias.map { unsafe $0 + column } : nil,
      addend: isFirst ? operands.addend.map { unsafe $0 + (row * n + column) } : nil,
      addend_row_stride: Int64(n), alpha: alpha, low: low, high: high, flags: flags)
  }

  /// Groups of rows and of columns. Columns of a group fit the second-level cache; among the cuts that do, the one whose slowest thread has
  /// least to do when tasks are dealt evenly.
  private func grid(panels: Int, depth: Int, threads: Int) -> (rows: Int, columns: Int) {
    let tiles = (m + rowPanel - 1) / rowPanel
    let resident = m < LinearProduct.manyRows ? LinearProduct.residentFloats : LinearProduct.residentFloatsOfManyRows
    let widest = max(1, min(panels, resident / max(columnPanel * depth, 1)))
    let unit = rowPanel * columnPanel * max(k, 1)
    let smallest = max(1, (GemmProduct.serialWork / 4 + unit - 1) / unit)
    let wanted = threads * 16
    var best = (rows: tiles, columns: 1, cost: Int.max)
    for width in stride(from: widest, through: 1, by: -1) {
      let columns = (panels + width - 1) / width
      for groups in [(wanted + columns - 1) / columns, (wanted / 2 + columns - 1) / columns, (threads + columns - 1) / columns, 1] {
        let rows = min(max(groups, 1), tiles)
        let (height, across) = ((tiles + rows - 1) / rows, (panels + columns - 1) / columns)
        guard threads == 1 || height * across >= smallest || rows * columns == 1 else { continue }
        // A task costs its tiles and about a quarter of the smallest one to begin.
        let cost = (rows * columns + threads - 1) / threads * (4 * height * across + smallest)
        if cost < best.cost { best = (rows, columns, cost) }
      }
      if threads == 1 { break }
    }
    return best.cost == .max ? (1, (panels + widest - 1) / widest) : (best.rows, best.columns)
  }
}
