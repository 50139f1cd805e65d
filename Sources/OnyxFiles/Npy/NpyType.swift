import OnyxTensor

/// How an array of numpy stores its elements: the `descr` of an .npy header.
struct NpyType: Hashable {
  enum Kind: Hashable {
    case numbers(ElementType)
    /// UCS-4 code points, padded with zeros ("U").
    case unicode
    /// Bytes, padded with zeros ("S"): UTF-8 here.
    case bytes
  }

  let kind: Kind
  /// Bytes of one element.
  let width: Int
  let isBigEndian: Bool

  /// Reads a descriptor such as "<f4". Throws `unsupported` for what no tensor can hold.
  init(descriptor text: String) throws(OnyxError) {
    if let named = Self.named[text] {
      self.init(kind: .numbers(named), width: named.byteWidth, isBigEndian: false)
      return
    }
    let hasOrder = text.first.map { "<>|=".contains($0) } ?? false
    let code = hasOrder ? String(text.dropFirst()) : text
    let isBigEndian = text.first == ">"
    if let type = Self.numbers[code] {
      self.init(kind: .numbers(type), width: type.byteWidth, isBigEndian: isBigEndian)
      return
    }
    if let letter = code.first, let length = Int(code.dropFirst()), length >= 0, length < 1 << 28 {
      switch letter {
      case "U":
        self.init(kind: .unicode, width: 4 * length, isBigEndian: isBigEndian)
        return
      case "S", "a":
        self.init(kind: .bytes, width: length, isBigEndian: false)
        return
      case "V":
        throw .unsupported(
          "The array has the type '\(text)', bytes without a meaning: numpy writes bfloat16 and the floats of 8 bits and less that way.",
          remedy: "Save it as float32, or as a TensorProto with onnx.numpy_helper.from_array.")
      default: break
      }
    }
    throw .unsupported(
      "The array has the numpy type '\(text)', which ONNX has not.",
      remedy: "Save it as one of bool, int, uint, float16, float32, float64, complex or str.")
  }

  private init(kind: Kind, width: Int, isBigEndian: Bool) {
    self.kind = kind
    self.width = width
    self.isBigEndian = isBigEndian
  }

  /// The descriptor that a tensor of numbers is written with.
  static func descriptor(of type: ElementType) -> String? {
    if let code = numbers.first(where: { $0.value == type })?.key { return (type.byteWidth == 1 ? "|" : "<") + code }
    return named.first { $0.value == type }?.key
  }

  private static let numbers: [String: ElementType] = [
    "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64,
    "f2": .float16,
    "f4": .float32, "f8": .float64, "c8": .complex64, "c16": .complex128,
  ]

  /// Names that numpy understands once Python's ml_dtypes is imported.
  private static let named: [String: ElementType] = [
    "bfloat16": .bfloat16, "float8_e4m3fn": .float8e4m3fn, "float8_e4m3fnuz": .float8e4m3fnuz, "float8_e5m2": .float8e5m2,
    "float8_e5m2fnuz": .float8e5m2fnuz, "float8_e8m0fnu": .float8e8m0, "float4_e2m1fn": .float4e2m1,
    "float6_e2m3fn": .float6e2m3, "float6_e3m2fn": .float6e3m2, "int4": .int4, "uint4": .uint4, "int2": .int2, "uint2": .uint2,
  ]
}
