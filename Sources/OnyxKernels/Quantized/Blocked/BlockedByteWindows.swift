import CKernels
import OnyxTensor
import OnyxThreads

/// A depthwise convolution of bytes in channel blocks, in float32, which holds its sums exactly.
///
/// SAFETY: `x` holds `batch` images of `blocks` input planes of 16 lanes, `y` and `z` as many output planes. A chunk's input rows are
/// those that its windows meet, so the kernel reads no others.
struct BlockedByteDepthwise: Sendable {
  private let window: BlockedWindow
  private let blocks: Int
  private let zeroPoint: onyx_quantization
  /// Weights less their zero points, [block][tap][16].
  private let weights: [Float]
  /// [block][16].
  private let bias: [Int32]
  private let scales: ByteScales
  private let finish: ByteFinish
  private let isa: ISA

  /// `weights` is [filters, 1, taps…]; nil for geometry without a kernel and for sums that float32 does not hold.
  init?(
    _ geometry: WindowExtents, _ weights: Tensor, zeroPoints: [Int32], numbers: QuantizedConvolutionNumbers, scales: ByteScales,
    isSigned: Bool, finish: ByteFinish, isa: ISA
  ) throws(OnyxError) {
    let (lanes, filters, taps) = (Int(ONYX_BLOCK), weights.shape[0], geometry.tapCount)
    guard let window = BlockedWindow(geometry), taps <= ByteFilters.longestExactSum else { return nil }
    (self.window, self.scales, self.finish, self.isa) = (window, scales, finish, isa)
    zeroPoint = onyx_quantization(scale: 1, zero_point: numbers.inputZeroPoint, is_signed: isSigned ? 1 : 0)
    blocks = (filters + lanes - 1) / lanes
    var terms = [Float](repeating: 0, count: blocks * taps * lanes)
    for (index, value) in try weights.integers().enumerated() {
      let (filter, tap) = index.quotientAndRemainder(dividingBy: taps)
      terms[(filter / lanes * taps + tap) * lanes + filter % lanes] = Float(Int32(value) - zeroPoints[zeroPoints.count == 1 ? 0 : filter])
    }
    self.weights = terms
    bias = (0..<blocks * lanes).map { numbers.bias.indices.contains($0) ? numbers.bias[$0] : 0 }
  }

  func run(
    _ x: UnsafePointer<UInt8>, z: UnsafePointer<UInt8>?, _ y: UnsafeMutablePointer<UInt8>, batch: Int, pool: ThreadPool
  ) {
    let lanes = Int(ONYX_BLOCK)
    window.forEachChunk(planes: batch * blocks, terms: window.tapCount, pool: pool) { chunk in
      let rows = window.inputRows(of: chunk)
      let (line, width) = (Int(window.window.width) * lanes, chunk.width * lanes)
      unsafe pool.workspace.withFloats(rows.count * line + chunk.rows * width) { numbers in
        var q = zeroPoint
        let source = unsafe x + chunk.plane * window.inputCount * lanes + rows.lowerBound * line
        unsafe isa.quantize.dequantize!(numbers, source, Int64(rows.count * line), &q)
        let sums = unsafe numbers + rows.count * line
        unsafe slide(chunk, numbers - rows.lowerBound * line, sums - chunk.firstRow * width)
        let (block, at) = (chunk.plane % blocks * lanes, (chunk.plane * window.outputCount + chunk.firstPixel) * lanes)
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe scales.factors.withUnsafeBufferPointer { factors in
            unsafe isa.blocked_int8.requantize!(
              y + at, sums, Int64(chunk.pixels), bias.baseAddress! + block, factors.baseAddress! + block,
              scales.low, scales.high, scales.zeroPoint)
          }
        }
        unsafe finish.apply(y + at, z: z.map { unsafe $0 + at }, rows: chunk.rows, stride: chunk.width, pixels: chunk.width)
      }
    }
  }

  private static let noBias = [Float](repeating: 0, count: Int(ONYX_BLOCK))

  private func slide(_ chunk: BlockedWindow.Chunk, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    unsafe weights.withUnsafeBufferPointer { weights in
      unsafe Self.noBias.withUnsafeBufferPointer { bias in
        unsafe withUnsafePointer(to: window.window) { geometry in
          var call = unsafe onyx_blocked_window(
            window: geometry, first_row: Int64(chunk.firstRow), rows: Int64(chunk.rows), x: x,
            w: weights.baseAddress! + chunk.plane % blocks * window.tapCount * Int(ONYX_BLOCK), bias: bias.baseAddress!, z: nil, y: y,
            low: -.infinity, high: .infinity)
          unsafe isa.blocked_window.convolve!(&call, 1)
        }
      }
    }
  }
}

extension BlockedWindow {
  /// The input rows that the windows of a chunk meet.
  fileprivate func inputRows(of chunk: Chunk) -> Range<Int> {
    let (stride, pad, height) = (Int(window.stride_y), Int(window.pad_y), Int(window.height))
    let first = min(max(chunk.firstRow * stride - pad, 0), height)
    let reach = Int((window.kernel_height - 1) * window.dilation_y) + 1
    return first..<max(first, min((chunk.firstRow + chunk.rows - 1) * stride - pad + reach, height))
  }
}

/// The greatest byte of each window over planes of 16 lanes.
///
/// SAFETY: `x` holds `planes` input planes of 16 lanes and `y` as many output planes; the kernel checks every tap.
struct BlockedByteMaximum: Sendable {
  let window: BlockedWindow
  let isSigned: Bool
  let isa: ISA

  func run(_ x: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<UInt8>, planes: Int, pool: ThreadPool) {
    let lanes = Int(ONYX_BLOCK)
    window.forEachChunk(planes: planes, terms: window.tapCount, pool: pool) { chunk in
      unsafe withUnsafePointer(to: window.window) { geometry in
        var call = unsafe onyx_blocked_int8_window(
          window: geometry, first_row: Int64(chunk.firstRow), rows: Int64(chunk.rows), x: x + chunk.plane * window.inputCount * lanes,
          y: y + chunk.plane * window.outputCount * lanes)
        unsafe isa.blocked_int8.maximum!(&call, isSigned ? 1 : 0)
      }
    }
  }
}
