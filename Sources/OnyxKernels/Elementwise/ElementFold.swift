import CKernels
import OnyxTensor
import OnyxThreads

/// A function of two elements folded over two to four operands from the left, with broadcasting. Floats of 16 bits are folded in
/// float32 and rounded once.
///
/// SAFETY: reads what the loops reach of each operand, writes a dense tensor; both have elements of the type that this was made for.
@safe struct ElementFold: Sendable {
  /// Operands that one pass takes.
  static let operandsOfAPass = 4
  private static let chunk = 1024

  private let function: ElementBinary
  private let division: ElementBinary?
  private let width: Int
  /// The conversions to float32 and back of 16-bit floats.
  private let widening, narrowing: ElementCast?

  /// Nil when the type lacks the function.
  init?(_ function: Int, _ type: ElementType, isa: ISA) {
    let isHalf = type == .float16 || type == .bfloat16
    let wide: ElementType = isHalf ? .float32 : type
    guard let bound = ElementBinary(function, wide, isa: isa) else { return nil }
    self.function = bound
    division = ElementBinary(ONYX_ELEMENT_DIVIDE, wide, isa: isa)
    width = type.byteWidth
    widening = isHalf ? ElementCast(from: type, to: .float32, isa: isa) : nil
    narrowing = isHalf ? ElementCast(from: .float32, to: type, isa: isa) : nil
  }

  /// `y = f(f(a, b), c) …` over the operands of `loops`; `divisor` is one element of the
  /// wide type that all is divided by.
  func run(
    _ y: UnsafeMutableRawPointer, _ operands: [UnsafeRawPointer], _ loops: BroadcastLoops, divisor: UnsafeRawPointer?, pool: ThreadPool
  ) {
    let places = loops.steps
    loops.forEachBlock(pool: pool, grain: 16384) { target, offsets, rows, count in
      // Short rows go many at a time, long ones in pieces.
      let height = max(1, min(rows, Self.chunk / max(count, 1)))
      unsafe withUnsafeTemporaryAllocation(of: Operand.self, capacity: operands.count) { inputs in
        for row in stride(from: 0, to: rows, by: height) {
          for start in stride(from: 0, to: count, by: Self.chunk) {
            let block = Block(rows: min(height, rows - row), count: min(Self.chunk, count - start))
            for index in unsafe operands.indices {
              let at = offsets[index] + places[index] * row + loops.inner[index] * start
              unsafe inputs[index] = unsafe Operand(
                start: operands[index] + at * width, inner: loops.inner[index], step: block.rows == 1 ? 0 : places[index])
            }
            let to = unsafe y + (target + row * count + start) * width
            if let widening, let narrowing {
              unsafe wide(to, UnsafeBufferPointer(inputs), divisor, block, widening, narrowing)
            } else {
              unsafe fold(to, UnsafeBufferPointer(inputs), divisor, block)
            }
          }
        }
      }
    }
  }

  /// Rows of a dense result.
  private struct Block {
    let rows, count: Int
    var elements: Int { rows * count }
  }

  /// An operand in a block: its stride inside a row, 0 or 1, and the one from row to row.
  ///
  /// SAFETY: the caller's loops reach no element that the operand lacks.
  @safe private struct Operand: BitwiseCopyable {
    var start: UnsafeRawPointer
    var inner, step: Int
  }

  private func fold(_ y: UnsafeMutableRawPointer, _ inputs: UnsafeBufferPointer<Operand>, _ divisor: UnsafeRawPointer?, _ block: Block) {
    var left = unsafe inputs[0]
    for index in 1..<inputs.count {
      let right = unsafe inputs[index]
      if left.inner == 0 && right.inner == 0 {
        // One element of each operand for a row: what they make is written to all of it.
        for row in 0..<block.rows {
          unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 1) { scratch in
            let one = UnsafeMutableRawPointer(scratch.baseAddress!)
            let bytes = function.width
            unsafe function.block(
              one, left.start + row * left.step * bytes, right.start + row * right.step * bytes, count: 1, inner: (1, 1))
            unsafe onyx_fill(Int64(bytes), y + row * block.count * bytes, one, Int64(block.count))
          }
        }
      } else {
        unsafe function.block(
          y, left.start, right.start, count: block.count, rows: block.rows, inner: (left.inner, right.inner), steps: (left.step, right.step)
        )
      }
      left = unsafe Operand(start: UnsafeRawPointer(y), inner: 1, step: block.count)
    }
    if let divisor = unsafe divisor, let division { unsafe division.block(y, y, divisor, count: block.elements, inner: (1, 0)) }
  }

  private func wide(
    _ y: UnsafeMutableRawPointer, _ inputs: UnsafeBufferPointer<Operand>, _ divisor: UnsafeRawPointer?, _ block: Block,
    _ widening: ElementCast, _ narrowing: ElementCast
  ) {
    let bytes = MemoryLayout<Float>.stride
    let room = max(block.elements, Self.chunk)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: (inputs.count + 1) * room) { scratch in
      let base = UnsafeMutableRawPointer(scratch.baseAddress!)
      unsafe withUnsafeTemporaryAllocation(of: Operand.self, capacity: inputs.count) { widened in
        for index in inputs.indices {
          let input = unsafe inputs[index]
          let to = unsafe base + (index + 1) * room * bytes
          let length = input.inner == 0 ? 1 : block.count
          let rows = input.step == 0 ? 1 : block.rows
          if input.step == length {
            unsafe widening.block(to, input.start, count: rows * length)
          } else {
            for row in 0..<rows { unsafe widening.block(to + row * length * bytes, input.start + row * input.step * width, count: length) }
          }
          unsafe widened[index] = unsafe Operand(start: UnsafeRawPointer(to), inner: input.inner, step: rows == 1 ? 0 : length)
        }
        unsafe fold(base, UnsafeBufferPointer(widened), divisor, block)
        unsafe narrowing.block(y, base, count: block.elements)
      }
    }
  }
}
