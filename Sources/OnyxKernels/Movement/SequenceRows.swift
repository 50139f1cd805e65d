import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads
import Synchronization

/// Range, and maxima put back by MaxUnpool.
///
/// SAFETY: see `KernelCall`; indices are checked before anything is written there.
enum SequenceRows {
  static let all = [
    KernelRow("range_numbers", ["Range"], .output(0, [.float32, .float64, .float16, .bfloat16, .int16, .int32, .int64])) {
      (query) throws(OnyxError) in
      switch query.outputs[0]?.elementType {
      case .float32: reals(query, Float.self)
      case .float64: reals(query, Double.self)
      case .float16: reals(query, Float16.self)
      case .bfloat16: reals(query, BFloat16.self)
      case .int16: integers(query, Int16.self)
      case .int32: integers(query, Int32.self)
      default: integers(query, Int64.self)
      }
    },
    KernelRow("max_unpool_planes", ["MaxUnpool"], .input(0, [.float32, .float64, .float16, .bfloat16])) {
      (op: MaxUnpool, query) throws(OnyxError) in
      switch query.input(0)?.elementType.byteWidth {
      case 2: try unpool(op, query, UInt16.self)
      case 4: try unpool(op, query, UInt32.self)
      default: try unpool(op, query, UInt64.self)
      }
    },
  ]

  private static let grain = 16384

  /// start + i · delta in float64, rounded once.
  private static func reals<T: RealElement>(_ query: KernelQuery, _ type: T.Type) -> Preparation {
    guard let count = query.outputs[0]?.shape.elementCount else { return .declined("the output is missing") }
    return .run { call in
      let y = unsafe call.output(0, as: T.self)
      let (start, delta) = unsafe (call.input(0, as: T.self).pointee.number, call.input(2, as: T.self).pointee.number)
      call.pool.parallelFor(count: count, grain: grain) { range in
        for index in range { unsafe y[index] = T(nearest: start + Double(index) * delta) }
      }
    }
  }

  private static func integers<T: FixedWidthInteger & SIMDScalar & BitwiseCopyable & SendableMetatype>(
    _ query: KernelQuery, _ type: T.Type
  ) -> Preparation {
    guard let count = query.outputs[0]?.shape.elementCount else { return .declined("the output is missing") }
    return .run { call in
      let y = unsafe call.output(0, as: T.self)
      let (start, delta) = unsafe (call.input(0, as: T.self).pointee, call.input(2, as: T.self).pointee)
      call.pool.parallelFor(count: count, grain: grain) { range in
        var index = range.lowerBound
        var next = SIMD8<T>()
        for lane in 0..<8 { next[lane] = start &+ T(truncatingIfNeeded: index + lane) &* delta }
        let step = SIMD8<T>(repeating: 8 &* delta)
        while index + 8 <= range.upperBound {
          unsafe UnsafeMutableRawPointer(y + index).storeBytes(of: next, as: SIMD8<T>.self)
          next &+= step
          index += 8
        }
        for rest in index..<range.upperBound { unsafe y[rest] = start &+ T(truncatingIfNeeded: rest) &* delta }
      }
    }
  }

  /// Every plane gets its maxima on its own, as MaxPool found them; indices of another plane are followed one after the other.
  private static func unpool<T: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ op: MaxUnpool, _ query: KernelQuery, _ word: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.rank == x.rank,
      query.input(1)?.shape == x
    else { return .declined("there are no maxima") }
    guard try op.impliedShape(of: x) == y else { return .declined("the output has another shape than the attributes imply") }
    let planes = x[0] * x[1]
    let (maxima, plane) = (x.elementCount / planes, y.elementCount / planes)
    return .run { (call) throws(OnyxError) in
      let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
      let indices = unsafe call.input(1, as: Int64.self)
      let hasStrangers = Atomic(false)
      call.pool.parallelFor(count: planes, grain: max(1, grain / max(1, plane))) { range in
        for index in range {
          let target = unsafe y + index * plane
          unsafe target.update(repeating: 0, count: plane)
          for place in index * maxima..<(index + 1) * maxima {
            let own = unsafe indices[place] &- Int64(index * plane)
            guard own >= 0 && own < plane else {
              hasStrangers.store(true, ordering: .relaxed)
              break
            }
            unsafe target[Int(own)] = x[place]
          }
        }
      }
      guard hasStrangers.load(ordering: .relaxed) else { return }
      unsafe y.update(repeating: 0, count: planes * plane)
      for place in 0..<planes * maxima {
        let index = unsafe indices[place]
        guard index >= 0 && index < planes * plane else {
          throw .invalid("The index \(index) is outside the unpooled tensor of \(planes * plane) elements.")
        }
        unsafe y[Int(index)] = x[place]
      }
    }
  }
}
