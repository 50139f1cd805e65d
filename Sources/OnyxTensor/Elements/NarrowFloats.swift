/// The bit layout of a floating-point type of at most 8 bits and the meaning of its special codes.
///
/// Sources: ONNX "Float stored in 8 bits", "Float stored in 4 bits", TensorProto.DataType; OCP Microscaling Formats 1.0; arXiv 2209.05433,
/// 2206.02915.
package struct NarrowFloatFormat: Sendable {
  package enum NaNCodes: Sendable { case ieee, allOnes, negativeZero, none }

  package let exponentBits: Int
  package let mantissaBits: Int
  package let bias: Int
  package let nan: NaNCodes

  package static let e4m3fn = NarrowFloatFormat(exponentBits: 4, mantissaBits: 3, bias: 7, nan: .allOnes)
  package static let e4m3fnuz = NarrowFloatFormat(exponentBits: 4, mantissaBits: 3, bias: 8, nan: .negativeZero)
  package static let e5m2 = NarrowFloatFormat(exponentBits: 5, mantissaBits: 2, bias: 15, nan: .ieee)
  package static let e5m2fnuz = NarrowFloatFormat(exponentBits: 5, mantissaBits: 2, bias: 16, nan: .negativeZero)
  package static let e2m1 = NarrowFloatFormat(exponentBits: 2, mantissaBits: 1, bias: 1, nan: .none)
  package static let e2m3 = NarrowFloatFormat(exponentBits: 2, mantissaBits: 3, bias: 1, nan: .none)
  package static let e3m2 = NarrowFloatFormat(exponentBits: 3, mantissaBits: 2, bias: 3, nan: .none)

  private var signBit: UInt8 { 1 << UInt8(exponentBits + mantissaBits) }
  private var magnitudeMask: UInt8 { signBit &- 1 }

  /// The code of the largest finite magnitude.
  private var largestCode: UInt8 {
    switch nan {
    case .ieee: UInt8(((1 << exponentBits) - 1) << mantissaBits) - 1
    case .allOnes: magnitudeMask - 1
    case .negativeZero, .none: magnitudeMask
    }
  }

  /// NaN keeps its sign where the format has two; a format without NaN has zero instead.
  private func nanCode(isNegative: Bool) -> UInt8 {
    switch nan {
    case .ieee, .allOnes: isNegative ? signBit | magnitudeMask : magnitudeMask
    case .negativeZero: signBit
    case .none: 0
    }
  }

  package func decode(_ bits: UInt8) -> Double {
    let magnitude = bits & magnitudeMask
    let sign: Double = bits & signBit == 0 ? 1 : -1
    switch nan {
    case .ieee where magnitude > largestCode: return magnitude == largestCode + 1 ? sign * .infinity : .nan
    case .allOnes where magnitude == magnitudeMask: return .nan
    case .negativeZero where bits == signBit: return .nan
    default: break
    }
    let exponent = Int(magnitude >> UInt8(mantissaBits))
    let fraction = Double(magnitude & ((1 << UInt8(mantissaBits)) - 1)) / Double(1 << mantissaBits)
    let significand = exponent == 0 ? fraction : 1 + fraction
    return sign * significand * Self.powerOfTwo(max(exponent, 1) - bias)
  }

  /// Rounds to nearest even. A magnitude past the largest finite one becomes the largest when `saturate`, else the
  /// format's infinity, else its NaN; a format without NaN always saturates and maps NaN to zero.
  package func encode(_ value: Double, saturate: Bool) -> UInt8 {
    if value.isNaN { return nanCode(isNegative: value.sign == .minus) }
    let sign: UInt8 = value.sign == .minus ? signBit : 0
    let magnitude = value.magnitude
    let code = magnitude.isInfinite ? Int.max : roundedCode(magnitude)
    if code > Int(largestCode) {
      if saturate || nan == .none { return sign | largestCode }
      return nan == .ieee ? sign | (largestCode + 1) : nanCode(isNegative: sign != 0)
    }
    if nan == .negativeZero && code == 0 { return 0 }
    return sign | UInt8(code)
  }

  /// The code nearest to a finite magnitude; it can lie past the largest one.
  private func roundedCode(_ magnitude: Double) -> Int {
    if magnitude == 0 { return 0 }
    let exponent = max(Int(magnitude.exponent), 1 - bias)
    if exponent > (1 << exponentBits) { return Int.max }
    let units = (magnitude / Self.powerOfTwo(exponent - mantissaBits)).rounded(.toNearestOrEven)
    return ((exponent + bias - 1) << mantissaBits) + Int(units)
  }

  private static func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}

/// A floating-point element stored in one byte of memory, described by a format.
package protocol NarrowFloat: FloatingElement {
  static var format: NarrowFloatFormat { get }
  var bits: UInt8 { get }
  init(bits: UInt8)
}

extension NarrowFloat {
  package var wide: Double { Self.format.decode(bits) }
  package init(rounding value: Double) { self.init(value, saturate: true) }
  package static func write(_ values: [Double], to elements: inout MutableSpan<Self>, at start: Int, saturates: Bool) {
    for index in values.indices { elements[start + index] = Self(values[index], saturate: saturates) }
  }
  /// `saturate` as the ONNX operators Cast and QuantizeLinear define it.
  package init(_ value: Double, saturate: Bool) { self.init(bits: Self.format.encode(value, saturate: saturate)) }
}

/// ONNX FLOAT8E4M3FN: 4 exponent bits, 3 mantissa bits, no infinity.
public struct Float8E4M3FN: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code.
  public init(bits: UInt8) { self.bits = bits }
  /// Stores `float8e4m3fn`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float8e4m3fn) }
  package static var format: NarrowFloatFormat { .e4m3fn }
}

/// ONNX FLOAT8E4M3FNUZ: as E4M3FN with bias 8, no negative zero, NaN as 0x80.
public struct Float8E4M3FNUZ: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code.
  public init(bits: UInt8) { self.bits = bits }
  /// Stores `float8e4m3fnuz`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float8e4m3fnuz) }
  package static var format: NarrowFloatFormat { .e4m3fnuz }
}

/// ONNX FLOAT8E5M2: 5 exponent bits, 2 mantissa bits, with infinities.
public struct Float8E5M2: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code.
  public init(bits: UInt8) { self.bits = bits }
  /// Stores `float8e5m2`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float8e5m2) }
  package static var format: NarrowFloatFormat { .e5m2 }
}

/// ONNX FLOAT8E5M2FNUZ: as E5M2 with bias 16, no infinity, NaN as 0x80.
public struct Float8E5M2FNUZ: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code.
  public init(bits: UInt8) { self.bits = bits }
  /// Stores `float8e5m2fnuz`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float8e5m2fnuz) }
  package static var format: NarrowFloatFormat { .e5m2fnuz }
}

/// ONNX FLOAT4E2M1: 2 exponent bits, 1 mantissa bit, no infinity, no NaN. The low 4 bits of `bits`.
public struct Float4E2M1: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code, of which the low 4 bits count.
  public init(bits: UInt8) { self.bits = bits & 0xF }
  /// Stores `float4e2m1`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float4e2m1) }
  package static var format: NarrowFloatFormat { .e2m1 }
}

/// ONNX FLOAT6E2M3: 2 exponent bits, 3 mantissa bits, no infinity, no NaN. The low 6 bits of `bits`.
public struct Float6E2M3: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code, of which the low 6 bits count.
  public init(bits: UInt8) { self.bits = bits & 0x3F }
  /// Stores `float6e2m3`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float6e2m3) }
  package static var format: NarrowFloatFormat { .e2m3 }
}

/// ONNX FLOAT6E3M2: 3 exponent bits, 2 mantissa bits, no infinity, no NaN. The low 6 bits of `bits`.
public struct Float6E3M2: NarrowFloat {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code, of which the low 6 bits count.
  public init(bits: UInt8) { self.bits = bits & 0x3F }
  /// Stores `float6e3m2`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float6e3m2) }
  package static var format: NarrowFloatFormat { .e3m2 }
}

/// ONNX FLOAT8E8M0: a power of two, 2^(bits-127); 255 is NaN.
public struct Float8E8M0: FloatingElement {
  /// The code, as files have it.
  public let bits: UInt8
  /// The element with this code.
  public init(bits: UInt8) { self.bits = bits }
  /// Stores `float8e8m0`.
  public static var storage: ElementStorage<Self> { ElementStorage(.float8e8m0) }
  package var wide: Double { bits == 255 ? .nan : Double(sign: .plus, exponent: Int(bits) - 127, significand: 1) }
  package init(rounding value: Double) { self.init(value, round: .up, saturate: true) }

  /// How a value between two powers of two is rounded: ONNX Cast, attribute `round_mode`.
  package enum Rounding: Sendable { case up, down, nearest }

  /// What lies outside the powers of two becomes the nearest one when `saturate`, else NaN; the sign has no effect.
  package init(_ value: Double, round: Rounding, saturate: Bool) {
    let magnitude = value.magnitude
    guard magnitude.isFinite else {
      self.init(bits: value.isNaN || !saturate ? 255 : 254)
      return
    }
    if magnitude == 0 {
      self.init(bits: saturate ? 0 : 255)
      return
    }
    let significand = magnitude.significand
    let step =
      switch round {
      case .up: significand > 1 ? 1 : 0
      case .down: 0
      case .nearest: significand >= 1.5 ? 1 : 0
      }
    let code = Int(magnitude.exponent) + step + 127
    self.init(bits: (0...254).contains(code) || saturate ? UInt8(min(max(code, 0), 254)) : 255)
  }
}
