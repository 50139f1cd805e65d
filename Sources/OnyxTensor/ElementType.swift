/// Every element type of ONNX, as itself. Raw values are the numbers of `TensorProto.DataType`.
public enum ElementType: Int32, Sendable, Hashable, CaseIterable {
  /// IEEE 754 binary32.
  case float32 = 1
  /// Unsigned integers of 8 bits.
  case uint8 = 2
  /// Signed integers of 8 bits.
  case int8 = 3
  /// Unsigned integers of 16 bits.
  case uint16 = 4
  /// Signed integers of 16 bits.
  case int16 = 5
  /// Signed integers of 32 bits.
  case int32 = 6
  /// Signed integers of 64 bits; shapes, axes and indices have this type.
  case int64 = 7
  /// Texts in UTF-8.
  case string = 8
  /// Truth values, one byte each: 0 or 1.
  case bool = 9
  /// IEEE 754 binary16.
  case float16 = 10
  /// IEEE 754 binary64.
  case float64 = 11
  /// Unsigned integers of 32 bits.
  case uint32 = 12
  /// Unsigned integers of 64 bits.
  case uint64 = 13
  /// Complex numbers of two float32.
  case complex64 = 14
  /// Complex numbers of two float64.
  case complex128 = 15
  /// The upper half of a float32: 8 exponent bits, 7 mantissa bits.
  case bfloat16 = 16
  /// 8 bits: 4 of exponent, 3 of mantissa, no infinity.
  case float8e4m3fn = 17
  /// As `float8e4m3fn` with bias 8, one zero and one NaN.
  case float8e4m3fnuz = 18
  /// 8 bits: 5 of exponent, 2 of mantissa.
  case float8e5m2 = 19
  /// As `float8e5m2` with bias 16, no infinity, one zero and one NaN.
  case float8e5m2fnuz = 20
  /// 0 … 15.
  case uint4 = 21
  /// -8 … 7.
  case int4 = 22
  /// 4 bits: 2 of exponent, 1 of mantissa; no infinity, no NaN.
  case float4e2m1 = 23
  /// Powers of two, 2^-127 … 2^127, and NaN: scales of blocks.
  case float8e8m0 = 24
  /// 0 … 3.
  case uint2 = 25
  /// -2 … 1.
  case int2 = 26
  /// 6 bits: 2 of exponent, 3 of mantissa; no infinity, no NaN.
  case float6e2m3 = 27
  /// 6 bits: 3 of exponent, 2 of mantissa; no infinity, no NaN.
  case float6e3m2 = 28
}

extension ElementType {
  /// Arithmetic families: elements of one domain are computed in one wide type.
  package enum Domain: Sendable { case floating, signed, unsigned, bool, complex, string }

  /// The arithmetic family that the type belongs to.
  package var domain: Domain {
    switch self {
    case .float32, .float64, .float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1,
      .float6e2m3, .float6e3m2:
      .floating
    case .int8, .int16, .int32, .int64, .int4, .int2: .signed
    case .uint8, .uint16, .uint32, .uint64, .uint4, .uint2: .unsigned
    case .bool: .bool
    case .complex64, .complex128: .complex
    case .string: .string
    }
  }

  /// Width of one element in memory, in bytes; 0 for `string`. Types of 2, 4 and 6 bits take one byte in memory
  /// and are packed only in files.
  public var byteWidth: Int {
    switch self {
    case .string: 0
    case .uint8, .int8, .bool, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .uint4, .int4, .float4e2m1,
      .uint2, .int2,
      .float6e2m3, .float6e3m2:
      1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Width of one element in a `raw_data` field, in bits; 0 for `string`.
  package var bitsInFiles: Int {
    switch self {
    case .uint4, .int4, .float4e2m1: 4
    case .uint2, .int2: 2
    case .float6e2m3, .float6e3m2: 6
    default: byteWidth * 8
    }
  }

  /// Whether the elements are real floating-point numbers of any width.
  package var isFloating: Bool { domain == .floating }
  /// Whether the elements are integers, signed or not; bools are none.
  package var isInteger: Bool { domain == .signed || domain == .unsigned }
}

extension ElementType: CustomStringConvertible {
  /// The name of the type as Onyx writes it everywhere: "float32".
  public var description: String {
    switch self {
    case .float32: "float32"
    case .uint8: "uint8"
    case .int8: "int8"
    case .uint16: "uint16"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .string: "string"
    case .bool: "bool"
    case .float16: "float16"
    case .float64: "float64"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .bfloat16: "bfloat16"
    case .float8e4m3fn: "float8e4m3fn"
    case .float8e4m3fnuz: "float8e4m3fnuz"
    case .float8e5m2: "float8e5m2"
    case .float8e5m2fnuz: "float8e5m2fnuz"
    case .uint4: "uint4"
    case .int4: "int4"
    case .float4e2m1: "float4e2m1"
    case .float8e8m0: "float8e8m0"
    case .uint2: "uint2"
    case .int2: "int2"
    case .float6e2m3: "float6e2m3"
    case .float6e3m2: "float6e3m2"
    }
  }
}

/// By its name: "float32".
extension ElementType: Codable {
  /// Reads a name. Throws `DecodingError` for one that no element type has.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let type = Self.allCases.first(where: { $0.description == name }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "There is no element type '\(name)'.")
    }
    self = type
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
