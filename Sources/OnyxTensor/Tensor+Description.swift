extension Tensor: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// "float32[1,8,4]".
  public var typeDescription: String { "\(elementType)\(shape)" }

  /// The type and at most eight elements in row-major order: "float32[3] [1.0, 2.5, nan]", of more the first five and the last three:
  /// "int64[2,5] [0, 1, 2, 3, 4, …, 7, 8, 9]". Texts stand in quotes, with what cannot be seen escaped and what is past 24 characters
  /// cut off. Complexity: O(rank).
  public var description: String {
    let shown = 8
    let (head, tail) = elementCount <= shown ? (elementCount, 0) : (5, 3)
    var texts = (0..<head).map(text(at:))
    if tail > 0 { texts += ["…"] + (elementCount - tail..<elementCount).map(text(at:)) }
    return typeDescription + " [" + texts.joined(separator: ", ") + "]"
  }

  /// `description` in the form "Tensor(…)".
  public var debugDescription: String { "Tensor(\(description))" }

  /// Element type and shape only: `dump` shows no memory.
  public var customMirror: Mirror { Mirror(self, children: ["elementType": elementType, "shape": shape], displayStyle: .struct) }

  /// One element as text. `position` counts in row-major order and must be that of an element.
  private func text(at position: Int) -> String {
    if case .strings(let strings) = storage { return Self.quoted(strings[position]) }
    if elementType == .float64 { return Self.text(unalignedElement(at: position, as: Double.self)) }
    if elementType == .float16 { return Self.text(unalignedElement(at: position, as: Float16.self)) }
    if let type = elementType.floatingElement { return Self.text(Float(unalignedElement(at: position, as: type).wide)) }
    if let type = elementType.integralElement {
      let value = unalignedElement(at: position, as: type).wide
      switch elementType {
      case .bool: return value == 0 ? "false" : "true"
      case .uint64: return "\(UInt64(bitPattern: value))"
      default: return "\(value)"
      }
    }
    if elementType == .complex64 {
      let value = unalignedElement(at: position, as: Complex64.self)
      return Self.text(value.real, value.imaginary)
    }
    let value = unalignedElement(at: position, as: Complex128.self)
    return Self.text(value.real, value.imaginary)
  }

  /// The shortest decimal that reads back as the same number; every NaN is "nan".
  private static func text<F: BinaryFloatingPoint & CustomStringConvertible>(_ value: F) -> String { value.isNaN ? "nan" : "\(value)" }

  private static func text<F: BinaryFloatingPoint & CustomStringConvertible>(_ real: F, _ imaginary: F) -> String {
    let isNegative = imaginary.sign == .minus && !imaginary.isNaN
    return text(real) + (isNegative ? "-" : "+") + text(imaginary.magnitude) + "i"
  }

  private static func quoted(_ string: String) -> String {
    let longest = 24
    let head = string.prefix(longest)
    return String(head).debugDescription + (head.endIndex < string.endIndex ? "…" : "")
  }
}
