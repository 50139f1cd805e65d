extension Dimension {
  /// A name for an extent that only the run knows. Symbols are equal when name, origin, graph and what they are made of are.
  package struct Symbol: Sendable, Hashable {
    /// Of one that is made of others, the expression, shortened where it is long.
    package let name: String
    /// Whether a rule made it; a model names the others.
    package let isDerived: Bool
    /// How many graphs around the one that reads it the symbol belongs to: 0 is that graph itself.
    package let distance: Int
    /// Stands for what the symbol is made of: its name may read as another symbol's, since those of its operands may be anything.
    private let origin: Origin?

    package init(_ name: String, isDerived: Bool = false, distance: Int = 0) {
      self.init(name, isDerived: isDerived, distance: distance, nil)
    }

    private init(_ name: String, isDerived: Bool, distance: Int, _ origin: Origin?) {
      self.name = name
      self.isDerived = isDerived
      self.distance = distance
      self.origin = origin
    }

    /// A symbol that a rule makes of dimensions and calls `name`.
    init(_ name: String, of operands: [Dimension]) {
      let isLong = name.utf8.count > 2 * Self.halfName
      self.init(
        isLong ? "\(name.prefix(Self.halfName))…\(name.suffix(Self.halfName))" : name, isDerived: true, distance: 0,
        Origin(name, operands))
    }

    /// Characters of both ends of a long name.
    private static let halfName = 64

    /// Whether a rule made it of other symbols.
    package var isMade: Bool { origin != nil }

    /// Whether a model names it for the graph that reads it.
    package var isPlain: Bool { !isDerived && distance == 0 }

    /// The symbol as a body of the graph sees it.
    package var seenFromBody: Symbol { Symbol(name, isDerived: isDerived, distance: distance + 1, origin) }

    /// The symbol as the graph around sees it; nil when it belongs to the body itself.
    package var seenFromOutside: Symbol? { distance > 0 ? Symbol(name, isDerived: isDerived, distance: distance - 1, origin) : nil }
  }

  /// 128 bits of hashes of an expression. Their seed is the process's own: nobody can choose expressions that meet.
  private struct Origin: Sendable, Hashable, Comparable {
    private let first, second: Int

    init(_ name: String, _ operands: [Dimension]) {
      func hash(_ tag: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(tag)
        hasher.combine(name)
        hasher.combine(operands)
        return hasher.finalize()
      }
      (first, second) = (hash(0), hash(1))
    }

    static func < (left: Self, right: Self) -> Bool { (left.first, left.second) < (right.first, right.second) }
  }
}

extension Dimension.Symbol: Comparable {
  /// By name, then by what else tells symbols apart.
  package static func < (left: Self, right: Self) -> Bool {
    if left.name != right.name { return left.name < right.name }
    let (a, b) = ((left.distance, left.isDerived ? 1 : 0), (right.distance, right.isDerived ? 1 : 0))
    if a != b { return a < b }
    guard let first = left.origin, let second = right.origin else { return left.origin == nil && right.origin != nil }
    return first < second
  }
}

extension Dimension.Symbol: ExpressibleByStringLiteral, CustomStringConvertible {
  package init(stringLiteral value: String) { self.init(value) }

  /// "batch"; "outer(batch)" of the graph around.
  package var description: String {
    String(repeating: "outer(", count: distance) + name + String(repeating: ")", count: distance)
  }
}
