import OnyxTensor

/// An element with an integer in its order, as `keys` of `onyx_rank.h` makes it: equal elements have equal keys, −0 that of 0, and NaN
/// the largest.
protocol RankedElement: BitwiseCopyable, Sendable {
  associatedtype Key: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable
}

extension Float: RankedElement {
  typealias Key = Int32
  /// The element's key.
  var key: Int32 {
    let bits = Int32(bitPattern: (self + 0).bitPattern)
    return self != self ? .max : bits ^ ((bits >> 31) & .max)
  }
}

extension Double: RankedElement {
  typealias Key = Int64
  /// The element's key.
  var key: Int64 {
    let bits = Int64(bitPattern: (self + 0).bitPattern)
    return self != self ? .max : bits ^ ((bits >> 63) & .max)
  }
}

extension Float16: RankedElement { typealias Key = Int32 }
extension BFloat16: RankedElement { typealias Key = Int32 }
extension Int8: RankedElement { typealias Key = Int32 }
extension Int16: RankedElement { typealias Key = Int32 }
extension Int32: RankedElement { typealias Key = Int32 }
extension Int64: RankedElement { typealias Key = Int64 }
extension UInt8: RankedElement { typealias Key = Int32 }
extension UInt16: RankedElement { typealias Key = Int32 }
extension UInt32: RankedElement { typealias Key = Int32 }
extension UInt64: RankedElement { typealias Key = Int64 }

/// The lines of a tensor along one axis: element r of column c of block b lies at (b · extent + r) · inner + c.
struct AxisGeometry: Sendable {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ shape: Shape, axis: Int) {
    outer = shape[..<axis].reduce(1, *)
    extent = shape[axis]
    inner = shape[(axis + 1)...].reduce(1, *)
  }

  /// Neighbouring columns that are worked on together, and the number of such strips in all blocks.
  func strips(of width: Int) -> (width: Int, count: Int) {
    let width = min(width, max(inner, 1))
    return (width, outer * ((inner + width - 1) / width))
  }

  /// The block and the columns of a strip.
  func strip(_ index: Int, width: Int) -> (block: Int, columns: Range<Int>) {
    let (block, part) = index.quotientAndRemainder(dividingBy: (inner + width - 1) / width)
    return (block, part * width..<min((part + 1) * width, inner))
  }
}
