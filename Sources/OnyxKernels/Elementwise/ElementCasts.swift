/// An element that a conversion reads. A bool is read as the byte 0 or 1.
protocol CastSource: BitwiseCopyable {
  var double: Double { get }
  /// Rounded once, from all bits.
  var float: Float { get }
  /// The integer part held to the bounds of the type, NaN as 0, of a float; the low bits of an integer.
  func integer<T: IntegerElement>() -> T
  var isZero: Bool { get }
}

/// An element that a conversion writes.
protocol CastTarget: BitwiseCopyable {
  init(converting source: some CastSource)
}

/// A bool in memory.
struct Truth: CastTarget {
  let byte: UInt8
  init(converting source: some CastSource) { byte = source.isZero ? 0 : 1 }
}

/// ONNX Cast between two types.
enum Conversion<Source: CastSource, Target: CastTarget>: UnaryElementFunction {
  static func apply(_ x: Source) -> Target { Target(converting: x) }
}

extension CastSource where Self: BinaryFloatingPoint {
  var double: Double { Double(self) }
  var float: Float { Float(self) }

  /// For integers of at most 64 bits that fit an `Int64`.
  func integer<T: IntegerElement>() -> T {
    let value = double
    let (low, high) = (Double(T.min), Double(T.max))
    if T.bitWidth <= 32 {
      // The bounds are exact, so that selections do what follows; NaN becomes `high` on the way.
      let held = value < high ? (value > low ? value : low) : high
      let whole = T(truncatingIfNeeded: Int64(held))
      return value.isNaN ? 0 : whole
    }
    if value.isNaN { return 0 }
    if value <= low { return .min }
    return value >= high ? .max : T(truncatingIfNeeded: Int64(value))
  }
}

extension CastSource where Self: IntegerElement {
  var double: Double { Double(self) }
  var float: Float { Float(self) }
  func integer<T: IntegerElement>() -> T { T(truncatingIfNeeded: self) }
  var isZero: Bool { self == 0 }
}

extension CastTarget where Self: IntegerElement {
  init(converting source: some CastSource) { self = source.integer() }
}

extension Float: CastSource, CastTarget {
  var float: Float { self }
  init(converting source: some CastSource) { self = source.float }
}

extension Double: CastSource, CastTarget {
  var double: Double { self }
  init(converting source: some CastSource) { self = source.double }
}

extension Float16: CastSource, CastTarget {
  init(converting source: some CastSource) { self = Float16(source.double) }
}

extension Int64: CastSource, CastTarget {}
extension Int32: CastSource, CastTarget {}
extension UInt8: CastSource, CastTarget {}
