import CKernels
import OnyxGraph
import OnyxTensor
import OnyxThreads

/// Conversions between float32 and the 16-bit floats: the borders of regions that are computed in float32.
///
/// SAFETY: see `KernelCall`.
enum HalfCastRows {
  /// Elements that are worth a thread.
  private static let grain = 32768

  static let cast = KernelRow("cast_half", ["Cast", "CastLike"], .input(0, [.float32, .float16, .bfloat16])) {
    (query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0] else { return .declined("the input or the output is missing") }
    let (count, isa) = (x.shape.elementCount, query.isa)
    switch (x.elementType, y.elementType) {
    case (.float32, .float16), (.float32, .bfloat16):
      let narrow = unsafe y.elementType == .float16 ? isa.half.narrow.0! : isa.half.narrow.1!
      return .run { call in
        call.pool.parallelFor(count: count, grain: grain) { range in
          let (target, source) = unsafe (call.output(0, as: UInt16.self), call.input(0, as: Float.self))
          unsafe narrow(target + range.lowerBound, source + range.lowerBound, Int64(range.count))
        }
      }
    case (.float16, .float32), (.bfloat16, .float32):
      let widen = unsafe x.elementType == .float16 ? isa.half.widen.0! : isa.half.widen.1!
      return .run { call in
        call.pool.parallelFor(count: count, grain: grain) { range in
          let (target, source) = unsafe (call.output(0, as: Float.self), call.input(0, as: UInt16.self))
          unsafe widen(target + range.lowerBound, source + range.lowerBound, Int64(range.count))
        }
      }
    case (let from, let to): return .declined("it is no conversion between float32 and 16 bits, but from \(from) to \(to)")
    }
  }
}
