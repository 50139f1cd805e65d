import OnyxTensor

/// A type that the scalar references of products compute in: `Double` for floats, `Int64` (two's complement, wrapping)
/// for integers.
protocol WideNumber: Sendable {
  static var zero: Self { get }
  static var one: Self { get }
  /// Adds a · b.
  mutating func add(_ a: Self, times b: Self)
  static func elements(of tensor: Tensor) throws(OnyxError) -> [Self]
  static func tensor(_ values: [Self], as type: ElementType, shape: Shape) throws(OnyxError) -> Tensor
}

extension Double: WideNumber {
  static var one: Double { 1 }
  mutating func add(_ a: Double, times b: Double) { self += a * b }
  static func elements(of tensor: Tensor) throws(OnyxError) -> [Double] { try tensor.doubles() }
  static func tensor(_ values: [Double], as type: ElementType, shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(floating: values, as: type, shape: shape)
  }
}

extension Int64: WideNumber {
  static var one: Int64 { 1 }
  mutating func add(_ a: Int64, times b: Int64) { self = self &+ a &* b }
  static func elements(of tensor: Tensor) throws(OnyxError) -> [Int64] { try tensor.integers() }
  static func tensor(_ values: [Int64], as type: ElementType, shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(integral: values, as: type, shape: shape)
  }
}

extension Int64 {
  /// The value; of the bits of an unsigned number when `isUnsigned`.
  func double(isUnsigned: Bool) -> Double { isUnsigned ? Double(UInt64(bitPattern: self)) : Double(self) }
}

extension Double {
  /// The integer towards zero, clamped to 64 bits; NaN gives 0. Unsigned numbers are returned as their bits.
  func truncated(isUnsigned: Bool) -> Int64 {
    let whole = rounded(.towardZero)
    if isUnsigned { return Int64(bitPattern: UInt64(exactly: whole) ?? (whole > 0 ? .max : 0)) }
    return Int64(exactly: whole) ?? (whole > 0 ? .max : whole < 0 ? .min : 0)
  }
}
