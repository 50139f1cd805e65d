import CKernels

/// What turns sums of bytes into quantized bytes of channel blocks: a factor for each filter, 0 for lanes without one, and the output's
/// zero point and limits.
struct ByteScales: Sendable {
  let factors: [Float]
  let zeroPoint: Int32
  let low, high: Float
  let isSigned: Bool

  init(_ numbers: QuantizedConvolutionNumbers, filters: Int, isSigned: Bool) {
    let lanes = Int(ONYX_BLOCK)
    let spread = numbers.factors.count == 1 ? Array(repeating: numbers.factors[0], count: filters) : numbers.factors
    factors = spread + Array(repeating: 0, count: (filters + lanes - 1) / lanes * lanes - filters)
    zeroPoint = numbers.outputZeroPoint
    self.isSigned = isSigned
    low = Float((isSigned ? -128 : 0) - zeroPoint)
    high = low + 255
  }
}
