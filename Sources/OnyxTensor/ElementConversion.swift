/// The conversion of elements that ONNX Cast and CastLike do (version 28).
///
/// Where the standard leaves the result open: a float becomes an integer by truncation, held to the bounds of the type,
/// NaN becomes 0; for types of 2 and 4 bits the low bits of the truncated number are kept, as ONNX's test cases expect.
/// A text that is no number is an error. Bools become the texts "1" and "0".
package struct ElementConversion: Sendable {
  /// The attribute `round_mode` of ONNX Cast.
  package enum RoundMode: String, CaseIterable, Sendable { case up, down, nearest }

  /// Whether numbers past the range of an 8-bit float become its largest number rather than infinity or NaN.
  package let saturates: Bool
  /// For float8e8m0 only.
  package let roundMode: RoundMode

  /// The defaults are those of ONNX Cast.
  package init(saturates: Bool = true, roundMode: RoundMode = .up) {
    self.saturates = saturates
    self.roundMode = roundMode
  }

  /// The elements of `x` as `type`, under the same shape; `x` itself when it has that type.
  ///
  /// Throws `invalidModel` for complex types and for a text that is no number. Complexity: O(elements).
  package func convert(_ x: Tensor, to type: ElementType) throws(OnyxError) -> Tensor {
    if x.elementType == type { return x }
    guard x.elementType.domain != .complex, type.domain != .complex else {
      throw .invalid("A tensor of \(x.elementType) cannot be cast to \(type): complex numbers cannot be cast.")
    }
    switch (x.elementType.domain, type.domain) {
    case (.string, .floating): return try floats(type, x.shape, ElementReader(Tensor(parse(x, as: type), shape: x.shape)))
    case (.string, _): return try Tensor(integral: integers(parsing: x, as: type), as: type, shape: x.shape)
    case (_, .string): return try Tensor(texts(x), shape: x.shape)
    case (.floating, .floating): return try floats(type, x.shape, ElementReader(x))
    case (.floating, .bool): return try x.mapFloats(toIntegers: type) { $0 == 0 ? 0 : 1 }
    case (.floating, _): return try x.mapFloats(toIntegers: type, Self.truncation(type))
    case (_, .floating): return try widened(x, for: type)
    default: return try x.mapIntegers(as: type) { $0 }
    }
  }

  private static func integer(_ value: Double, _ type: ElementType) -> Int64 {
    type == .bool ? (value == 0 ? 0 : 1) : truncation(type)(value)
  }

  /// What conversion to an integer type makes of a float.
  private static func truncation(_ type: ElementType) -> (Double) -> Int64 {
    type.bitsInFiles < 8 ? { ElementType.int64.truncating($0) } : { type.truncating($0) }
  }

  /// Integers as floats; those that only fit after rounding to float32 are rounded once, from all their bits.
  private func widened(_ x: Tensor, for type: ElementType) throws(OnyxError) -> Tensor {
    guard type == .float32 || type == .bfloat16 else { return try floats(type, x.shape, ElementReader(x)) }
    let isUnsigned = x.elementType == .uint64
    return try x.mapIntegers(toFloats: type) { Double(isUnsigned ? Float(UInt64(bitPattern: $0)) : Float($0)) }
  }

  private func floats(_ type: ElementType, _ shape: Shape, _ reader: ElementReader) throws(OnyxError) -> Tensor {
    var reader = reader
    guard type == .float8e8m0 else {
      return try Tensor(floating: type, shape: shape, saturates: saturates) { (piece: inout [Double]) throws(OnyxError) in
        try reader.read(into: &piece)
      }
    }
    var (numbers, done): ([Double], Int) = ([], 0)
    return try Tensor(shape: shape, of: Float8E8M0.self) { (elements) throws(OnyxError) in
      while done < shape.elementCount {
        numbers.fit(min(Tensor.pieceLength, shape.elementCount - done))
        try reader.read(into: &numbers)
        for number in numbers {
          elements[done] = powerOfTwo(number)
          done += 1
        }
      }
    }
  }

  /// Without saturation, numbers below the smallest power of two are out of range too: NaN.
  private func powerOfTwo(_ value: Double) -> Float8E8M0 {
    if !saturates && value.magnitude < 0x1p-127 { return Float8E8M0(bits: 255) }
    let rounding: Float8E8M0.Rounding =
      switch roundMode {
      case .up: .up
      case .down: .down
      case .nearest: .nearest
      }
    return Float8E8M0(value, round: rounding, saturate: saturates)
  }
}

// Texts.
extension ElementConversion {
  /// Numbers as the shortest decimal text that reads back as the same element.
  private func texts(_ x: Tensor) throws(OnyxError) -> [String] {
    switch x.elementType.domain {
    case .floating:
      let isWide = x.elementType == .float64
      let isHalf = x.elementType == .float16
      return try x.doubles().map { value in
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "INF" : "-INF" }
        return isWide ? "\(value)" : (isHalf ? "\(Float16(value))" : "\(Float(value))")
      }
    default:
      let isUnsigned = x.elementType == .uint64
      return try x.integers().map { isUnsigned ? "\(UInt64(bitPattern: $0))" : "\($0)" }
    }
  }

  /// Decimal texts, rounded once where the type is float32.
  private func parse(_ x: Tensor, as type: ElementType) throws(OnyxError) -> [Double] {
    var values: [Double] = []
    for text in try x.strings() {
      if type == .float32, let value = Float(Self.trimmed(text)) {
        values.append(Double(value))
      } else {
        values.append(try Self.number(text))
      }
    }
    return values
  }

  private func integers(parsing x: Tensor, as type: ElementType) throws(OnyxError) -> [Int64] {
    var values: [Int64] = []
    for text in try x.strings() {
      let digits = Self.trimmed(text)
      if type == .bool, let truth = ["true": true, "false": false][digits.lowercased()] {
        values.append(truth ? 1 : 0)
      } else if let value = Int64(digits) {
        values.append(value)
      } else if let value = UInt64(digits) {
        values.append(Int64(bitPattern: value))
      } else {
        values.append(Self.integer(try Self.number(text), type))
      }
    }
    return values
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank: (Character) -> Bool = { $0.isWhitespace }
    return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  /// The number that a text says: decimal, "INF", "+INF", "-INF" or "NaN" in any case.
  private static func number(_ text: String) throws(OnyxError) -> Double {
    guard let value = Double(trimmed(text)) else {
      throw .invalid(
        "The text '\(text.prefix(40))' is no number.", remedy: "Only texts such as 3.14, 1e-5, INF and NaN can be cast to numbers.")
    }
    return value
  }
}
