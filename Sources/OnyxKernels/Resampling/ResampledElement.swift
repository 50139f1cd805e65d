/// An element that is resampled in `Float`.
///
/// SAFETY: both functions read and write `count` elements.
protocol ResampledElement: BitwiseCopyable, SendableMetatype {
  static func widen(_ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Float>, count: Int)
  /// Integers are rounded to nearest even and kept in their range.
  static func narrow(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Self>, count: Int)
}

extension Float: ResampledElement {
  static func widen(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe target.update(from: source, count: count)
  }

  static func narrow(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe target.update(from: source, count: count)
  }
}

extension FixedWidthInteger where Self: BitwiseCopyable {
  @inline(__always) fileprivate static func widenEach(
    _ source: UnsafePointer<Self>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { unsafe target[index] = Float(Int32(truncatingIfNeeded: source[index])) }
  }

  @inline(__always) fileprivate static func narrowEach(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Self>, count: Int
  ) {
    // Added to 1.5 · 2^23, a small number becomes whole, in the low bits of the sum.
    let (low, high, magic) = (Float(Self.min), Float(Self.max), Float(0x1.8p23))
    for index in 0..<count {
      let value = unsafe source[index]
      let limited = value < low ? low : (value > high ? high : value)
      unsafe target[index] = Self(truncatingIfNeeded: (limited + magic).bitPattern &- magic.bitPattern)
    }
  }
}

extension UInt8: ResampledElement {
  static func widen(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe widenEach(source, into: target, count: count)
  }

  static func narrow(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<UInt8>, count: Int) {
    unsafe narrowEach(source, into: target, count: count)
  }
}

extension Int8: ResampledElement {
  static func widen(_ source: UnsafePointer<Int8>, into target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe widenEach(source, into: target, count: count)
  }

  static func narrow(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Int8>, count: Int) {
    unsafe narrowEach(source, into: target, count: count)
  }
}
