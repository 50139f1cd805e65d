import OnyxTensor

extension RegexParser {
  /// Reads what stands behind a backslash, outside of classes.
  mutating func readEscape() throws(OnyxError) {
    switch next {
    case nil: throw failure("a backslash ends it")
    case "A": try append(assertion: .textStart)
    case "z": try append(assertion: .textEnd)
    case "b": try append(assertion: .wordBoundary)
    case "B": try append(assertion: .noWordBoundary)
    case "C": throw .unsupported("A pattern has '\\C', which takes a single byte; Onyx matches characters.")
    case "Q":
      position += 1
      while next != nil {
        if continues(with: "\\E") {
          position += 2
          return
        }
        try append(literal: pattern[position].value)
        position += 1
      }
    default:
      if let set = try readNamedClass() { try append(set) } else { try append(literal: try readEscapedScalar()) }
    }
  }

  private mutating func append(assertion: RegexAssertion) throws(OnyxError) {
    position += 1
    try append(.assert(assertion))
  }

  /// The letter behind a backslash as a class: `d`, `s`, `w`, `p`, or their negations; nil, and nothing read, when it is none.
  private mutating func readNamedClass() throws(OnyxError) -> ScalarSet? {
    guard let letter = next else { return nil }
    let isNegated = ("A"..."Z").contains(letter)
    let small = Unicode.Scalar(letter.value | 0x20) ?? letter
    if small == "p" { return try readUnicodeClass(isNegated: isNegated) }
    guard letter.isASCII, let set = ScalarClasses.perl[small], letter.properties.isAlphabetic else { return nil }
    position += 1
    return variant(of: set, named: "\\\(small)", isNegated: isNegated)
  }

  private mutating func readUnicodeClass(isNegated: Bool) throws(OnyxError) -> ScalarSet {
    let start = position
    position += 1
    var name = Substring.UnicodeScalarView()
    if next == "{" {
      position += 1
      while let scalar = next, scalar != "}" {
        name.append(scalar)
        position += 1
      }
      guard next == "}" else { throw failure("the class behind scalar \(start) has no '}'") }
    } else if let scalar = next {
      name.append(scalar)
    }
    position += 1
    let hasCaret = name.first == "^"
    if hasCaret { name.removeFirst() }
    guard let set = ScalarClasses.unicode(String(name)) else { throw failure("there is no Unicode class '\(name)'") }
    return variant(of: set, named: "\\p{\(String(name))}", isNegated: isNegated != hasCaret)
  }

  private func variant(of set: ScalarSet, named name: String, isNegated: Bool) -> ScalarSet {
    ScalarClasses.variant(of: set, named: name, foldsCase: flags.foldsCase, isNegated: isNegated)
  }

  /// Reads a class behind its "[".
  mutating func readClass() throws(OnyxError) -> ScalarSet {
    let start = position
    let isNegated = next == "^"
    if isNegated { position += 1 }
    var (plain, named) = (ScalarSetBuilder(), ScalarSetBuilder())
    var names: Set<ArraySlice<Unicode.Scalar>> = []
    let first = position
    while let scalar = next, scalar != "]" || position == first {
      let place = position
      if let set = try readNamedMember() {
        // A class that names another one again gets nothing new.
        if names.insert(pattern[place..<position]).inserted {
          try count(ranges: set.ranges.count)
          named.insert(set)
        }
        continue
      }
      let low = try readClassScalar()
      var high = low
      if next == "-", position + 1 < pattern.count, pattern[position + 1] != "]" {
        position += 1
        high = try readClassScalar()
        guard low <= high else { throw failure("a range of the class behind scalar \(start) ends before it begins") }
      }
      plain.insert(low...high)
    }
    guard next != nil else { throw failure("the class behind scalar \(start) has no ']'") }
    position += 1
    // A negated class inside of this one is complete: folding it again would give back what it left out.
    var set = plain.set
    if flags.foldsCase {
      try count(ranges: min(set.memberCount, CaseOrbits.all.count))
      set = set.foldingCase
    }
    set = set.union(named.set)
    return isNegated ? set.complement : set
  }

  /// A named class inside of a class; nil, and nothing read, when there is none.
  private mutating func readNamedMember() throws(OnyxError) -> ScalarSet? {
    if let set = try readPOSIXClass() { return set }
    guard next == "\\" else { return nil }
    position += 1
    if let set = try readNamedClass() { return set }
    position -= 1
    return nil
  }

  /// `[:name:]` or `[:^name:]`; nil, and nothing read, when there is none.
  private mutating func readPOSIXClass() throws(OnyxError) -> ScalarSet? {
    guard !lacksClassEnd, continues(with: "[:") else { return nil }
    var end = position + 2
    while end + 1 < pattern.count, !(pattern[end] == ":" && pattern[end + 1] == "]") { end += 1 }
    lacksClassEnd = end + 1 >= pattern.count
    if lacksClassEnd { return nil }
    var name = pattern[position + 2..<end]
    let isNegated = name.first == "^"
    if isNegated { name.removeFirst() }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: name)
    guard let set = ScalarClasses.posix[String(text)] else { throw failure("there is no class '[:\(String(text)):]'") }
    position = end + 2
    return variant(of: set, named: "[:\(String(text)):]", isNegated: isNegated)
  }

  private mutating func readClassScalar() throws(OnyxError) -> UInt32 {
    guard let scalar = next else { throw failure("a class has no ']'") }
    position += 1
    return scalar == "\\" ? try readEscapedScalar() : scalar.value
  }

  /// The code point that an escape stands for.
  private mutating func readEscapedScalar() throws(OnyxError) -> UInt32 {
    guard let scalar = next else { throw failure("a backslash ends it") }
    position += 1
    switch scalar {
    case "a": return 0x07
    case "f": return 0x0C
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    case "v": return 0x0B
    case "x": return try readHexadecimal()
    case "0": return readOctal(scalar.value - 0x30)
    case "1"..."7":
      // One digit alone would be a backreference.
      guard let following = next, ("0"..."7").contains(following) else { throw failure("RE2 has no backreferences ('\\\(scalar)')") }
      return readOctal(scalar.value - 0x30)
    default:
      guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
        throw failure("'\\\(scalar)' is no escape")
      }
      return scalar.value
    }
  }

  /// Up to two digits more.
  private mutating func readOctal(_ first: UInt32) -> UInt32 {
    var value = first
    for _ in 0..<2 {
      guard let digit = next, ("0"..."7").contains(digit) else { break }
      value = 8 * value + digit.value - 0x30
      position += 1
    }
    return value
  }

  /// Two digits, or any number of them in braces.
  private mutating func readHexadecimal() throws(OnyxError) -> UInt32 {
    let isBraced = next == "{"
    if isBraced { position += 1 }
    let start = position
    var value: UInt32 = 0
    while let scalar = next, isBraced || position < start + 2, scalar.isASCII, let digit = Character(scalar).hexDigitValue {
      value = 16 * value + UInt32(digit)
      guard value <= 0x10FFFF else { throw failure("a code point is past 10FFFF") }
      position += 1
    }
    guard isBraced ? next == "}" && position > start : position == start + 2 else { throw failure("'\\x' lacks hexadecimal digits") }
    if isBraced { position += 1 }
    return value
  }
}
