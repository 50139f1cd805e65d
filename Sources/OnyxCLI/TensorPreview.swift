import Onyx
import OnyxTensor

/// Name, type, range and first elements of a tensor, for people.
struct TensorPreview {
  let text: String

  private static let shownElements = 8

  init(name: String, _ tensor: Tensor) throws(OnyxError) {
    var parts: [String] = []
    switch tensor.elementType.domain {
    case .floating:
      let values = try tensor.doubles()
      parts = values.prefix(Self.shownElements).map(Self.short)
      text = Self.line(name, tensor, parts) + (values.isEmpty ? "" : "  " + Self.statistics(values) + "\n")
    case .signed, .unsigned, .bool:
      parts = try tensor.integers().prefix(Self.shownElements).map(String.init)
      text = Self.line(name, tensor, parts)
    case .complex:
      parts = try tensor.complexes().prefix(Self.shownElements).map { "\(Self.short($0.real))+\(Self.short($0.imaginary))i" }
      text = Self.line(name, tensor, parts)
    case .string:
      parts = try tensor.strings().prefix(Self.shownElements).map { "\"\($0)\"" }
      text = Self.line(name, tensor, parts)
    }
  }

  private static func line(_ name: String, _ tensor: Tensor, _ parts: [String]) -> String {
    let more = tensor.elementCount > parts.count ? ", …" : ""
    return "\(name): \(tensor.typeDescription)\n  \(tensor.elementCount == 0 ? "(empty)" : parts.joined(separator: ", "))\(more)\n"
  }

  private static func statistics(_ values: [Double]) -> String {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return "no finite elements" }
    let mean = finite.reduce(0, +) / Double(finite.count)
    let odd = values.count - finite.count
    return "min \(short(low)), max \(short(high)), mean \(short(mean))" + (odd > 0 ? ", \(odd) not finite" : "")
  }

  /// Six significant digits at most.
  private static func short(_ value: Double) -> String {
    // The sign of a NaN that an operator makes is the machine's affair.
    if value.isNaN { return "nan" }
    guard value.isFinite, value != 0, value.magnitude < 1e15, value.magnitude >= 1e-4 else { return "\(Float(value))" }
    let digits = 5 - Int(value.exponent > 0 ? Double(value.exponent) * 0.30103 : 0)
    var scale = 1.0
    for _ in 0..<max(digits, 0) { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
  }
}
