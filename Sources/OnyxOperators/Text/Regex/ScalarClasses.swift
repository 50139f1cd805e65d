import Synchronization

/// The named classes of RE2's syntax.
enum ScalarClasses {
  private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  private static let upper: [ClosedRange<UInt32>] = [0x41...0x5A]
  private static let lower: [ClosedRange<UInt32>] = [0x61...0x7A]
  private static let underscore: [ClosedRange<UInt32>] = [0x5F...0x5F]
  static let word = ScalarSet(digits + upper + lower + underscore)

  /// `\d`, `\s`, `\w` by their letters. They are classes of ASCII, and `\s` lacks the vertical tab, as in RE2.
  static let perl: [Unicode.Scalar: ScalarSet] = [
    "d": ScalarSet(digits), "s": ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20]), "w": word,
  ]

  /// `[:alpha:]` and its like, classes of ASCII.
  static let posix: [String: ScalarSet] = [
    "alnum": ScalarSet(digits + upper + lower), "alpha": ScalarSet(upper + lower), "ascii": ScalarSet([0...0x7F]),
    "blank": ScalarSet([0x09...0x09, 0x20...0x20]), "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F]), "digit": ScalarSet(digits),
    "graph": ScalarSet([0x21...0x7E]), "lower": ScalarSet(lower), "print": ScalarSet([0x20...0x7E]),
    "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]), "space": ScalarSet([0x09...0x0D, 0x20...0x20]),
    "upper": ScalarSet(upper), "word": word, "xdigit": ScalarSet(digits + [0x41...0x46, 0x61...0x66]),
  ]

  /// `\p{name}`: a general category, a group of them by its first letter, a script, or "Any". nil when RE2 has no such class.
  static func unicode(_ name: String) -> ScalarSet? { name == "Any" ? .all : categories[name] ?? script(name) }

  /// The named class `set`, with every code point that differs by case only where `foldsCase`, or what is not in it. `name` tells the class
  /// from those of all kinds of names.
  static func variant(of set: ScalarSet, named name: String, foldsCase: Bool, isNegated: Bool) -> ScalarSet {
    guard foldsCase || isNegated else { return set }
    let made = kept((foldsCase ? "i" : "") + (isNegated ? "!" : "") + name) { _ in
      let set = foldsCase ? set.foldingCase : set
      return isNegated ? set.complement : set
    }
    return made ?? set
  }

  /// Classes that take a search of many code points, by name: few, as the names are RE2's.
  private static let found = Mutex<[String: ScalarSet]>([:])

  private static func kept(_ name: String, _ make: (String) -> ScalarSet?) -> ScalarSet? {
    if let set = found.withLock({ $0[name] }) { return set }
    let set = make(name)
    found.withLock { $0[name] = set }
    return set
  }

  /// Assigned code points below the planes of private use. Nothing stands in planes 4 … 13.
  private static let publicScalars: [Unicode.Scalar] = (Array(UInt32(0)...0x3FFFF) + Array(0xE0000...0xE0FFF)).compactMap {
    Unicode.Scalar($0).flatMap { $0.properties.generalCategory == .unassigned ? nil : $0 }
  }

  private static let categories: [String: ScalarSet] = {
    var ranges: [String: [ClosedRange<UInt32>]] = ["Co": [0xF0000...0xFFFFD, 0x100000...0x10FFFD], "Cs": [0xD800...0xDFFF]]
    for scalar in publicScalars {
      guard let name = categoryNames[scalar.properties.generalCategory] else { continue }
      extend(&ranges[name, default: []], by: scalar.value)
    }
    for (name, members) in ranges { ranges[String(name.prefix(1)), default: []] += members }
    return ranges.mapValues { ScalarSet($0) }
  }()

  /// Adds the next of ascending values.
  private static func extend(_ ranges: inout [ClosedRange<UInt32>], by value: UInt32) {
    if let last = ranges.last, last.upperBound + 1 == value {
      ranges[ranges.count - 1] = last.lowerBound...value
    } else {
      ranges.append(value...value)
    }
  }

  /// RE2 has no class of unassigned code points.
  private static let categoryNames: [Unicode.GeneralCategory: String] = [
    .uppercaseLetter: "Lu", .lowercaseLetter: "Ll", .titlecaseLetter: "Lt", .modifierLetter: "Lm", .otherLetter: "Lo",
    .nonspacingMark: "Mn", .spacingMark: "Mc", .enclosingMark: "Me", .decimalNumber: "Nd", .letterNumber: "Nl", .otherNumber: "No",
    .connectorPunctuation: "Pc", .dashPunctuation: "Pd", .openPunctuation: "Ps", .closePunctuation: "Pe", .initialPunctuation: "Pi",
    .finalPunctuation: "Pf", .otherPunctuation: "Po", .mathSymbol: "Sm", .currencySymbol: "Sc", .modifierSymbol: "Sk",
    .otherSymbol: "So", .spaceSeparator: "Zs", .lineSeparator: "Zl", .paragraphSeparator: "Zp", .control: "Cc", .format: "Cf",
    .privateUse: "Co",
  ]
}
