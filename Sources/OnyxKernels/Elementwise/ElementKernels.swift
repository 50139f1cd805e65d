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
    if inner == (1, 1), RepeatedRow.pays(rows: rows, count: count) {
      if steps == (count, 0) {
        return unsafe RepeatedRow.forEach(b, count: count, rows: rows, width: width) { first, row, n in
          unsafe forms.both!(y + first * resultWidth, a + first * width, row, Int64(n), 1, 0, 0)
        }
      }
      if steps == (0, count) {
        return unsafe RepeatedRow.forEach(a, count: count, rows: rows, width: width) { first, row, n in
          unsafe forms.both!(y + first * resultWidth, row, b + first * width, Int64(n), 1, 0, 0)
        }
      }
    }
    let form = unsafe inner.0 == 0 ? forms.left : inner.1 == 0 ? forms.right : forms.both
    unsafe form!(y, a, b, Int64(count), Int64(rows), Int64(steps.0), Int64(steps.1))
  }
}

/// A short row that meets each of many rows: repeated in memory, it meets as many of them at once, and vectors have no tails.
///
/// SAFETY: `row` holds `count` elements of `width` bytes.
@safe enum RepeatedRow {
  private static let elements = 1024

  /// Whether the rows are short, and so many that writing some of them is little beside.
  static func pays(rows: Int, count: Int) -> Bool { count > 0 && count < 256 && rows * count >= 2 * elements }

  /// Calls `body(first, row, n)` for pieces of `rows` · `count` elements: the first one, the repeated row, and the elements of the piece.
  static func forEach(
    _ row: UnsafeRawPointer, count: Int, rows: Int, width: Int, _ body: (_ first: Int, _ row: UnsafeRawPointer, _ n: Int) -> Void
  ) {
    let height = min(rows, elements / count)
    unsafe withUnsafeTemporaryAllocation(byteCount: height * count * width, alignment: 16) { memory in
      let base = memory.baseAddress!
      for index in 0..<height { unsafe (base + index * count * width).copyMemory(from: row, byteCount: count * width) }
      for start in stride(from: 0, to: rows, by: height) {
        unsafe body(start * count, UnsafeRawPointer(base), min(height, rows - start) * count)
      }
    }
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
