import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads
import Synchronization

/// Bytes to float32 and back, and functions of bytes.
///
/// SAFETY: see `KernelCall`.
enum QuantizationRows {
  static let all = [
    KernelRow("dequantize_int8", ["DequantizeLinear"], .bytes, dequantize),
    KernelRow("quantize_int8", ["QuantizeLinear"], .input(0, [.float32]), quantize),
    KernelRow("dynamic_quantize_int8", ["DynamicQuantizeLinear"], .input(0, [.float32]), quantizeDynamically),
    KernelRow("quantized_binary_int8", ["QuantizedBinary"], domain: "onyx", .bytes, binary),
    KernelRow("quantized_mean_int8", ["QuantizedMean"], domain: "onyx", .bytes, mean),
    KernelRow("byte_table", ["ByteTable"], domain: "onyx", .bytes) { (query) throws(OnyxError) in
      guard let count = query.input(0)?.shape.elementCount else { return .declined("the input is missing") }
      let isa = query.isa
      return .run(inPlaceInputs: [0]) { call in
        let (x, table, y) = unsafe (call.input(0, as: UInt8.self), call.input(1, as: UInt8.self), call.output(0, as: UInt8.self))
        call.pool.parallelFor(count: count, grain: 65536) { range in
          unsafe isa.quantize.look_up!(y + range.lowerBound, x + range.lowerBound, Int64(range.count), table)
        }
      }
    },
  ]

  private static let needsNumbers = "scales or zero points are no float32 and byte constants, or go by blocks"

  private static func dequantize(_ op: DequantizeLinear, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard query.outputs[0]?.elementType == .float32 else { return .declined("the output is not float32") }
    guard let runs = try QuantizedRuns(query, op.granularity) else { return .declined(needsNumbers) }
    let isa = query.isa
    return .run { call in
      let (x, y) = unsafe (call.input(0, as: UInt8.self), call.output(0, as: Float.self))
      runs.forEach(pool: call.pool) { start, count, q in
        var q = q
        unsafe isa.quantize.dequantize!(y + start, x + start, Int64(count), &q)
      }
    }
  }

  private static func quantize(_ op: QuantizeLinear, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard op.precision == nil || op.precision == .float32 else { return .declined("it computes in another precision") }
    guard let runs = try QuantizedRuns(query, op.granularity) else { return .declined(needsNumbers) }
    let isa = query.isa
    return .run { call in
      let (x, y) = unsafe (call.input(0, as: Float.self), call.output(0, as: UInt8.self))
      runs.forEach(pool: call.pool) { start, count, q in
        var q = q
        unsafe isa.quantize.quantize!(y + start, x + start, Int64(count), &q)
      }
    }
  }

  private static func quantizeDynamically(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard query.outputs.count == 3, query.outputs.allSatisfy({ $0 != nil }), let count = query.input(0)?.shape.elementCount else {
      return .declined("an output is not asked for")
    }
    let isa = query.isa
    return .run { call in
      let (x, y) = unsafe (call.input(0, as: Float.self), call.output(0, as: UInt8.self))
      let q = unsafe dynamicQuantization(x, count, isa, call.pool)
      unsafe call.output(1, as: Float.self).pointee = q.scale
      unsafe call.output(2, as: UInt8.self).pointee = UInt8(truncatingIfNeeded: q.zero_point)
      call.pool.parallelFor(count: count, grain: 16384) { range in
        var q = q
        unsafe isa.quantize.quantize!(y + range.lowerBound, x + range.lowerBound, Int64(range.count), &q)
      }
    }
  }

  private static func binary(_ op: QuantizedBinary, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let a = query.input(0)?.shape, let b = query.input(3)?.shape, let y = query.outputs[0]?.shape,
      let qa = try query.quantization(1, 2), let qb = try query.quantization(4, 5), let qy = try query.quantization(6, 7)
    else { return .declined(needsNumbers) }
    let loops = BroadcastLoops(shape: Array(y), operands: [a.broadcastStrides(to: y), b.broadcastStrides(to: y)])
    // Sums and products can change sides, so that the broadcast operand is the second one.
    let swapped = loops.inner[0] == 0
    guard [0, 1].contains(loops.inner[0]), [0, 1].contains(loops.inner[1]), loops.inner[0] + loops.inner[1] > 0 else {
      return .declined("no operand is contiguous along the last axis")
    }
    let (isa, operation) = (query.isa, Int32(op.operation == .add ? ONYX_QUANTIZED_ADD : ONYX_QUANTIZED_MULTIPLY))
    if loops.extents.last == Int(ONYX_BLOCK), let lanes = loops.repeatedOperand(of: 2) {
      let (full, repeated) = lanes == 1 ? (0, 3) : (3, 0)
      return .run(inPlaceInputs: query.input(full)?.shape == y ? [full] : []) { call in
        let (left, right, target) = unsafe (
          call.input(full, as: UInt8.self), call.input(repeated, as: UInt8.self), call.output(0, as: UInt8.self)
        )
        loops.forEachRunOfRows(pool: call.pool, grain: 16384) { start, offsets, rows in
          var (own, other, qy) = lanes == 1 ? (qa, qb, qy) : (qb, qa, qy)
          unsafe isa.quantize.binary!(
            target + start, left + offsets[1 - lanes], right + offsets[lanes], Int64(rows) * Int64(ONYX_BLOCK), Int32(ONYX_BLOCK),
            operation, &own, &other, &qy)
        }
      }
    }
    let scalar: Int32 = loops.inner[0] + loops.inner[1] == 1 ? 1 : 0
    return .run(inPlaceInputs: [0, 3].filter { query.input($0)?.shape == y }) { call in
      let (left, right, target) = unsafe (call.input(0, as: UInt8.self), call.input(3, as: UInt8.self), call.output(0, as: UInt8.self))
      loops.forEachRow(pool: call.pool, grain: 16384) { start, offsets, count in
        var (qa, qb, qy) = (qa, qb, qy)
        if swapped {
          unsafe isa.quantize.binary!(
            target + start, right + offsets[1], left + offsets[0], Int64(count), scalar, operation, &qb, &qa, &qy)
        } else {
          unsafe isa.quantize.binary!(
            target + start, left + offsets[0], right + offsets[1], Int64(count), scalar, operation, &qa, &qb, &qy)
        }
      }
    }
  }

  private static func mean(_ op: QuantizedMean, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, let qx = try query.quantization(1, 2),
      let qy = try query.quantization(3, 4)
    else { return .declined(needsNumbers) }
    let (lanes, isa) = (op.isBlocked ? x[x.rank - 1] : 1, query.isa)
    guard lanes == 1 || lanes == Int(ONYX_BLOCK) else { return .declined("it is not channel-blocked") }
    let planes = y.elementCount / lanes
    let count = x.elementCount / y.elementCount
    guard count < 1 << 23 else { return .declined("a sum could leave int32") }
    let factor = qx.scale / Float(count)
    let zeroes = Int32(count) * qx.zero_point
    return .run { call in
      let (source, target) = unsafe (call.input(0, as: UInt8.self), call.output(0, as: UInt8.self))
      call.pool.parallelFor(count: planes, grain: max(1, 65536 / (count * lanes))) { range in
        unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: 16) { sums in
          unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { means in
            let (sums, means) = (sums.baseAddress!, means.baseAddress!)
            for plane in range {
              let from = unsafe source + plane * count * lanes
              if lanes == 1 {
                unsafe sums.pointee = isa.quantize.sum!(from, Int64(count), qx.is_signed)
              } else {
                unsafe isa.blocked_int8.sum!(sums, from, Int64(count), qx.is_signed)
              }
              for lane in 0..<lanes { unsafe means[lane] = Float(sums[lane] - zeroes) * factor }
              var qy = qy
              unsafe isa.quantize.quantize!(target + plane * lanes, means, Int64(lanes), &qy)
            }
          }
        }
      }
    }
  }

  /// Scale and zero point as DynamicQuantizeLinear defines them, each step in float32.
  private static func dynamicQuantization(_ x: UnsafePointer<Float>, _ count: Int, _ isa: ISA, _ pool: ThreadPool) -> onyx_quantization {
    // Bounds do not depend on the order in which they are found.
    let piece = 32768
    let pieces = (count + piece - 1) / piece
    let bounds = Mutex<(least: Float, greatest: Float)>((0, 0))
    pool.parallelFor(count: pieces) { range in
      let first = range.lowerBound * piece
      var (low, high): (Float, Float) = (0, 0)
      unsafe isa.quantize.range!(x + first, Int64(min(count, range.upperBound * piece) - first), &low, &high)
      bounds.withLock { $0 = (min($0.least, low), max($0.greatest, high)) }
    }
    let (least, greatest) = bounds.withLock { $0 }
    return onyx_quantization(least: least, greatest: greatest)
  }
}

extension KernelQuery {
  /// A constant scale and zero point of one element each.
  func quantization(_ scale: Int, _ zeroPoint: Int) throws(OnyxError) -> onyx_quantization? {
    guard let number = constant(scale), number.elementCount == 1, number.elementType == .float32, let point = constant(zeroPoint),
      let value = try point.integers().first
    else { return nil }
    return onyx_quantization(
      scale: try number.elements(as: Float.self)[0], zero_point: Int32(value), is_signed: point.elementType == .int8 ? 1 : 0)
  }
}

/// Runs of elements that share a scale and a zero point: the whole tensor, or the slices of an axis.
private struct QuantizedRuns: Sendable {
  let quantizations: [onyx_quantization]
  let count: Int
  let runLength: Int

  /// nil for blocks, for float16 and for runtime parameters.
  init?(_ query: KernelQuery, _ granularity: Granularity) throws(OnyxError) {
    let bytes: Set<ElementType> = [.int8, .uint8]
    guard granularity.blockSize == 0, let x = query.input(0), let y = query.outputs[0], let scale = query.constant(1),
      scale.elementType == .float32,
      let type = [x.elementType, y.elementType].first(where: bytes.contains), query.isFixed(2)
    else { return nil }
    let scales = try scale.elements(as: Float.self)
    let points = try query.constant(2)?.integers() ?? Array(repeating: 0, count: scales.count)
    guard points.count == scales.count, !scales.isEmpty else { return nil }
    quantizations = zip(scales, points).map { onyx_quantization(scale: $0, zero_point: Int32($1), is_signed: type == .int8 ? 1 : 0) }
    count = x.shape.elementCount
    if scales.count == 1 {
      runLength = count
    } else {
      let axis = x.shape.rank == 1 ? 0 : try Shape.normalize(axis: granularity.axis, rank: x.shape.rank)
      runLength = x.shape[(axis + 1)...].reduce(1, *)
    }
  }

  func forEach(pool: ThreadPool, _ body: (_ start: Int, _ count: Int, _ q: onyx_quantization) -> Void) {
    guard count > 0 else { return }
    if quantizations.count == 1 {
      pool.parallelFor(count: count, grain: 16384) { range in body(range.lowerBound, range.count, quantizations[0]) }
      return
    }
    pool.parallelFor(count: count / runLength, grain: max(1, 16384 / runLength)) { range in
      for run in range { body(run * runLength, runLength, quantizations[run % quantizations.count]) }
    }
  }
}
