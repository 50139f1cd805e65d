import OnyxTensor

/// A parsed Einsum equation: which axis of which operand is called what.
package struct EinsumEquation: Sendable, Hashable {
  /// The name of an axis.
  package enum Label: Sendable, Hashable {
    case letter(UInt8)
    /// An axis under an ellipsis, counted from the last one.
    case ellipsis(fromEnd: Int)
  }

  private enum Symbol: Hashable {
    case letter(UInt8)
    case ellipsis
  }

  private let terms: [[Symbol]]
  /// nil: the implicit form, without "->".
  private let result: [Symbol]?

  /// Throws `invalidModel` for a text that is no equation.
  package init(_ text: String) throws(OnyxError) {
    let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") }
    var sides: [[UInt8]] = [[]]
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: "->".utf8) {
        sides.append([])
        index += 2
      } else {
        sides[sides.count - 1].append(bytes[index])
        index += 1
      }
    }
    guard sides.count <= 2 else { throw .invalid("The equation '\(text)' has more than one '->'.") }
    var terms: [[Symbol]] = []
    for term in sides[0].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      terms.append(try Self.symbols(term, text))
    }
    self.terms = terms
    result = sides.count == 2 ? try Self.symbols(sides[1][...], text) : nil
    try checkResult(text)
  }

  private static func symbols(_ term: ArraySlice<UInt8>, _ text: String) throws(OnyxError) -> [Symbol] {
    var symbols: [Symbol] = []
    var rest = term
    while let byte = rest.first {
      if rest.starts(with: "...".utf8) {
        guard !symbols.contains(.ellipsis) else { throw .invalid("The equation '\(text)' has two ellipses in one term.") }
        symbols.append(.ellipsis)
        rest = rest.dropFirst(3)
      } else if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
        symbols.append(.letter(byte))
        rest = rest.dropFirst()
      } else {
        throw .invalid(
          "The equation '\(text)' has the character '\(Character(Unicode.Scalar(byte)))'.",
          remedy: "Equations have letters, ',', '...', '->' and spaces.")
      }
    }
    return symbols
  }

  private func checkResult(_ text: String) throws(OnyxError) {
    guard let result else { return }
    let known = Set(terms.joined())
    guard Set(result).count == result.count else { throw .invalid("The equation '\(text)' repeats a letter in its result.") }
    guard result.allSatisfy({ $0 == .ellipsis || known.contains($0) }) else {
      throw .invalid("The equation '\(text)' has a letter in its result that no operand has.")
    }
  }

  /// The labels of every operand's axes and of the result's, for operands of these ranks.
  package func labels(ranks: [Int]) throws(OnyxError) -> (operands: [[Label]], result: [Label]) {
    guard ranks.count == terms.count else { throw .invalid("The equation has \(terms.count) terms for \(ranks.count) operands.") }
    var operands: [[Label]] = []
    var widest = 0
    for (operand, (term, rank)) in zip(terms, ranks).enumerated() {
      let hidden = rank - term.count + (term.contains(.ellipsis) ? 1 : 0)
      guard hidden == 0 || (hidden > 0 && term.contains(.ellipsis)) else {
        throw .invalid("Operand \(operand) has rank \(rank), but its term names \(term.count) axes.")
      }
      operands.append(Self.expand(term, hidden))
      widest = max(widest, term.contains(.ellipsis) ? hidden : 0)
    }
    return (operands, Self.expand(result ?? implicitResult, widest))
  }

  private static func expand(_ term: [Symbol], _ hidden: Int) -> [Label] {
    term.flatMap { symbol -> [Label] in
      switch symbol {
      case .letter(let letter): [.letter(letter)]
      case .ellipsis: (0..<hidden).reversed().map { .ellipsis(fromEnd: $0) }
      }
    }
  }

  /// The ellipsis, then the letters that occur once, in ASCII order.
  private var implicitResult: [Symbol] {
    var counts: [UInt8: Int] = [:]
    for case .letter(let letter) in terms.joined() { counts[letter, default: 0] += 1 }
    let ellipsis: [Symbol] = terms.joined().contains(.ellipsis) ? [.ellipsis] : []
    return ellipsis + counts.filter { $0.value == 1 }.keys.sorted().map { .letter($0) }
  }
}
