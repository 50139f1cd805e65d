import CKernels
import OnyxTensor
import OnyxThreads

/// Max and average pooling of channel-blocked planes.
///
/// SAFETY: `x` holds `planes` input planes of 16 lanes and `y` as many output planes; the kernels check every tap that may leave a
/// plane, and there is one divisor for each output pixel.
struct BlockedPooling: Sendable {
  private let window: BlockedWindow
  private let isa: ISA
  /// Ones that make a convolution the sum of its window, and the elements that count for each output pixel; nil for a maximum.
  private let average: (ones: WindowFilters, divisors: [Float])?

  /// Most taps of an average: its filter of ones has 16 floats for each.
  private static let mostTaps = 1 << 14

  /// Nil for geometry without a kernel.
  init?(_ kind: Pooling.Kind, geometry: WindowExtents, isa: ISA) throws(OnyxError) {
    guard let window = BlockedWindow(geometry) else { return nil }
    (self.window, self.isa) = (window, isa)
    guard let divisors = Pooling.divisors(kind, geometry: geometry) else {
      average = nil
      return
    }
    guard window.tapCount <= Self.mostTaps else { return nil }
    let filters = try WindowFilters(onesOf: window.tapCount)
    average = (filters, divisors.rows.flatMap { row in divisors.columns.map { $0 * row } })
  }

  func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, planes: Int, pool: ThreadPool) {
    let lanes = Int(ONYX_BLOCK)
    window.forEachChunk(planes: planes, terms: window.tapCount, pool: pool) { chunk in
      let output = unsafe y + chunk.plane * window.outputCount * lanes
      unsafe withUnsafePointer(to: window.window) { geometry in
        var call = unsafe onyx_blocked_window(
          window: geometry, first_row: Int64(chunk.firstRow), rows: Int64(chunk.rows), x: x + chunk.plane * window.inputCount * lanes,
          w: average?.ones.filters(of: 0), bias: average?.ones.bias(of: 0), z: nil, y: output, low: -.infinity, high: .infinity)
        guard let average else { return unsafe isa.blocked_window.maximum!(&call) }
        unsafe isa.blocked_window.convolve!(&call, 1)
        let sums = unsafe output + chunk.firstPixel * lanes
        unsafe average.divisors.withUnsafeBufferPointer { divisors in
          guard let divisors = divisors.baseAddress else { return }
          unsafe isa.elementwise.block.2![BinaryOperation.divide.rawValue]!(sums, sums, divisors + chunk.firstPixel, Int64(chunk.pixels), 0)
        }
      }
    }
  }
}
