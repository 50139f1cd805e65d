import Onyx
import OnyxTensor

/// Name, type, range and first elements of a tensor, for people.
struct TensorPreview {
  let text: String

  private static let shownElements = 8

  init(name: String, _ tensor: Tensor) throws(OnyxError) {
    let shown = min(Self.shownElements, tensor.elementCount)
    switch tensor.elementType.domain {
    case .floating:
      var first = [Double](repeating: 0, count: shown)
      var reader = ElementReader(tensor)
      try reader.read(into: &first)
      text = Self.line(name, tensor, first.map(Self.short)) + (first.isEmpty ? "" : "  " + (try Self.statistics(tensor)) + "\n")
    case .signed, .unsigned, .bool:
      var first = [Int64](repeating: 0, count: shown)
      var reader = ElementReader(tensor)
      try reader.read(into: &first)
      text = Self.line(name, tensor, first.map(String.init))
    case .complex:
      let first = try tensor.prefix(shown).complexes()
      text = Self.line(name, tensor, first.map { "\(Self.short($0.real))+\(Self.short($0.imaginary))i" })
    case .string:
      text = Self.line(name, tensor, try tensor.prefix(shown).strings().map { "\"\($0)\"" })
    }
  }

  private static func line(_ name: String, _ tensor: Tensor, _ parts: [String]) -> String {
    let more = tensor.elementCount > parts.count ? ", …" : ""
    return "\(name): \(tensor.typeDescription)\n  \(tensor.elementCount == 0 ? "(empty)" : parts.joined(separator: ", "))\(more)\n"
  }

  /// Of all elements, read a piece at a time: a preview takes no memory for them.
  private static func statistics(_ tensor: Tensor) throws(OnyxError) -> String {
    var reader = ElementReader(tensor)
    var piece = [Double](repeating: 0, count: min(Tensor.pieceLength, tensor.elementCount))
    var (low, high, sum, finite) = (Double.infinity, -Double.infinity, 0.0, 0)
    for start in stride(from: 0, to: tensor.elementCount, by: Tensor.pieceLength) {
      piece.removeLast(max(0, piece.count - (tensor.elementCount - start)))
      try reader.read(into: &piece)
      for value in piece where value.isFinite {
        low = min(low, value)
        high = max(high, value)
        sum += value
        finite += 1
      }
    }
    guard finite > 0 else { return "no finite elements" }
    let odd = tensor.elementCount - finite
    return "min \(short(low)), max \(short(high)), mean \(short(sum / Double(finite)))" + (odd > 0 ? ", \(odd) not finite" : "")
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
