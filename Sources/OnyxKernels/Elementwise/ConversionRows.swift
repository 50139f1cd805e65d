import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Selection between two operands, by the width of their elements, and conversions.
///
/// SAFETY: see `KernelCall`.
enum ConversionRows {
  static let all = [choice, cast, lookup, narrowFloats, narrowIntegers]

  private static let choice = KernelRow("where_width", ["Where"], .output(0, ServedElements.any.types)) { (query) throws(OnyxError) in
    guard query.inputs.count == 3, let inputs = query.allInputs, let y = query.outputs[0] else {
      return .declined(ElementRows.inputsMissing)
    }
    guard !y.shape.contains(0) else { return .run { _ in } }
    let loops = BroadcastLoops(shape: Array(y.shape), operands: inputs.map { $0.shape.broadcastStrides(to: y.shape) })
    let (width, isa) = (y.elementType.byteWidth, query.isa)
    return .run(inPlaceInputs: ElementRows.inPlaceInputs(query)) { call in select(call, loops, width: width, isa) }
  }

  private static func select(_ call: borrowing KernelCall, _ loops: BroadcastLoops, width: Int, _ isa: ISA) {
    let function = unsafe isa.elements.select[width.trailingZeroBitCount]!
    let (target, condition) = unsafe (call.outputBytes(), call.input(0, as: UInt8.self))
    let (a, b) = unsafe (call.bytes(1), call.bytes(2))
    let (steps, inner) = ((0..<3).map { Int64(loops.steps[$0]) }, (0..<3).map { Int64(loops.inner[$0]) })
    let repeated = loops.repeatedOperand(of: 3) ?? 0
    loops.forEachBlock(pool: call.pool, grain: 32768 / width) { first, offsets, rows, count in
      let (to, test) = unsafe (target + first * width, condition + offsets[0])
      let (left, right) = unsafe (a + offsets[1] * width, b + offsets[2] * width)
      guard repeated > 0, RepeatedRow.pays(rows: rows, count: count) else {
        return unsafe function(to, test, left, right, Int64(count), Int64(rows), steps, inner)
      }
      unsafe RepeatedRow.forEach(repeated == 1 ? left : right, count: count, rows: rows, width: width) { at, row, n in
        unsafe function(
          to + at * width, test + at, repeated == 1 ? row : left + at * width, repeated == 2 ? row : right + at * width, Int64(n), 1, steps,
          inner)
      }
    }
  }

  private static let cast = KernelRow("cast_elements", ["Cast", "CastLike"], .input(0, Set.numbers.union([.bool]))) {
    (query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0] else { return .declined(ElementRows.inputsMissing) }
    guard let kernel = ElementCast(from: x.elementType, to: y.elementType, isa: query.isa) else {
      return .declined("the output is \(y.elementType)")
    }
    let count = x.shape.elementCount
    return .run(inPlaceInputs: kernel.width == kernel.resultWidth ? [0] : []) { call in
      unsafe kernel.run(call.output(0, as: UInt8.self), call.input(0, as: UInt8.self), count: count, pool: call.pool)
    }
  }

  /// Types of at most 8 bits: each of the 256 codes is converted once.
  private static let narrow: Set<ElementType> = [
    .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1, .float6e2m3, .float6e3m2, .int4, .uint4, .int2,
    .uint2, .int8, .uint8, .bool,
  ]

  private static let lookup = KernelRow("cast_lookup", ["Cast", "CastLike"], .input(0, narrow)) { (op: Cast, query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0] else { return .declined(ElementRows.inputsMissing) }
    let width = y.elementType.byteWidth
    guard [1, 2, 4, 8].contains(width), y.elementType.domain != .complex else { return .declined("the output is \(y.elementType)") }
    // No bool has another byte than 0 and 1.
    let bytes = try Tensor((0...255).map { UInt8(x.elementType == .bool ? $0 & 1 : $0) }, shape: [256])
    let codes = Tensor(elementType: x.elementType, shape: [256], storage: bytes.storage)
    let table = try op.conversion.convert(codes, to: y.elementType)
    let (count, isa) = (x.shape.elementCount, query.isa)
    return .run(inPlaceInputs: width == 1 ? [0] : []) { (call) throws(OnyxError) in
      let function = unsafe isa.casts.lookup[width.trailingZeroBitCount]!
      let (target, source) = unsafe (call.output(0, as: UInt8.self), call.input(0, as: UInt8.self))
      unsafe table.withBytes { bytes in
        call.pool.parallelFor(count: count, grain: 16384) { range in
          unsafe function(target + range.lowerBound * width, source + range.lowerBound, Int64(range.count), bytes.baseAddress!)
        }
      }
    }
  }

  private static let chunk = 1024

  /// Floats of few bits from what is exact in float32.
  private static let narrowFloats = KernelRow(
    "cast_narrow_float", ["Cast", "CastLike"], .input(0, [.float32, .float16, .bfloat16, .int16, .uint16])
  ) { (op: Cast, query) throws(OnyxError) in
    guard let x = query.input(0), let target = query.outputs[0]?.elementType.floatingElement as? any NarrowFloat.Type else {
      return .declined("the output is no float of few bits")
    }
    let format = format(target, saturates: op.conversion.saturates)
    let widening = ElementCast(from: x.elementType, to: .float32, isa: query.isa)
    let (count, width, isa) = (x.shape.elementCount, x.elementType.byteWidth, query.isa)
    return .run { call in
      let (y, x) = unsafe (call.output(0, as: UInt8.self), UnsafeRawPointer(call.input(0, as: UInt8.self)))
      var format = format
      unsafe withUnsafePointer(to: &format) { format in
        unsafe forEachChunk(count, call.pool) { first, n, scratch in
          unsafe widening?.block(scratch, x + first * width, count: n)
          let floats = unsafe widening == nil ? x + first * width : UnsafeRawPointer(scratch)
          unsafe isa.casts.narrow!(y + first, floats.assumingMemoryBound(to: Float.self), Int64(n), format)
        }
      }
    }
  }

  private static func format<T: NarrowFloat>(_ type: T.Type, saturates: Bool) -> onyx_narrow_format {
    let format = T.format
    func code(_ value: Double) -> UInt8 { format.encode(value, saturate: saturates) }
    let largest = format.encode(.infinity, saturate: true)
    return onyx_narrow_format(
      mantissa_bits: Int32(format.mantissaBits), bias: Int32(format.bias), largest: largest, sign: code(1) ^ code(-1),
      negative_zero: code(-0.0), past: (code(.infinity), code(-.infinity)), nan: (code(.nan), code(-.nan)))
  }

  /// Integers of 2 and 4 bits: the low bits of a whole number.
  private static let narrowIntegers = KernelRow("cast_narrow_integer", ["Cast", "CastLike"], .input(0, .numbers)) {
    (query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0]?.elementType, [.int4, .uint4, .int2, .uint2].contains(y) else {
      return .declined("the output is no integer of few bits")
    }
    let whole = ElementCast(from: x.elementType, to: .int64, isa: query.isa)
    guard let bytes = ElementCast(from: .int64, to: .uint8, isa: query.isa) else { return .declined("there is no kernel") }
    let table = try Tensor(integral: (0..<256).map { Int64($0) }, as: y, shape: [256])
    let (count, width, isa) = (x.shape.elementCount, x.elementType.byteWidth, query.isa)
    return .run { (call) throws(OnyxError) in
      let (y, x) = unsafe (call.output(0, as: UInt8.self), UnsafeRawPointer(call.input(0, as: UInt8.self)))
      unsafe table.withBytes { codes in
        unsafe forEachChunk(count, call.pool) { first, n, scratch in
          unsafe whole?.block(scratch, x + first * width, count: n)
          unsafe bytes.block(y + first, whole == nil ? x + first * width : UnsafeRawPointer(scratch), count: n)
          unsafe isa.casts.lookup[0]!(y + first, y + first, Int64(n), codes.baseAddress!)
        }
      }
    }
  }

  /// Calls `body(first, n, scratch)` for pieces of `count` elements, with memory for as many of 8 bytes.
  private static func forEachChunk(_ count: Int, _ pool: ThreadPool, _ body: (Int, Int, UnsafeMutableRawPointer) -> Void) {
    pool.parallelFor(count: count, grain: 4096) { range in
      unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: chunk) { scratch in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
          unsafe body(first, min(chunk, range.upperBound - first), UnsafeMutableRawPointer(scratch.baseAddress!))
        }
      }
    }
  }
}
