/// One step of a regular expression that is run over code points. Offsets count from the step's own place.
enum RegexInstruction: Hashable, Sendable {
  /// Takes this code point.
  case one(UInt32)
  /// Takes a code point of the program's set at this index.
  case set(Int)
  /// Goes on where the condition holds.
  case assert(RegexAssertion)
  /// Goes on with the next step and at this offset.
  case fork(Int)
  /// Goes on at this offset.
  case jump(Int)
}

/// A condition on a place between code points.
enum RegexAssertion: Hashable, Sendable {
  case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

  /// - Parameters: the code points at both sides; nil at an end of the text.
  func holds(between before: UInt32?, and after: UInt32?) -> Bool {
    switch self {
    case .textStart: before == nil
    case .textEnd: after == nil
    case .lineStart: before == nil || before == 0x0A
    case .lineEnd: after == nil || after == 0x0A
    case .wordBoundary: Self.isWord(before) != Self.isWord(after)
    case .noWordBoundary: Self.isWord(before) == Self.isWord(after)
    }
  }

  private static func isWord(_ value: UInt32?) -> Bool { value.map(ScalarClasses.word.contains) ?? false }
}

/// A regular expression as a nondeterministic automaton; the end of the code accepts.
///
/// It follows all its states at once (Thompson, Regular Expression Search Algorithm, 1968), so that a match takes
/// O(code × text) steps and O(code) memory whatever the pattern.
struct RegexProgram: Sendable {
  let code: [RegexInstruction]
  let sets: [ScalarSet]

  /// The states of a match, of which one text after the other makes use.
  struct Matcher {
    fileprivate var states: StateSet
    fileprivate var following: StateSet
  }

  func matcher() -> Matcher { Matcher(states: StateSet(self), following: StateSet(self)) }

  /// Whether the expression matches all of the text. `matcher` is one of this program.
  func matchesWhole(_ text: String, with matcher: inout Matcher) -> Bool {
    let values = text.unicodeScalars.map(\.value)
    matcher.states.removeAll()
    matcher.states.insert(0, between: nil, and: values.first)
    for (index, value) in values.enumerated() {
      if matcher.states.places.isEmpty { return false }
      matcher.following.removeAll()
      let after = index + 1 < values.count ? values[index + 1] : nil
      for place in matcher.states.places where accepts(place, value) {
        matcher.following.insert(place + 1, between: value, and: after)
      }
      swap(&matcher.states, &matcher.following)
    }
    return matcher.states.isAccepting
  }

  private func accepts(_ place: Int, _ value: UInt32) -> Bool {
    switch code[place] {
    case .one(let wanted): wanted == value
    case .set(let index): sets[index].contains(value)
    case .assert, .fork, .jump: false
    }
  }

  /// The steps that may take the next code point.
  fileprivate struct StateSet {
    private let code: [RegexInstruction]
    /// The round in which a step was last reached.
    private var rounds: [Int]
    private var round = 1
    private var open: [Int] = []
    private(set) var places: [Int] = []

    init(_ program: RegexProgram) {
      code = program.code
      rounds = [Int](repeating: 0, count: program.code.count + 1)
    }

    var isAccepting: Bool { rounds[code.count] == round }

    mutating func removeAll() {
      round += 1
      places.removeAll(keepingCapacity: true)
    }

    /// Adds a step and all that it leads to without taking a code point.
    mutating func insert(_ place: Int, between before: UInt32?, and after: UInt32?) {
      open.append(place)
      while let place = open.popLast() {
        guard rounds[place] != round else { continue }
        rounds[place] = round
        guard place < code.count else { continue }
        switch code[place] {
        case .one, .set: places.append(place)
        case .assert(let assertion): if assertion.holds(between: before, and: after) { open.append(place + 1) }
        case .fork(let offset):
          open.append(place + offset)
          open.append(place + 1)
        case .jump(let offset): open.append(place + offset)
        }
      }
    }
  }
}
