import CKernels
import OnyxTensor
import OnyxThreads

extension ElementType {
  /// The index of the type in the lists of `onyx_elements.h`; nil for types without arithmetic. Bools are bytes.
  var kernelIndex: Int? {
    switch self {
    case .int8: ONYX_TYPE_i8
    case .int16: ONYX_TYPE_i16
    case .int32: ONYX_TYPE_i32
    case .int64: ONYX_TYPE_i64
    case .uint8, .bool: ONYX_TYPE_u8
    case .uint16: ONYX_TYPE_u16
    case .uint32: ONYX_TYPE_u32
    case .uint64: ONYX_TYPE_u64
    case .float16: ONYX_TYPE_f16
    case .bfloat16: ONYX_TYPE_bf16
    case .float32: ONYX_TYPE_f32
    case .float64: ONYX_TYPE_f64
    default: nil
    }
  }
}

/// A function of two elements of one type, `ONYX_ELEMENT_ADD` for one, with broadcasting.
///
/// SAFETY: the functions are C constants. They read and write the elements that the loops reach, of the type that they were made for.
@safe struct ElementBinary: @unchecked Sendable {
  private let forms: onyx_element_forms
  /// Bytes of an element of the operands, and of the result.
  let width, resultWidth: Int
  private let grain: Int

  /// Nil when the type lacks the function.
  init?(_ function: Int, _ type: ElementType, isa: ISA) {
    guard let index = type.kernelIndex else { return nil }
    unsafe forms = isa.elements.binary[function * ONYX_TYPE_COUNT + index]
    guard unsafe forms.both != nil else { return nil }
    width = type.byteWidth
    let givesBools = [ONYX_ELEMENT_EQUAL, ONYX_ELEMENT_LESS, ONYX_ELEMENT_LESS_OR_EQUAL].contains(function)
    resultWidth = givesBools ? 1 : width
    let isSlow = [ONYX_ELEMENT_POWER, ONYX_ELEMENT_MODULO, ONYX_ELEMENT_REMAINDER].contains(function)
    grain = isSlow ? 2048 : function == ONYX_ELEMENT_DIVIDE ? 8192 : 65536 / max(width, 2)
  }

  /// `y = f(a, b)` in the shape of `loops`, whose operands are a and b. `y` may equal an operand of its shape and width.
  func run(
    _ y: UnsafeMutableRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ loops: BroadcastLoops, pool: ThreadPool
  ) {
    let (steps, inner) = (loops.steps, loops.inner)
    loops.forEachBlock(pool: pool, grain: grain) { target, offsets, rows, count in
      unsafe block(
        y + target * resultWidth, a + offsets[0] * width, b + offsets[1] * width, count: count, rows: rows,
        inner: (inner[0], inner[1]), steps: (steps[0], steps[1]))
    }
  }

  /// `rows` runs of `count` elements; strides inside a run are 1, or 0 for one operand.
  func block(
    _ y: UnsafeMutableRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, count: Int, rows: Int = 1, inner: (Int, Int),
    steps: (Int, Int) = (0, 0)
  ) {
    let form = unsafe inner.0 == 0 ? forms.left : inner.1 == 0 ? forms.right : forms.both
    unsafe form!(y, a, b, Int64(count), Int64(rows), Int64(steps.0), Int64(steps.1))
  }
}

/// A function of one element, with two parameters.
///
/// SAFETY: the function is a C constant; it reads and writes `count` elements of the types that it was made for.
@safe struct ElementUnary: @unchecked Sendable {
  private let function: onyx_element_unary
  private let p0, p1: Float
  /// Bytes of an element before and behind the function.
  let width, resultWidth: Int

  /// Nil when the type lacks the function.
  init?(_ function: Int, _ type: ElementType, p0: Float = 0, p1: Float = 0, isa: ISA) {
    guard let index = type.kernelIndex, let found = unsafe isa.elements.unary[function * ONYX_TYPE_COUNT + index] else { return nil }
    unsafe self.function = found
    (self.p0, self.p1) = (p0, p1)
    width = type.byteWidth
    resultWidth = [ONYX_ELEMENT_IS_NAN, ONYX_ELEMENT_IS_INFINITE].contains(function) ? 1 : width
  }

  /// `y[i] = f(x[i])`, i < count. `y` may equal `x` when both elements have one width.
  func run(_ y: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, count: Int, pool: ThreadPool) {
    pool.parallelFor(count: count, grain: 65536 / max(width, 2)) { range in
      unsafe function(y + range.lowerBound * resultWidth, x + range.lowerBound * width, Int64(range.count), p0, p1)
    }
  }
}

/// A conversion between two types with arithmetic, or from one to bool.
///
/// SAFETY: the function is a C constant; it reads and writes `count` elements of the types that it was made for.
@safe struct ElementCast: @unchecked Sendable {
  private let function: onyx_cast
  let width, resultWidth: Int

  /// Nil when there is no such conversion.
  init?(from source: ElementType, to target: ElementType, isa: ISA) {
    guard let from = source.kernelIndex, let to = target == .bool ? ONYX_TYPE_bool : target.kernelIndex else { return nil }
    guard let found = unsafe isa.casts.cast[from * ONYX_CAST_TARGET_COUNT + to] else { return nil }
    unsafe function = found
    (width, resultWidth) = (source.byteWidth, target.byteWidth)
  }

  func block(_ y: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, count: Int) { unsafe function(y, x, Int64(count)) }

  /// `y[i] = x[i]` converted, i < count. `y` may equal `x` when both elements have one width.
  func run(_ y: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, count: Int, pool: ThreadPool) {
    pool.parallelFor(count: count, grain: 16384) { range in
      unsafe block(y + range.lowerBound * resultWidth, x + range.lowerBound * width, count: range.count)
    }
  }
}
