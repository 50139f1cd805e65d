import CKernels
import OnyxOperators
import OnyxTensor

/// What follows a convolution of bytes while its results are in a near cache: their sum with a tensor in the same blocks, quantized
/// again, and a function of one byte by its table.
///
/// SAFETY: `y` and `z` hold whole planes of 16 lanes; rows and pixels stay inside them.
struct ByteFinish: Sendable {
  struct Sum: Sendable {
    let own, other, result: onyx_quantization

    /// Stands where there is no sum.
    static let none = Sum(own: unit, other: unit, result: unit)
    private static let unit = onyx_quantization(scale: 1, zero_point: 0, is_signed: 0)

    /// Whether a tile can take the sum in: the division by the result's scale may be a product with its reciprocal, and quotients stay
    /// below 2^20.
    fileprivate var joinsTiles: Bool {
      let greatest = 256 * (abs(own.scale) + abs(other.scale))
      return result.scale > 0x1p-60 && result.scale < 0x1p60 && result.scale.significandBitPattern != 0x7fffff
        && greatest < result.scale * 0x1p19
    }
  }

  let sum: Sum
  private let hasSum: Bool
  /// Whether the tiles of a dense convolution add z; `apply` then gets none.
  let joinsTiles: Bool
  private let table: [UInt8]?
  private let isa: ISA

  /// nil when numbers that must be constants are none, or z has not the shape of the result.
  init?(_ query: KernelQuery) throws(OnyxError) {
    typealias Input = BlockedQLinearConv.Input
    isa = query.isa
    hasSum = query.input(Input.z.rawValue) != nil
    if let z = query.input(Input.z.rawValue) {
      guard z.shape == query.outputs[0]?.shape, let own = try query.quantization(6, 7),
        let other = try query.quantization(Input.zScale.rawValue, Input.zZeroPoint.rawValue),
        let result = try query.quantization(Input.sumScale.rawValue, Input.sumZeroPoint.rawValue)
      else { return nil }
      sum = Sum(own: own, other: other, result: result)
    } else {
      sum = .none
    }
    joinsTiles = hasSum && sum.joinsTiles
    guard query.isFixed(Input.table.rawValue) else { return nil }
    table = try query.constant(Input.table.rawValue)?.integers().map { UInt8(truncatingIfNeeded: $0) }
    if let table, table.count != 256 { return nil }
  }

  /// The inputs that the kernel reads while it runs.
  static let runTimeInputs = [0, BlockedQLinearConv.Input.z.rawValue]

  /// Finishes `rows` rows of `pixels` pixels each in place, `stride` pixels apart; z is nil where the sum is done.
  func apply(_ y: UnsafeMutablePointer<UInt8>, z: UnsafePointer<UInt8>?, rows: Int, stride: Int, pixels: Int) {
    guard hasSum || table != nil else { return }
    let lanes = Int(ONYX_BLOCK)
    let (runs, count) = pixels == stride ? (1, rows * pixels * lanes) : (rows, pixels * lanes)
    for run in 0..<runs {
      let at = run * stride * lanes
      if hasSum, let z = unsafe z {
        var (own, other, result) = (sum.own, sum.other, sum.result)
        unsafe isa.quantize.binary!(y + at, y + at, z + at, Int64(count), 0, Int32(ONYX_QUANTIZED_ADD), &own, &other, &result)
      }
      if let table { unsafe table.withUnsafeBufferPointer { unsafe isa.quantize.look_up!(y + at, y + at, Int64(count), $0.baseAddress!) } }
    }
  }
}
