import CKernels
import OnyxThreads

/// Elementwise functions over float32 memory, parallel above about 5 us of work.
///
/// SAFETY: callers pass buffers that hold `count` elements, or every element the shape and strides reach; the loops
/// stay within those counts.
package enum Elementwise {
  /// `y[i] = f(x[i])`, i < count. `y` may equal `x`.
  package static func unary(
    _ operation: UnaryOperation, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
    p0: Float = 0, p1: Float = 0, isa: ISA, pool: ThreadPool
  ) {
    let function = unsafe isa.elementwise.unary[operation.rawValue]!
    pool.parallelFor(count: count, grain: operation.grain) { range in
      unsafe function(y + range.lowerBound, x + range.lowerBound, Int64(range.count), p0, p1)
    }
  }

  /// `y = a op b`, with the parameter p0 where the function has one, over `shape` (row-major y) with element strides per axis
  /// for `a` and `b`; a stride of 0 broadcasts. `y` may equal an operand that is not broadcast and has y's strides.
  package static func binary(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, strides aStrides: [Int], _ b: UnsafePointer<Float>,
    strides bStrides: [Int], _ y: UnsafeMutablePointer<Float>, shape: [Int], p0: Float = 0, isa: ISA, pool: ThreadPool
  ) {
    let prepared = PreparedBinary(operation, strides: aStrides, bStrides, shape: shape, p0: p0, isa: isa)
    unsafe prepared.run(a, b, y, pool: pool)
  }

  /// `y[r, c, i] = limit(x[r, c, i] * scale[c] + shift[c])` for a [rows, channels, inner] block, as batch
  /// normalisation needs at inference. `y` may equal `x`.
  package static func channelAffine(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, channels: Int, inner: Int,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, activation: Activation = .none, isa: ISA,
    pool: ThreadPool
  ) {
    let limits = activation.limits
    if inner == 1 {
      pool.parallelFor(count: rows, grain: max(1, 16384 / max(channels, 1))) { range in
        for r in range {
          let at = r * channels
          unsafe isa.elementwise.scale_shift_rows!(
            y + at, x + at, Int64(channels), scale, shift, limits.low, limits.high)
          unsafe activation.apply(y + at, rows: 1, stride: channels, count: channels, isa: isa)
        }
      }
      return
    }
    pool.parallelFor(count: rows * channels, grain: max(1, 16384 / max(inner, 1))) { range in
      for plane in range {
        let (c, at) = (plane % channels, plane * inner)
        unsafe isa.elementwise.scale_shift!(
          y + at, x + at, Int64(inner), scale[c], shift[c], limits.low, limits.high)
        unsafe activation.apply(y + at, rows: 1, stride: inner, count: inner, isa: isa)
      }
    }
  }
}

/// The two inner loops of a binary function over channel blocks: one operand is full, the other one has 16 lanes for all pixels
/// or one element for each pixel.
///
/// SAFETY: reads and writes 16 elements for each of `count` pixels, and what the other operand has for them. The function is one of C,
/// hence `@unchecked Sendable`.
@safe struct BlockKernel: @unchecked Sendable {
  private let function: onyx_binary_function
  private let p0: Float
  /// Whether the full operand is the right one.
  private let isReversed: Bool

  /// Nil when the loops have another form.
  init?(_ operation: BinaryOperation, loops: BroadcastLoops, p0: Float, isa: ISA) {
    guard loops.extents.count > 1, loops.extents.last == Int(ONYX_BLOCK) else { return nil }
    let pixels = loops.strides[loops.strides.count - 2]
    let steps = (0..<2).map { [pixels[$0], loops.inner[$0]] }
    let (full, lanes, elements) = ([Int(ONYX_BLOCK), 1], [0, 1], [1, 0])
    let forms = unsafe isa.elementwise.block
    let form: UnsafePointer<onyx_binary_function?>?
    switch (steps[0], steps[1]) {
    case (full, lanes): unsafe form = forms.0
    case (lanes, full): unsafe form = forms.1
    case (full, elements): unsafe form = forms.2
    case (elements, full): unsafe form = forms.3
    default: return nil
    }
    guard let found = unsafe form?[operation.rawValue] else { return nil }
    unsafe function = found
    self.p0 = p0
    isReversed = steps[1] == full
  }

  func run(_ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) {
    unsafe function(y, isReversed ? b : a, isReversed ? a : b, Int64(count), p0)
  }
}

/// The inner loop of a binary function for any pair of strides.
///
/// SAFETY: reads `count` elements of each operand at its stride and writes `count` elements of y. The functions are those of C, hence
/// `@unchecked Sendable`.
@safe struct BinaryKernel: @unchecked Sendable {
  private let both, right, left: onyx_binary_function
  private let p0: Float

  init(operation: BinaryOperation, p0: Float, isa: ISA) {
    self.p0 = p0
    unsafe both = isa.elementwise.binary[operation.rawValue]!
    unsafe right = isa.elementwise.binary_scalar[operation.rawValue]!
    unsafe left = isa.elementwise.scalar_binary[operation.rawValue]!
  }

  func run(
    _ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>,
    _ bStride: Int, _ count: Int
  ) {
    switch (aStride, bStride) {
    case (1, 1): unsafe both(y, a, b, Int64(count), p0)
    case (1, 0): unsafe right(y, a, b, Int64(count), p0)
    case (0, 1): unsafe left(y, a, b, Int64(count), p0)
    default: unsafe gathered(y, a, aStride, b, bStride, count)
    }
  }

  /// Strided operands pass through two small buffers.
  private func gathered(
    _ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>,
    _ bStride: Int, _ count: Int
  ) {
    let piece = 256
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * piece) { buffer in
      let left = buffer.baseAddress!
      let right = unsafe left + piece
      for start in stride(from: 0, to: count, by: piece) {
        let n = min(piece, count - start)
        for i in 0..<n {
          unsafe left[i] = a[(start + i) * aStride]
          unsafe right[i] = b[(start + i) * bStride]
        }
        unsafe both(y + start, left, right, Int64(n), p0)
      }
    }
  }
}
