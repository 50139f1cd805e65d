import OnyxTensor

/// Reads a pattern of RE2's syntax (https://github.com/google/re2/wiki/Syntax) into a program.
///
/// Code grows from the inside out without a tree: a group is a run of steps with offsets of its own, so that a repetition copies it. What
/// is open stands on a stack of bounded depth, and all steps that are ever made are counted: a hostile pattern ends in an
/// error, not in memory or recursion. Greedy and lazy are the same to a match of the whole text, and so is what a group captures.
struct RegexParser {
  /// The bounds of RE2: a count, and nested counts multiplied; groups in groups.
  static let mostRepetitions = 1000
  static let deepestGroup = 1000
  /// Steps of a program, and ranges of its classes and of what they are made of.
  static let mostSteps = 1 << 17
  static let mostRanges = 1 << 20

  /// What (?ims) switch on.
  struct Flags {
    var foldsCase = false
    var dotTakesNewline = false
    var isMultiline = false
  }

  /// Steps that are entered at the first and left behind the last.
  struct Fragment {
    var code: [RegexInstruction] = []
    /// The largest product of counts from the outside to a step.
    var repetitions = 1
  }

  /// A group that is not closed yet; the first is the whole pattern.
  private struct Group {
    /// The flags around the group.
    let outerFlags: Flags
    var alternatives: [Fragment] = []
    /// The alternative that is being read, without its last part.
    var sequence = Fragment()
    /// What a quantifier takes.
    var last: Fragment?

    mutating func closePart() {
      guard let part = last else { return }
      sequence.code += part.code
      sequence.repetitions = max(sequence.repetitions, part.repetitions)
      last = nil
    }
  }

  private let text: String
  let pattern: [Unicode.Scalar]
  var position = 0
  var flags = Flags()
  /// Whether a search has found no ":]" in the rest of the pattern: another one would not either.
  var lacksClassEnd = false
  private var groups = [Group(outerFlags: Flags())]
  private var sets: [ScalarSet] = []
  private var setIndices: [ScalarSet: Int] = [:]
  private var steps = 0
  private var ranges = 0

  private init(_ text: String) {
    self.text = text
    pattern = Array(text.unicodeScalars)
  }

  /// The program of a pattern. Throws `invalidModel` for what RE2 refuses, `unsupported` for `\C`, and
  /// `budgetExceeded` for a program that is too large.
  static func parse(_ text: String) throws(OnyxError) -> RegexProgram {
    var parser = RegexParser(text)
    var quantifier: Int?
    while let scalar = parser.next {
      quantifier = try parser.readPart(scalar, after: quantifier)
    }
    guard parser.groups.count == 1 else { throw parser.failure("a ')' is missing") }
    let code = parser.closeGroup().code
    return RegexProgram(code: code, sets: parser.sets)
  }

  /// The scalar at the position; nil at the end.
  var next: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  /// Whether the rest begins with these ASCII characters.
  func continues(with prefix: String) -> Bool { pattern[position...].starts(with: prefix.unicodeScalars) }

  func failure(_ what: String) -> OnyxError {
    let shown = text.unicodeScalars.count > 80 ? String(text.unicodeScalars.prefix(80)) + "…" : text
    return .invalid("The pattern '\(shown)' is no RE2 pattern: \(what).")
  }

  /// - Returns: where the part begins when it is a quantifier: no other may follow it.
  private mutating func readPart(_ scalar: Unicode.Scalar, after quantifier: Int?) throws(OnyxError) -> Int? {
    let start = position
    if let count = readCount() {
      if continues(with: "?") { position += 1 }
      guard quantifier == nil else { throw failure("a quantifier follows another before scalar \(position)") }
      try quantify(count)
      return start
    }
    position += 1
    switch scalar {
    case "(": try openGroup()
    case ")":
      guard groups.count > 1 else { throw failure("a ')' has no '('") }
      let outer = groups[groups.count - 1].outerFlags
      let group = closeGroup()
      flags = outer
      append(group)
    case "|":
      groups[groups.count - 1].closePart()
      groups[groups.count - 1].alternatives.append(groups[groups.count - 1].sequence)
      groups[groups.count - 1].sequence = Fragment()
      try count(steps: 2)
    case "^": try append(.assert(flags.isMultiline ? .lineStart : .textStart))
    case "$": try append(.assert(flags.isMultiline ? .lineEnd : .textEnd))
    case ".": try append(flags.dotTakesNewline ? .all : ScalarSet([0x0A...0x0A]).complement)
    case "[": try append(try readClass())
    case "\\": try readEscape()
    default: try append(literal: scalar.value)
    }
    return nil
  }

  // MARK: Code

  private mutating func count(steps new: Int) throws(OnyxError) {
    steps += new
    guard steps <= Self.mostSteps else {
      throw .budget("A regular expression needs more than \(Self.mostSteps) steps.", remedy: "Use fewer or smaller repetitions.")
    }
  }

  /// Counts the ranges that classes are made of: those that are kept, and those that it took to make them.
  mutating func count(ranges new: Int) throws(OnyxError) {
    ranges += new
    guard ranges <= Self.mostRanges else { throw .budget("The classes of a regular expression are too large.") }
  }

  private mutating func append(_ part: Fragment) {
    groups[groups.count - 1].closePart()
    groups[groups.count - 1].last = part
  }

  mutating func append(_ instruction: RegexInstruction) throws(OnyxError) {
    try count(steps: 1)
    append(Fragment(code: [instruction]))
  }

  mutating func append(_ set: ScalarSet) throws(OnyxError) {
    let index = setIndices[set] ?? sets.count
    if index == sets.count {
      try count(ranges: set.ranges.count)
      sets.append(set)
      setIndices[set] = index
    }
    try append(.set(index))
  }

  mutating func append(literal value: UInt32) throws(OnyxError) {
    let orbit = flags.foldsCase ? CaseOrbits.orbit(of: value) : [value]
    if orbit.count == 1 { try append(.one(value)) } else { try append(ScalarSet(orbit.map { $0...$0 })) }
  }

  /// The innermost group as one part; each alternative but the last forks to the next and jumps behind the last.
  private mutating func closeGroup() -> Fragment {
    var group = groups.removeLast()
    group.closePart()
    let branches = group.alternatives
    var left = branches.reduce(group.sequence.code.count) { $0 + $1.code.count + 2 }
    var result = Fragment()
    for branch in branches {
      result.code.append(.fork(branch.code.count + 2))
      result.code += branch.code
      left -= branch.code.count + 2
      result.code.append(.jump(left + 1))
    }
    result.code += group.sequence.code
    result.repetitions = branches.reduce(group.sequence.repetitions) { max($0, $1.repetitions) }
    return result
  }

  mutating func openGroup(with inner: Flags) throws(OnyxError) {
    guard groups.count <= Self.deepestGroup else { throw failure("its groups nest deeper than \(Self.deepestGroup)") }
    groups[groups.count - 1].closePart()
    groups.append(Group(outerFlags: flags))
    flags = inner
  }

  /// Repeats the last part.
  private mutating func quantify(_ count: RepetitionCount) throws(OnyxError) {
    guard let part = groups[groups.count - 1].last else { throw failure("a quantifier before scalar \(position) has nothing to repeat") }
    let bound = count.most ?? count.least
    guard bound <= Self.mostRepetitions, count.least <= bound, part.repetitions * max(1, bound) <= Self.mostRepetitions else {
      throw failure("the repetition before scalar \(position) is too large or ends before it begins")
    }
    let size = part.code.count
    try self.count(steps: max(1, bound) * (size + 1) + 2)
    var code: [RegexInstruction] = []
    for _ in 0..<count.least { code += part.code }
    if let most = count.most {
      for left in (0..<most - count.least).reversed() {
        code.append(.fork((left + 1) * (size + 1)))
        code += part.code
      }
    } else if count.least == 0 {
      code = [.fork(size + 2)] + part.code + [.jump(-size - 1)]
    } else {
      code.append(.fork(-size))
    }
    groups[groups.count - 1].last = Fragment(code: code, repetitions: part.repetitions * max(1, bound))
  }
}

/// How often a part may stand: at least, and at most (nil: without bound).
struct RepetitionCount {
  let least: Int
  let most: Int?
}
