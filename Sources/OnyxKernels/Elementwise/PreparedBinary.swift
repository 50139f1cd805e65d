import OnyxThreads

/// A binary function with its loops over one shape, found once: a call of few elements costs little beside them.
///
/// SAFETY: callers pass buffers that hold every element the shape and strides reach; the loops stay within those.
struct PreparedBinary: Sendable {
  private let loops: BroadcastLoops
  private let block: BlockKernel?
  private let kernel: BinaryKernel
  private let inner: SIMD4<Int>
  private let grain: Int
  private let isEmpty: Bool

  /// `y = a op b`, with the parameter p0 where the function has one, over `shape` (row-major y) with element strides per axis
  /// for `a` and `b`; a stride of 0 broadcasts.
  init(_ operation: BinaryOperation, strides aStrides: [Int], _ bStrides: [Int], shape: [Int], p0: Float, isa: ISA) {
    isEmpty = shape.contains(0)
    loops = BroadcastLoops(shape: shape, operands: [aStrides, bStrides])
    block = BlockKernel(operation, loops: loops, p0: p0, isa: isa)
    kernel = BinaryKernel(operation: operation, p0: p0, isa: isa)
    inner = loops.inner
    grain = operation.grain
  }

  /// `y` may equal an operand that is not broadcast and has y's strides.
  func run(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    if isEmpty { return }
    if let block {
      loops.forEachRunOfRows(pool: pool, grain: grain) { target, offsets, count in
        unsafe block.run(y + target, a + offsets[0], b + offsets[1], count)
      }
      return
    }
    loops.forEachRow(pool: pool, grain: grain) { target, offsets, count in
      unsafe kernel.run(y + target, a + offsets[0], inner[0], b + offsets[1], inner[1], count)
    }
  }
}
