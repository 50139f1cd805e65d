/// A function of one element. Types stand for functions here so that every loop is compiled for its function.
protocol UnaryElementFunction: SendableMetatype {
  associatedtype Operand: BitwiseCopyable
  associatedtype Result: BitwiseCopyable
  static func apply(_ x: Operand) -> Result
}

/// A function of two elements of one type.
protocol BinaryElementFunction: SendableMetatype {
  associatedtype Operand: BitwiseCopyable
  associatedtype Result: BitwiseCopyable
  static func apply(_ a: Operand, _ b: Operand) -> Result
}

/// An integer element of a generic kernel.
typealias IntegerElement = FixedWidthInteger & BitwiseCopyable

// Integers wrap.

enum WrappingSum<T: IntegerElement>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a &+ b }
}

enum WrappingDifference<T: IntegerElement>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a &- b }
}

enum WrappingProduct<T: IntegerElement>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a &* b }
}

/// Towards zero; a division by zero gives 0, and the least number divided by -1 wraps to itself.
enum IntegerQuotient<T: IntegerElement>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
}

enum FloatingSum<T: BinaryFloatingPoint & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a + b }
}

enum FloatingDifference<T: BinaryFloatingPoint & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a - b }
}

enum FloatingProduct<T: BinaryFloatingPoint & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a * b }
}

enum FloatingQuotient<T: BinaryFloatingPoint & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> T { a / b }
}

// Bools are bytes of 0 and 1. A comparison with NaN is false.

enum IsEqual<T: Equatable & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> UInt8 { a == b ? 1 : 0 }
}

enum IsLess<T: Comparable & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> UInt8 { a < b ? 1 : 0 }
}

enum IsLessOrEqual<T: Comparable & BitwiseCopyable>: BinaryElementFunction {
  static func apply(_ a: T, _ b: T) -> UInt8 { a <= b ? 1 : 0 }
}

enum LogicalAnd: BinaryElementFunction {
  static func apply(_ a: UInt8, _ b: UInt8) -> UInt8 { a & b }
}

enum LogicalOr: BinaryElementFunction {
  static func apply(_ a: UInt8, _ b: UInt8) -> UInt8 { a | b }
}

enum LogicalXor: BinaryElementFunction {
  static func apply(_ a: UInt8, _ b: UInt8) -> UInt8 { a ^ b }
}

enum LogicalNot: UnaryElementFunction {
  static func apply(_ x: UInt8) -> UInt8 { x ^ 1 }
}
