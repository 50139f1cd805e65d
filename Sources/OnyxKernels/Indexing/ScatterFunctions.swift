import OnyxTensor

/// A number in which scattered updates are combined. Integers wrap; a NaN among floats wins.
///
/// Sums and products of float32 and float64 are rounded at each update, in the order of the updates, as in ONNX Runtime; the reference
/// combines in `Double` and rounds once. After n updates of an element they differ by at most n · 2⁻²⁴ of the sum of the magnitudes, or of
/// the product, as far as nothing overflows on the way.
protocol ScatterNumber: BitwiseCopyable, SendableMetatype {
  func adding(_ other: Self) -> Self
  func multiplied(by other: Self) -> Self
  func larger(_ other: Self) -> Self
  func smaller(_ other: Self) -> Self
}

extension ScatterNumber where Self: BinaryFloatingPoint {
  func adding(_ other: Self) -> Self { self + other }
  func multiplied(by other: Self) -> Self { self * other }
  // The inner choice is an instruction, the outer one is nearly always the same: nothing depends on which number is the larger.
  func larger(_ other: Self) -> Self {
    let kept = self >= other ? self : other
    return isNaN ? self : kept
  }
  func smaller(_ other: Self) -> Self {
    let kept = self <= other ? self : other
    return isNaN ? self : kept
  }
}

extension ScatterNumber where Self: FixedWidthInteger {
  func adding(_ other: Self) -> Self { self &+ other }
  func multiplied(by other: Self) -> Self { self &* other }
  func larger(_ other: Self) -> Self { other > self ? other : self }
  func smaller(_ other: Self) -> Self { other < self ? other : self }
}

extension Float: ScatterNumber {}
extension Double: ScatterNumber {}
extension Int8: ScatterNumber {}
extension Int16: ScatterNumber {}
extension Int32: ScatterNumber {}
extension Int64: ScatterNumber {}
extension UInt8: ScatterNumber {}
extension UInt16: ScatterNumber {}
extension UInt32: ScatterNumber {}
extension UInt64: ScatterNumber {}

/// A function of the element that is there and of the update.
protocol ScatterFunction: SendableMetatype {
  associatedtype Number: ScatterNumber
  static func apply(_ old: Number, _ new: Number) -> Number
}

enum ScatterAdd<Number: ScatterNumber>: ScatterFunction {
  static func apply(_ old: Number, _ new: Number) -> Number { old.adding(new) }
}

enum ScatterMultiply<Number: ScatterNumber>: ScatterFunction {
  static func apply(_ old: Number, _ new: Number) -> Number { old.multiplied(by: new) }
}

enum ScatterMaximum<Number: ScatterNumber>: ScatterFunction {
  static func apply(_ old: Number, _ new: Number) -> Number { old.larger(new) }
}

enum ScatterMinimum<Number: ScatterNumber>: ScatterFunction {
  static func apply(_ old: Number, _ new: Number) -> Number { old.smaller(new) }
}
