import CKernels
import OnyxThreads

/// A dense convolution of bytes into channel blocks, exact in int32.
///
/// SAFETY: `x` holds `batch` images of the geometry's planes, `y` and `z` batch · panels · outputCount · 16 bytes. Offsets of `ByteImage`
/// stay inside an image.
struct BlockedByteConvolution: Sendable {
  private let image: ByteImage
  private let filters: BlockedByteFilters
  private let scales: ByteScales
  private let zeroPoint: Int32
  private let tiling: PixelTiling
  private let finish: ByteFinish
  private let isa: ISA

  private var lanes: Int { Int(ONYX_BLOCK) }

  /// `zeroPoint` is that of the input's bytes.
  init(_ image: ByteImage, filters: BlockedByteFilters, scales: ByteScales, zeroPoint: Int32, finish: ByteFinish, isa: ISA) {
    (self.image, self.filters, self.scales, self.zeroPoint, self.finish, self.isa) = (image, filters, scales, zeroPoint, finish, isa)
    tiling = unsafe PixelTiling(image, runCount: image.runs.count, runLength: filters.runLength, most: Int(isa.blocked_int8.pixels))
  }

  func run(
    _ x: UnsafePointer<UInt8>, z: UnsafePointer<UInt8>?, _ y: UnsafeMutablePointer<UInt8>, batch: Int, pool: ThreadPool
  ) {
    let input = image.planes * image.geometry.inputCount * image.lanes
    let output = filters.panelCount * image.geometry.outputCount * lanes
    unsafe pool.workspace.withScratch(image.stagedByteCount) { scratch in
      for n in 0..<batch {
        let source = unsafe x + n * input
        if image.isStaged { unsafe image.stage(source, zeroPoint: zeroPoint, into: scratch, pool: pool) }
        unsafe run(image.isStaged ? UnsafePointer(scratch) : source, z.map { unsafe $0 + n * output }, y + n * output, pool)
      }
    }
  }

  /// One image: chunks of pixels by chunks of filters.
  private func run(
    _ source: UnsafePointer<UInt8>, _ z: UnsafePointer<UInt8>?, _ y: UnsafeMutablePointer<UInt8>, _ pool: ThreadPool
  ) {
    // Four terms of bytes take as long as one of floats.
    unsafe tiling.run(
      image, panelCount: filters.panelCount, step: Int(isa.blocked_int8.panels), panelStride: filters.panelStride / 4,
      byteCount: filters.panelCount * filters.panelStride, pool
    ) { panels, rows, columns in unsafe run(source, z, y, panels: panels, rows: rows, columns: columns) }
  }

  /// One chunk: for each pair of panels, every tile.
  private func run(
    _ source: UnsafePointer<UInt8>, _ z: UnsafePointer<UInt8>?, _ y: UnsafeMutablePointer<UInt8>, panels: Range<Int>, rows: Range<Int>,
    columns: Range<Int>
  ) {
    let (plane, lanes) = (image.geometry.outputCount * lanes, lanes)
    let (step, group) = unsafe (Int(isa.blocked_int8.panels), Int(isa.blocked_int8.group))
    let makeTile = unsafe isa.blocked_int8.tile!
    let addend = unsafe finish.joinsTiles ? z : nil
    let sum = finish.sum
    unsafe image.runs.withUnsafeBufferPointer { runs in
      unsafe scales.factors.withUnsafeBufferPointer { factors in
        for panel in stride(from: panels.lowerBound, to: panels.upperBound, by: step) {
          let count = min(step, panels.upperBound - panel)
          var tile = unsafe onyx_blocked_int8_tile(
            x: source, runs: runs.baseAddress!, run_count: Int64(runs.count), run_words: Int64(filters.runLength / group),
            pixel_stride: Int64(image.pixelStride), w: filters.panel(panel), w_panel_stride: Int64(filters.panelStride), y: y,
            y_panel_stride: Int64(plane), bias: filters.bias(panel), scale: factors.baseAddress! + panel * lanes, low: scales.low,
            high: scales.high, zero_point: scales.zeroPoint, is_signed: scales.isSigned ? 1 : 0, z: nil, y_scale: sum.own.scale,
            of_z: sum.other, of_sum: sum.result)
          let (rowStride, pixelStride) = (image.rowStride * image.elementSize, image.pixelStride * image.elementSize)
          for row in rows {
            let from = unsafe source + row * rowStride
            let first = panel * plane + row * image.rowLength * lanes
            let (target, joined) = unsafe (y + first, addend.map { unsafe $0 + first })
            for column in stride(from: columns.lowerBound, to: columns.upperBound, by: tiling.tilePixels) {
              unsafe tile.x = UnsafeRawPointer(from + column * pixelStride)
              unsafe tile.y = target + column * lanes
              unsafe tile.z = joined.map { unsafe $0 + column * lanes }
              unsafe makeTile(&tile, Int64(min(tiling.tilePixels, columns.upperBound - column)), Int64(count))
            }
          }
          for index in panel..<panel + count {
            let at = index * plane + (rows.lowerBound * image.rowLength + columns.lowerBound) * lanes
            unsafe finish.apply(
              y + at, z: addend == nil ? z.map { unsafe $0 + at } : nil, rows: rows.count, stride: image.rowLength, pixels: columns.count)
          }
        }
      }
    }
  }
}
