/// ONNX INT4: -8 … 7, one byte in memory.
public struct Int4: IntegralElement {
  /// The number.
  public let value: Int8
  /// Keeps the low 4 bits.
  public init(_ value: Int8) { self.value = (value << 4) >> 4 }
  /// Stores `int4`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int4) }
  package var wide: Int64 { Int64(value) }
  package init(wrapping value: Int64) { self.init(Int8(truncatingIfNeeded: value)) }
}

/// ONNX UINT4: 0 … 15, one byte in memory.
public struct UInt4: IntegralElement {
  /// The number.
  public let value: UInt8
  /// Keeps the low 4 bits.
  public init(_ value: UInt8) { self.value = value & 0xF }
  /// Stores `uint4`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint4) }
  package var wide: Int64 { Int64(value) }
  package init(wrapping value: Int64) { self.init(UInt8(truncatingIfNeeded: value)) }
}

/// ONNX INT2: -2 … 1, one byte in memory.
public struct Int2: IntegralElement {
  /// The number.
  public let value: Int8
  /// Keeps the low 2 bits.
  public init(_ value: Int8) { self.value = (value << 6) >> 6 }
  /// Stores `int2`.
  public static var storage: ElementStorage<Self> { ElementStorage(.int2) }
  package var wide: Int64 { Int64(value) }
  package init(wrapping value: Int64) { self.init(Int8(truncatingIfNeeded: value)) }
}

/// ONNX UINT2: 0 … 3, one byte in memory.
public struct UInt2: IntegralElement {
  /// The number.
  public let value: UInt8
  /// Keeps the low 2 bits.
  public init(_ value: UInt8) { self.value = value & 3 }
  /// Stores `uint2`.
  public static var storage: ElementStorage<Self> { ElementStorage(.uint2) }
  package var wide: Int64 { Int64(value) }
  package init(wrapping value: Int64) { self.init(UInt8(truncatingIfNeeded: value)) }
}
