import CKernels
import OnyxThreads

/// A convolution of bytes: sums of (x - zero point) * (w - zero point) in int32 that wraps, exact for every geometry.
///
/// SAFETY: `x` holds batch * groups * channelsPerGroup input planes of bytes and `y` batch * filters output planes of the
/// epilogue's elements. Offsets of `StagedImage` stay inside a plane; staged images have 16 bytes of slack behind them.
package final class ByteConvolution: Sendable {
  let geometry: WindowExtents
  let weights: ByteFilters
  private let image: StagedImage
  private let taps: [Int64]
  private let bases: [Int64]

  package init(geometry: WindowExtents, weights: ByteFilters) {
    self.geometry = geometry
    self.weights = weights
    let image = StagedImage(geometry)
    self.image = image
    let planes = geometry.isIdentity ? geometry.inputCount : image.planeCount
    let own: [Int64] = geometry.isIdentity ? [0] : image.taps
    taps = (0..<weights.channelsPerGroup).flatMap { c in own.map { $0 + Int64(c * planes) } }
    bases = geometry.isIdentity && !weights.isDirect ? [0] : image.bases
  }

  private var isa: ISA { weights.isa }
  /// Pixels that follow each other in the image.
  private var rowLength: Int { geometry.isIdentity ? geometry.outputCount : geometry.output.last! }

  /// `epilogue` has one row for each filter, and its biases hold what the zero points of the input add.
  package func run(
    _ x: UnsafePointer<UInt8>, isSigned: Bool, zeroPoint: Int32, _ y: UnsafeMutablePointer<UInt8>, batch: Int, epilogue: ByteEpilogue,
    pool: ThreadPool
  ) {
    guard geometry.outputCount > 0 else { return }
    if weights.isDirect {
      unsafe runDirect(x, isSigned, zeroPoint, y, batch, epilogue, pool)
      return
    }
    let jobs = batch * weights.groups
    let body = { (range: Range<Int>) in
      for job in range { unsafe self.runJob(job, x, isSigned, zeroPoint, y, epilogue, pool) }
    }
    if jobs >= 2 * pool.threadCount { pool.parallelFor(count: jobs, body) } else { body(0..<jobs) }
  }

  /// One group of one image.
  private func runJob(
    _ job: Int, _ x: UnsafePointer<UInt8>, _ isSigned: Bool, _ zeroPoint: Int32, _ y: UnsafeMutablePointer<UInt8>, _ epilogue: ByteEpilogue,
    _ pool: ThreadPool
  ) {
    let source = unsafe x + job * weights.channelsPerGroup * geometry.inputCount
    let target = unsafe y + job * weights.filtersPerGroup * geometry.outputCount * epilogue.width
    let group = job % weights.groups
    if geometry.isIdentity {
      unsafe multiply(group, source, isSigned, target, epilogue, pool)
      return
    }
    let plane = image.planeCount
    unsafe pool.workspace.withScratch(weights.channelsPerGroup * plane + 64) { scratch in
      let fill = UInt8(truncatingIfNeeded: zeroPoint)
      pool.parallelFor(count: weights.channelsPerGroup, grain: max(1, 65536 / max(plane, 1))) { range in
        for c in range {
          let from = unsafe source + c * self.geometry.inputCount
          if self.image.needsCopy {
            unsafe self.image.stage(from, into: scratch + c * plane, fill: fill, isa: self.isa)
          } else {
            unsafe (scratch + c * plane).update(from: from, count: plane)
          }
        }
      }
      unsafe multiply(group, scratch, isSigned, target, epilogue, pool)
    }
  }

  /// Bytes of packed pixels that stay in the second-level cache while all filters pass.
  private static let residentBytes = 256 * 1024

  private func multiply(
    _ group: Int, _ source: UnsafePointer<UInt8>, _ isSigned: Bool, _ target: UnsafeMutablePointer<UInt8>, _ epilogue: ByteEpilogue,
    _ pool: ThreadPool
  ) {
    let depth = weights.depth
    let pixels = geometry.outputCount
    let panel = isa.int8Panel(.columns)
    guard let panelSize = isa.int8PanelSize(.columns, depth: depth) else { return }
    let panels = (pixels + panel - 1) / panel
    let work = weights.filtersPerGroup * pixels * depth
    let threads = work < 4 * GemmProduct.serialWork ? 1 : pool.threadCount
    if threads == 1 || panels >= 2 * threads {
      let step = max(1, min(Self.residentBytes / max(panelSize, 1), (panels + threads * 4 - 1) / (threads * 4)))
      let tasks = (panels + step - 1) / step
      // What is too little for two threads is one portion, and what one thread does can be ended between portions.
      let least = max(1, 4 * GemmProduct.serialWork / max(step * panel * weights.filtersPerGroup * depth, 1))
      pool.parallelFor(count: tasks, grain: threads == 1 && pool.threadCount > 1 ? tasks : least) { range in
        unsafe pool.workspace.withScratch(step * (panelSize + panel * 4) + 64) { scratch in
          for task in range {
            let part = task * step * panel..<min((task + 1) * step * panel, pixels)
            unsafe self.packed(source, isSigned, part, panelSize, scratch) { sums in
              unsafe self.block(group, 0..<self.weights.filtersPerGroup, scratch, sums, part, target, epilogue)
            }
          }
        }
      }
      return
    }
    // Few pixels: all are packed, then the filters are shared out.
    unsafe pool.workspace.withScratch(panels * (panelSize + panel * 4) + 64) { scratch in
      unsafe packed(source, isSigned, 0..<pixels, panelSize, scratch) { sums in
        let rows = isa.int8Panel(.rows)
        let rowPanels = (weights.filtersPerGroup + rows - 1) / rows
        pool.parallelFor(count: rowPanels, grain: max(1, GemmProduct.serialWork / max(rows * pixels * depth, 1))) { range in
          let part = range.lowerBound * rows..<min(range.upperBound * rows, self.weights.filtersPerGroup)
          unsafe self.block(group, part, scratch, sums, 0..<pixels, target, epilogue)
        }
      }
    }
  }

  /// Packs some pixels, and behind them their sums when the filters have zero points.
  private func packed(
    _ source: UnsafePointer<UInt8>, _ isSigned: Bool, _ pixels: Range<Int>, _ panelSize: Int, _ scratch: UnsafeMutablePointer<UInt8>,
    _ body: (UnsafePointer<Int32>?) -> Void
  ) {
    let panel = isa.int8Panel(.columns)
    let end = (pixels.count + panel - 1) / panel * panelSize
    let sums: UnsafeMutablePointer<Int32>? =
      unsafe weights.zeroPoints.isEmpty ? nil : UnsafeMutableRawPointer(scratch + end).assumingMemoryBound(to: Int32.self)
    unsafe taps.withUnsafeBufferPointer { taps in
      unsafe bases.withUnsafeBufferPointer { bases in
        unsafe isa.int8.pack_pixels!(
          scratch, source, taps.baseAddress, Int64(weights.depth), bases.baseAddress, Int64(rowLength), Int64(pixels.lowerBound),
          Int64(pixels.count),
          isSigned ? 0x80 : 0, 0, sums)
      }
    }
    unsafe body(sums)
  }

  /// Some filters of a group times packed pixels.
  private func block(
    _ group: Int, _ rows: Range<Int>, _ columns: UnsafePointer<UInt8>, _ sums: UnsafePointer<Int32>?, _ pixels: Range<Int>,
    _ target: UnsafeMutablePointer<UInt8>, _ epilogue: ByteEpilogue
  ) {
    guard let rowSize = isa.int8PanelSize(.rows, depth: weights.depth) else { return }
    let first = group * weights.filtersPerGroup + rows.lowerBound
    let panel = unsafe weights.matrices[group].base + rows.lowerBound / isa.int8Panel(.rows) * rowSize
    let output = unsafe target + (rows.lowerBound * geometry.outputCount + pixels.lowerBound) * epilogue.width
    let terms = unsafe sums == nil ? [] : weights.zeroPoints[first..<first + rows.count].map { 0 &- $0 }
    unsafe terms.withUnsafeBufferPointer { terms in
      unsafe epilogue.withC(row: first, rowTerm: sums == nil ? nil : terms.baseAddress, columnTerm: sums) { epilogue in
        unsafe isa.int8.block!(
          Int64(weights.depth), panel, Int64(rows.count), columns, Int64(pixels.count), output, Int64(geometry.outputCount), 0, epilogue)
      }
    }
  }

  /// Each output plane by itself, in float32, which holds these sums exactly.
  private func runDirect(
    _ x: UnsafePointer<UInt8>, _ isSigned: Bool, _ zeroPoint: Int32, _ y: UnsafeMutablePointer<UInt8>, _ batch: Int,
    _ epilogue: ByteEpilogue,
    _ pool: ThreadPool
  ) {
    let (input, output, plane) = (geometry.inputCount, geometry.outputCount, image.planeCount)
    let filters = weights.filters
    let q = onyx_quantization(scale: 1, zero_point: zeroPoint, is_signed: isSigned ? 1 : 0)
    pool.parallelFor(count: batch * filters, grain: max(1, GemmProduct.serialWork / max(output * weights.depth * 4, 1))) { range in
      unsafe pool.workspace.withFloats(input + plane + output + 64) { numbers in
        let staged = unsafe numbers + input + 16
        let sums = unsafe staged + plane + 16
        var loaded = -1
        for job in range {
          let channel = job / filters * self.weights.groups + job % filters / self.weights.filtersPerGroup
          if channel != loaded {
            let source = unsafe x + channel * input
            var q = q
            unsafe self.isa.quantize.dequantize!(numbers, source, Int64(input), &q)
            if self.image.needsCopy { unsafe self.image.stage(numbers, into: staged, fill: 0, isa: self.isa) }
            loaded = channel
          }
          let from = unsafe UnsafePointer(self.image.needsCopy ? staged : numbers)
          unsafe self.slide(job % filters, from, sums)
          unsafe self.finish(job % filters, sums, y + job * output * epilogue.width, epilogue)
        }
      }
    }
  }

  /// The sums of one output plane.
  private func slide(_ filter: Int, _ source: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>) {
    let width = geometry.output.last!
    let run = geometry.output.count > 1 ? geometry.output[geometry.output.count - 2] : 1
    unsafe weights.direct.withUnsafeBufferPointer { all in
      unsafe taps.withUnsafeBufferPointer { taps in
        let weights = unsafe all.baseAddress! + filter * self.weights.depth
        for row in stride(from: 0, to: bases.count, by: run) {
          let start = unsafe source + Int(bases[row])
          let target = unsafe sums + row * width
          if let square = image.square {
            unsafe isa.depthwise.square!(
              target, Int64(run), Int64(width), start, Int64(square.rowStride), taps.baseAddress, Int64(square.size),
              Int64(square.verticalStride),
              weights, 0, -.infinity, .infinity)
          } else {
            unsafe isa.depthwise.rows!(
              target, Int64(width), Int64(run), Int64(width), start, Int64(image.rowStep), taps.baseAddress, weights, Int64(taps.count), 0,
              -.infinity, .infinity)
          }
        }
      }
    }
  }

  private func finish(_ filter: Int, _ sums: UnsafePointer<Float>, _ target: UnsafeMutablePointer<UInt8>, _ epilogue: ByteEpilogue) {
    let bias = epilogue.rowBias.isEmpty ? 0 : epilogue.rowBias[filter]
    if epilogue.kind == .bytes {
      var q = onyx_quantization(scale: 1, zero_point: epilogue.zeroPoint, is_signed: epilogue.isSigned ? 1 : 0)
      unsafe isa.quantize.requantize!(target, sums, Int64(geometry.outputCount), bias, epilogue.rowScale[filter], &q)
      return
    }
    let words = unsafe UnsafeMutableRawPointer(target).assumingMemoryBound(to: Int32.self)
    for index in 0..<geometry.outputCount { unsafe words[index] = Int32(sums[index]) &+ bias }
  }
}
