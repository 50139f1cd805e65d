/// A Swift type that stores one element of a tensor exactly as ONNX defines it.
///
/// The protocol is sealed: its one requirement has a type that only Onyx can make, because typed views trust a conforming type to have
/// the width and the bit patterns of its element type. `Float`, `Double`, `Float16`, `BFloat16`, the integers of fixed width, `Bool`,
/// the complex types and the narrow types of this module conform; strings are read by `Tensor.strings()`.
public protocol TensorElement: BitwiseCopyable, Sendable, Hashable {
  /// The proof that Onyx knows how this type lies in memory. No type outside Onyx can make one.
  static var storage: ElementStorage<Self> { get }
}

/// How elements of one Swift type lie in the memory of a tensor. Only Onyx makes values of this type.
public struct ElementStorage<Element: BitwiseCopyable>: Sendable {
  /// The ONNX type that `Element` stores.
  public let elementType: ElementType

  /// `Element` must take `byteWidth` bytes per element of `elementType`, without padding.
  package init(_ elementType: ElementType) {
    precondition(MemoryLayout<Element>.size == elementType.byteWidth && MemoryLayout<Element>.stride == elementType.byteWidth)
    self.elementType = elementType
  }
}

extension TensorElement {
  /// The ONNX type that this Swift type stores.
  public static var elementType: ElementType { storage.elementType }
}

extension TensorElement {
  /// The elements of the runs, one after the other, as numbers. Inlined, so that each type and kind of number has a loop of its own.
  @inline(__always) fileprivate static func gather<Wide>(
    _ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Wide], _ number: (Self) -> Wide
  ) {
    var places = values.mutableSpan
    var start = 0
    for run in runs {
      for index in 0..<run.count { places[start + index] = number(elements[run.position + index * run.stride]) }
      start += run.count
    }
  }
}

/// An element of the floating domain: reads exactly into `Double`, is written with one rounding to nearest even.
package protocol FloatingElement: TensorElement {
  /// The number, exactly.
  var wide: Double { get }
  /// The nearest element, ties to even. Past the range an infinity in types of 16 bits or more, the largest element in narrower ones.
  init(rounding value: Double)
  /// Many at once. Requirements, so that each type has a loop of its own, whoever calls it by an existential.
  static func widened(_ elements: Span<Self>) -> [Double]
  static func narrowed(_ values: [Double]) -> [Self]
  /// The elements of the runs, which have as many as `values` has places.
  static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Double])
  /// `saturates` as in `NarrowFloatFormat.encode`; types of 16 bits or more become infinite past their range.
  static func write(_ values: [Double], to elements: inout MutableSpan<Self>, at start: Int, saturates: Bool)
  /// Makes each value what an element holds.
  static func round(_ values: inout [Double])
}

extension FloatingElement {
  package static func widened(_ elements: Span<Self>) -> [Double] { elements.indices.map { elements[$0].wide } }
  package static func narrowed(_ values: [Double]) -> [Self] { values.map { Self(rounding: $0) } }
  package static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Double]) {
    gather(elements, runs, into: &values) { $0.wide }
  }
  package static func write(_ values: [Double], to elements: inout MutableSpan<Self>, at start: Int, saturates: Bool) {
    for index in values.indices { elements[start + index] = Self(rounding: values[index]) }
  }
  package static func round(_ values: inout [Double]) {
    for index in values.indices { values[index] = Self(rounding: values[index]).wide }
  }
}

/// An element of the signed, unsigned or bool domain, carried as the 64 bits of its two's complement.
package protocol IntegralElement: TensorElement {
  /// The number; one of 64 bits without a sign wraps.
  var wide: Int64 { get }
  /// The number; one of 64 bits is rounded.
  var real: Double { get }
  /// Keeps the low bits, as C conversions do.
  init(wrapping value: Int64)
  /// As in `FloatingElement`.
  static func widened(_ elements: Span<Self>) -> [Int64]
  static func narrowed(_ values: [Int64]) -> [Self]
  static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Int64])
  static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Double])
  static func write(_ values: [Int64], to elements: inout MutableSpan<Self>, at start: Int)
}

extension IntegralElement {
  package static func widened(_ elements: Span<Self>) -> [Int64] { elements.indices.map { elements[$0].wide } }
  package static func narrowed(_ values: [Int64]) -> [Self] { values.map { Self(wrapping: $0) } }
  package static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Int64]) {
    gather(elements, runs, into: &values) { $0.wide }
  }
  package static func read(_ elements: Span<Self>, _ runs: [ElementRun], into values: inout [Double]) {
    gather(elements, runs, into: &values) { $0.real }
  }
  package static func write(_ values: [Int64], to elements: inout MutableSpan<Self>, at start: Int) {
    for index in values.indices { elements[start + index] = Self(wrapping: values[index]) }
  }
  package var real: Double { Double(wide) }
}

extension Float: FloatingElement {
  /// Stores `float32`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float32) }
  package var wide: Double { Double(self) }
  package init(rounding value: Double) { self.init(value) }
}

extension Double: FloatingElement {
  /// Stores `float64`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float64) }
  package var wide: Double { self }
  package init(rounding value: Double) { self = value }
}

extension Float16: FloatingElement {
  /// Stores `float16`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float16) }
  package var wide: Double { Double(self) }
  package init(rounding value: Double) { self.init(value) }
}

extension IntegralElement where Self: FixedWidthInteger {
  package var wide: Int64 { Int64(truncatingIfNeeded: self) }
  package init(wrapping value: Int64) { self.init(truncatingIfNeeded: value) }
}

extension Int8: IntegralElement {
  /// Stores `int8`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int8) }
}

extension Int16: IntegralElement {
  /// Stores `int16`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int16) }
}

extension Int32: IntegralElement {
  /// Stores `int32`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int32) }
}

extension Int64: IntegralElement {
  /// Stores `int64`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int64) }
}

extension UInt8: IntegralElement {
  /// Stores `uint8`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint8) }
}

extension UInt16: IntegralElement {
  /// Stores `uint16`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint16) }
}

extension UInt32: IntegralElement {
  /// Stores `uint32`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint32) }
}

extension UInt64: IntegralElement {
  /// Stores `uint64`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint64) }
  package var real: Double { Double(self) }
}

extension Bool: IntegralElement {
  /// Stores `bool`.
  public static var storage: ElementStorage<Self> { ElementStorage(.bool) }
  package var wide: Int64 { self ? 1 : 0 }
  package init(wrapping value: Int64) { self = value != 0 }
}
