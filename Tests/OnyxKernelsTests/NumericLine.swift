import OnyxGraph
import OnyxTensor
import OnyxTestSupport

/// A line of docs/numerics.md: "`Clip(T[NaN, −∞], T(−1), T(2))`" gives "`T[NaN, −1]`" for some element types, which T stands for.
struct NumericLine: Sendable, CustomStringConvertible {
  /// A tensor as the document writes it.
  struct Text: Sendable {
    /// nil for T.
    let type: ElementType?
    let numbers: [Substring]
    let shape: [Int]

    /// The tensor, with so many copies of it one behind the other along the first axis.
    func tensor(_ type: ElementType, copies: Int = 1) throws -> Tensor {
      let type = self.type ?? type
      let shape = try Shape(
        copies == 1 || self.shape.isEmpty
          ? self.shape : [self.shape[0] * copies] + self.shape.dropFirst())
      let numbers = self.shape.isEmpty ? self.numbers : (0..<copies).flatMap { _ in self.numbers }
      switch type.domain {
      // Making numbers of 8 bits saturates infinities: those of a line stay float64.
      case .floating:
        return try Tensor(floating: numbers.map { try Self.real($0) }, as: type.byteWidth == 1 ? .float64 : type, shape: shape)
      case .bool: return try Tensor(numbers.map { $0 == "1" }, shape: shape)
      default:
        return try Tensor(
          integral: numbers.map { try Self.whole($0, type) }, as: type, shape: shape)
      }
    }

    private static func real(_ text: Substring) throws -> Double {
      switch text {
      case "NaN": return .nan
      case "∞": return .infinity
      case "−∞": return -.infinity
      default: return try NumericLine.found(Double(text.replacing("−", with: "-")), text)
      }
    }

    private static func whole(_ text: Substring, _ type: ElementType) throws -> Int64 {
      let (least, most) = type.integerBounds
      switch text {
      case "least": return least
      case "most": return most
      default:
        let text = text.replacing("−", with: "-")
        return try NumericLine.found(
          Int64(text) ?? UInt64(text).map { Int64(bitPattern: $0) }, text)
      }
    }
  }

  struct Malformed: Error { let text: String }

  let description: String
  let op: String
  /// nil for an input that is left out.
  let inputs: [Text?]
  let attributes: [String: Attribute]
  let results: [Text]
  let types: [ElementType]

  private static let floats: [ElementType] = [.float16, .bfloat16, .float32, .float64]
  private static let reals: Set<String> = ["alpha", "beta", "bias", "lambd", "epsilon", "softcap"]

  /// Throws where the line is none.
  init(_ line: Substring) throws {
    let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
      $0.trimming(" ")
    }
    guard cells.count >= 5 else { throw Malformed(text: String(line)) }
    description = String(cells[1])
    var node = Cursor(cells[1].trimming("`"))
    op = String(try node.until("("))
    var inputs: [Text?] = []
    repeat { inputs.append(try node.tensor()) } while node.skip(", ")
    self.inputs = inputs
    guard node.skip(")") else { throw Malformed(text: description) }
    var attributes: [String: Attribute] = [:]
    while node.skip(" ") {
      let name = String(try node.until("="))
      attributes[name] = try Self.attribute(name, node.value())
    }
    self.attributes = attributes
    var result = Cursor(cells[2].trimming("`"))
    var results: [Text] = []
    repeat {
      results.append(try Self.found(try result.tensor(), cells[2]))
    } while result.skip(" ; ")
    self.results = results
    types =
      cells[3] == "floats"
      ? Self.floats
      : try cells[3].split(separator: ", ").map { try Self.found(ElementType(name: $0), $0) }
  }

  private static func attribute(_ name: String, _ text: Substring) throws -> Attribute {
    if name == "to" { return .int(Int64(try found(ElementType(name: text), text).rawValue)) }
    if reals.contains(name) {
      return .float(text == "NaN" ? .nan : try found(Float(text.replacing("−", with: "-")), text))
    }
    if text.first == "[" {
      return .ints(
        try text.dropFirst().dropLast().split(separator: ", ").map { try found(Int64($0), $0) })
    }
    return Int64(text).map { .int($0) } ?? .text(String(text))
  }

  static func found<T>(_ value: T?, _ text: some StringProtocol) throws -> T {
    guard let value else { throw Malformed(text: String(text)) }
    return value
  }
}

/// Reads a cell from left to right.
private struct Cursor {
  private var rest: Substring

  init(_ text: Substring) { rest = text }

  mutating func skip(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  mutating func until(_ mark: Character) throws -> Substring {
    let end = try NumericLine.found(rest.firstIndex(of: mark), rest)
    defer { rest = rest[rest.index(after: end)...] }
    return rest[..<end]
  }

  /// A list in brackets, or what stands before the next space.
  mutating func value() throws -> Substring {
    let list = rest.first == "["
    let end =
      list ? rest.firstIndex(of: "]").map { rest.index(after: $0) } : rest.firstIndex(of: " ")
    defer { rest = rest[(end ?? rest.endIndex)...] }
    return rest[..<(end ?? rest.endIndex)]
  }

  /// `T[[1, 2], [3, 4]]`, `int64(3)`, `T of shape [2, 0]`; nil for `-`.
  mutating func tensor() throws -> NumericLine.Text? {
    if skip("-") { return nil }
    let end = try NumericLine.found(rest.firstIndex { "[( ".contains($0) }, rest)
    let name = rest[..<end]
    let type = name == "T" ? nil : try NumericLine.found(ElementType(name: name), name)
    rest = rest[end...]
    if skip(" of shape ") {
      let shape = try value().dropFirst().dropLast().split(separator: ", ").map {
        try NumericLine.found(Int($0), $0)
      }
      return .init(type: type, numbers: [], shape: shape)
    }
    if skip("(") { return .init(type: type, numbers: [try until(")")], shape: []) }
    var numbers: [Substring] = []
    var shape: [Int] = []
    try list(&numbers, &shape, 0)
    return .init(type: type, numbers: numbers, shape: shape)
  }

  /// `1×70` stands for 70 ones.
  private mutating func list(_ numbers: inout [Substring], _ shape: inout [Int], _ depth: Int)
    throws
  {
    guard skip("[") else { throw NumericLine.Malformed(text: String(rest)) }
    if shape.count == depth { shape.append(0) }
    var count = 0
    repeat {
      if rest.first == "[" {
        try list(&numbers, &shape, depth + 1)
        count += 1
        continue
      }
      let end = try NumericLine.found(rest.firstIndex { ",]".contains($0) }, rest)
      let parts = rest[..<end].split(separator: "×")
      let times = parts.count == 2 ? try NumericLine.found(Int(parts[1]), parts[1]) : 1
      numbers += Array(repeating: parts[0], count: times)
      count += times
      rest = rest[end...]
    } while skip(", ")
    guard skip("]") else { throw NumericLine.Malformed(text: String(rest)) }
    shape[depth] = count
  }
}

extension StringProtocol {
  fileprivate func trimming(_ character: Character) -> Substring where SubSequence == Substring {
    var text = self[...]
    while text.first == character { text = text.dropFirst() }
    while text.last == character { text = text.dropLast() }
    return text
  }
}

extension ElementType {
  fileprivate init?(name: some StringProtocol) {
    guard let found = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
    self = found
  }
}
