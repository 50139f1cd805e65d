/// A Swift type that stores one element of a tensor exactly as ONNX defines it.
public protocol TensorElement: BitwiseCopyable, Sendable, Hashable {
  static var elementType: ElementType { get }
}

/// An element of the floating domain: reads exactly into `Double`, is written with one rounding to nearest even.
package protocol FloatingElement: TensorElement {
  var wide: Double { get }
  init(rounding value: Double)
}

/// An element of the signed, unsigned or bool domain, carried as the 64 bits of its two's complement.
package protocol IntegralElement: TensorElement {
  var wide: Int64 { get }
  /// Keeps the low bits, as C conversions do.
  init(wrapping value: Int64)
}

extension Float: FloatingElement {
  public static var elementType: ElementType { .float32 }
  package var wide: Double { Double(self) }
  package init(rounding value: Double) { self.init(value) }
}

extension Double: FloatingElement {
  public static var elementType: ElementType { .float64 }
  package var wide: Double { self }
  package init(rounding value: Double) { self = value }
}

extension Float16: FloatingElement {
  public static var elementType: ElementType { .float16 }
  package var wide: Double { Double(self) }
  package init(rounding value: Double) { self.init(value) }
}

extension IntegralElement where Self: FixedWidthInteger {
  package var wide: Int64 { Int64(truncatingIfNeeded: self) }
  package init(wrapping value: Int64) { self.init(truncatingIfNeeded: value) }
}

extension Int8: IntegralElement { public static var elementType: ElementType { .int8 } }
extension Int16: IntegralElement { public static var elementType: ElementType { .int16 } }
extension Int32: IntegralElement { public static var elementType: ElementType { .int32 } }
extension Int64: IntegralElement { public static var elementType: ElementType { .int64 } }
extension UInt8: IntegralElement { public static var elementType: ElementType { .uint8 } }
extension UInt16: IntegralElement { public static var elementType: ElementType { .uint16 } }
extension UInt32: IntegralElement { public static var elementType: ElementType { .uint32 } }
extension UInt64: IntegralElement { public static var elementType: ElementType { .uint64 } }

extension Bool: IntegralElement {
  public static var elementType: ElementType { .bool }
  package var wide: Int64 { self ? 1 : 0 }
  package init(wrapping value: Int64) { self = value != 0 }
}
