import CKernels
import OnyxTensor
import OnyxThreads

/// activation(X · W + bias + addend) with X and the constant W rounded to bfloat16. All rows of X are rounded before they are read.
///
/// Sums run over blocks of at most 512 terms whose results are added in order, the first of them together with the addend, whose memory
/// the result may take over. They depend on the shape only, so results are bit-equal for every number of threads.
///
/// SAFETY: X holds m · k floats, the result and the addend m · n; panels hold k terms, one more when it is odd.
struct Bfloat16Product: Sendable {
  private let m, n, k: Int
  private let panels: Bfloat16Panels
  private let activation: Activation
  private let isa: ISA

  /// Terms of a rounded row, and from one to the next: rows a multiple of 2 KiB apart would share few sets of the first-level cache.
  private var terms: Int { (k + 1) & ~1 }
  private var rowStride: Int { terms % 1024 == 0 ? terms + 32 : terms }

  private static let longestBlock = 512
  /// Elements of a block of weights that stay in the second-level cache while rows pass.
  private static let residentElements = 192 << 10

  /// The weights of the query's input 1, [k, n] or transposed, are packed for it.
  init(_ query: KernelQuery, _ weights: Tensor, _ form: LinearForm, bias: [Float]?) throws(OnyxError) {
    let (n, k, isa) = (form.n, form.k, query.isa)
    (m, self.n, self.k) = (form.m, n, k)
    activation = form.activation
    self.isa = isa
    let (laneStride, termStride) = form.isTransposed ? (k, 1) : (1, n)
    panels = unsafe try Bfloat16Panels(query, weights, lanes: n, terms: (k + 1) & ~1, bias: bias) { target, source, first, lanes in
      unsafe isa.bf16.pack!(target, source + first * laneStride, Int64(laneStride), Int64(termStride), Int64(lanes), Int64(k))
    }
  }

  func run(_ x: UnsafePointer<Float>, addend: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    unsafe pool.workspace.withHalves(m * rowStride) { rounded in
      pool.parallelFor(count: m, grain: max(1, 16384 / max(k, 1))) { rows in
        for row in rows {
          unsafe isa.bf16.round!(rounded + row * rowStride, x + row * k, Int64(k))
          if k < terms { unsafe rounded[row * rowStride + k] = 0 }
        }
      }
      let blocks = (terms + Self.longestBlock - 1) / Self.longestBlock
      let depth = ((terms + blocks - 1) / blocks + 1) & ~1
      let cut = grid(depth: depth, threads: pool.threadCount)
      let count = cut.rows * cut.columns
      let step = unsafe Int(isa.bf16.panels)
      let pairs = (panels.panelCount + step - 1) / step
      pool.parallelFor(count: count, grain: m * n * k < GemmProduct.serialWork ? count : 1, chunksPerThread: 64) { range in
        for task in range {
          let (column, row) = task.quotientAndRemainder(dividingBy: cut.rows)
          let chunk = pairs * column / cut.columns * step..<min(pairs * (column + 1) / cut.columns * step, panels.panelCount)
          unsafe multiply(rounded, addend, y, rows: m * row / cut.rows..<m * (row + 1) / cut.rows, panels: chunk, depth: depth)
        }
      }
    }
  }

  /// Groups of rows and of columns; neighbouring tasks share their columns, which fit the second-level cache.
  private func grid(depth: Int, threads: Int) -> (rows: Int, columns: Int) {
    let step = unsafe Int(isa.bf16.panels)
    let pairs = (panels.panelCount + step - 1) / step
    let widest = max(1, min(pairs, Self.residentElements / max(depth * step * Int(ONYX_BLOCK), 1)))
    let columns = (pairs + widest - 1) / widest
    guard threads > 1 else { return (1, columns) }
    let tasks = max(1, min(8 * threads, m * n * k / (GemmProduct.serialWork / 4)))
    let tiles = unsafe (m + Int(isa.bf16.rows) - 1) / Int(isa.bf16.rows)
    let rows = min(tiles, max(1, (tasks + columns - 1) / columns))
    return (rows, min(pairs, max(columns, (tasks + rows - 1) / rows)))
  }

  /// One task: for each block of terms, each pair of panels, every tile of rows.
  private func multiply(
    _ x: UnsafePointer<UInt16>, _ addend: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, rows: Range<Int>,
    panels chunk: Range<Int>,
    depth: Int
  ) {
    let (lanes, step) = unsafe (Int(ONYX_BLOCK), Int(isa.bf16.panels))
    let limits = activation.limits
    let tileRows = unsafe PixelTiling.evenly(rows.count, most: Int(isa.bf16.rows))
    unsafe [Int64(0)].withUnsafeBufferPointer { runs in
      unsafe panels.bias.withUnsafeBufferPointer { bias in
        for start in stride(from: 0, to: terms, by: depth) {
          let length = min(depth, terms - start)
          let isLast = start + length == terms
          for panel in stride(from: chunk.lowerBound, to: chunk.upperBound, by: step) {
            let count = min(step, chunk.upperBound - panel)
            var tile = unsafe onyx_bf16_tile(
              x: x, runs: runs.baseAddress!, run_count: 1, run_length: Int64(length), x_stride: Int64(rowStride),
              w: panels.base + panel * panels.panelStride + start * lanes, w_panel_stride: Int64(panels.panelStride), y: y,
              y_panel_stride: Int64(lanes), y_stride: Int64(n), lanes: Int64(min(lanes, n - (panel + count - 1) * lanes)),
              bias: isLast ? bias.baseAddress! + panel * lanes : nil, z: nil, low: isLast ? limits.low : -.infinity,
              high: isLast ? limits.high : .infinity, flags: start > 0 ? UInt32(ONYX_BLOCKED_ACCUMULATE) : 0)
            for row in stride(from: rows.lowerBound, to: rows.upperBound, by: tileRows) {
              let place = row * n + panel * lanes
              unsafe tile.x = x + row * rowStride + start
              unsafe tile.y = y + place
              unsafe tile.z = start == 0 ? addend.map { unsafe $0 + place } : nil
              unsafe isa.bf16.tile!(&tile, Int64(min(tileRows, rows.upperBound - row)), Int64(count))
            }
          }
        }
      }
    }
    let columns = chunk.lowerBound * lanes..<min(chunk.upperBound * lanes, n)
    unsafe activation.apply(y + rows.lowerBound * n + columns.lowerBound, rows: rows.count, stride: n, count: columns.count, isa: isa)
  }
}
