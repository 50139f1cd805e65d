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
    loops.forEachBlock(pool: pool, grain: 16384) { target, offsets, rows, count in
      for row in 0..<rows {
        for start in stride(from: 0, to: count, by: Self.chunk) {
          let n = min(Self.chunk, count - start)
          let places = offsets &+ loops.steps &* row &+ loops.inner &* start
          let to = unsafe y + (target + row * count + start) * width
          let inputs = unsafe operands.indices.map { unsafe operands[$0] + places[$0] * width }
          if let widening, let narrowing {
            unsafe wide(to, inputs, loops.inner, divisor, n, widening, narrowing)
          } else {
            unsafe fold(to, inputs, loops.inner, divisor, n)
          }
        }
      }
    }
  }

  private func fold(
    _ y: UnsafeMutableRawPointer, _ inputs: [UnsafeRawPointer], _ inner: SIMD4<Int>, _ divisor: UnsafeRawPointer?, _ n: Int
  ) {
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 1) { constant in
      let sum = UnsafeMutableRawPointer(constant.baseAddress!)
      var left = unsafe inputs[0]
      var stride = inner[0]
      for index in unsafe 1..<inputs.count {
        if stride == 0 && inner[index] == 0 && n > 1 {
          // Operands of one element each: so is what they make.
          unsafe function.block(sum, left, inputs[index], count: 1, inner: (1, 1))
          unsafe left = UnsafeRawPointer(sum)
        } else {
          unsafe function.block(y, left, inputs[index], count: n, inner: (stride, inner[index]))
          unsafe left = UnsafeRawPointer(y)
          stride = 1
        }
      }
    }
    if let divisor = unsafe divisor, let division { unsafe division.block(y, y, divisor, count: n, inner: (1, 0)) }
  }

  private func wide(
    _ y: UnsafeMutableRawPointer, _ inputs: [UnsafeRawPointer], _ inner: SIMD4<Int>, _ divisor: UnsafeRawPointer?, _ n: Int,
    _ widening: ElementCast, _ narrowing: ElementCast
  ) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: (inputs.count + 1) * Self.chunk) { scratch in
      let base = UnsafeMutableRawPointer(scratch.baseAddress!)
      let bytes = Self.chunk * MemoryLayout<Float>.stride
      var widened: [UnsafeRawPointer] = unsafe []
      for index in unsafe inputs.indices {
        let to = unsafe base + (index + 1) * bytes
        unsafe widening.block(to, inputs[index], count: inner[index] == 0 ? 1 : n)
        unsafe widened.append(to)
      }
      unsafe fold(base, widened, inner, divisor, n)
      unsafe narrowing.block(y, base, count: n)
    }
  }
}
