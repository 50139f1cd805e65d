import OnyxTensor

extension RegexParser {
  /// Reads a quantifier but for the "?" that makes it lazy; nil, and nothing read, when there is none. A "{" that begins no count is a
  /// literal, as RE2 has it.
  mutating func readCount() -> RepetitionCount? {
    switch next {
    case "*", "+", "?":
      let count = next == "*" ? (0, nil) : next == "+" ? (1, nil) : (0, 1)
      position += 1
      return RepetitionCount(least: count.0, most: count.1)
    case "{":
      let start = position
      let count = readBracedCount()
      if count == nil { position = start }
      return count
    default: return nil
    }
  }

  private mutating func readBracedCount() -> RepetitionCount? {
    position += 1
    guard let least = readDecimal() else { return nil }
    var most: Int? = least
    if next == "," {
      position += 1
      most = readDecimal()
      if most == nil, pattern[position - 1] != "," { return nil }
    }
    guard next == "}" else { return nil }
    position += 1
    return RepetitionCount(least: least, most: most)
  }

  /// A decimal number without leading zeros; nil, also past 10^8, which is more than any count.
  private mutating func readDecimal() -> Int? {
    let start = position
    var value = 0
    while let scalar = next, ("0"..."9").contains(scalar) {
      guard value < 100_000_000 else { return nil }
      value = 10 * value + Int(scalar.value - 0x30)
      position += 1
    }
    return position == start || pattern[start] == "0" && position > start + 1 ? nil : value
  }

  /// Reads what stands behind a "(": the head of a group, or flags for the rest of this one.
  mutating func openGroup() throws(OnyxError) {
    guard next == "?" else { return try openGroup(with: flags) }
    position += 1
    if continues(with: "P<") || continues(with: "<") && !continues(with: "<=") && !continues(with: "<!") { return try openNamedGroup() }
    var (new, isNegated, isComplete) = (flags, false, true)
    while let scalar = next {
      position += 1
      switch scalar {
      case "i": new.foldsCase = !isNegated
      case "s": new.dotTakesNewline = !isNegated
      case "m": new.isMultiline = !isNegated
      case "U": break
      case "-" where !isNegated: isNegated = true
      case ":" where isComplete: return try openGroup(with: new)
      case ")" where isComplete:
        flags = new
        return
      default: throw failure("'(?\(scalar)' is neither a group nor a flag; RE2 has no lookaround")
      }
      isComplete = scalar != "-"
    }
    throw failure("a ')' is missing")
  }

  private mutating func openNamedGroup() throws(OnyxError) {
    position += next == "P" ? 2 : 1
    let start = position
    while let scalar = next, scalar != ">" {
      guard scalar == "_" || Self.nameCategories.contains(scalar.properties.generalCategory) else {
        throw failure("'\(scalar)' cannot stand in the name of a group")
      }
      position += 1
    }
    guard next == ">", position > start else { throw failure("a group has no name") }
    position += 1
    try openGroup(with: flags)
  }

  private static let nameCategories: Set<Unicode.GeneralCategory> = [
    .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber, .nonspacingMark, .spacingMark,
    .decimalNumber, .connectorPunctuation,
  ]
}
