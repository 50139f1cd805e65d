extension Dimension {
  /// A name for an extent that only the run knows. Symbols are equal when name, origin and graph are.
  package struct Symbol: Sendable, Hashable {
    package let name: String
    /// Whether a rule made it; a model names the others.
    package let isDerived: Bool
    /// How many graphs around the one that reads it the symbol belongs to: 0 is that graph itself.
    package let distance: Int

    package init(_ name: String, isDerived: Bool = false, distance: Int = 0) {
      self.name = name
      self.isDerived = isDerived
      self.distance = distance
    }

    /// Whether a model names it for the graph that reads it.
    package var isPlain: Bool { !isDerived && distance == 0 }

    /// The symbol as a body of the graph sees it.
    package var seenFromBody: Symbol { Symbol(name, isDerived: isDerived, distance: distance + 1) }

    /// The symbol as the graph around sees it; nil when it belongs to the body itself.
    package var seenFromOutside: Symbol? { distance > 0 ? Symbol(name, isDerived: isDerived, distance: distance - 1) : nil }
  }
}

extension Dimension.Symbol: Comparable {
  /// By name, then by what else tells symbols apart.
  package static func < (left: Self, right: Self) -> Bool {
    if left.name != right.name { return left.name < right.name }
    return (left.distance, left.isDerived ? 1 : 0) < (right.distance, right.isDerived ? 1 : 0)
  }
}

extension Dimension.Symbol: ExpressibleByStringLiteral, CustomStringConvertible {
  package init(stringLiteral value: String) { self.init(value) }

  /// "batch"; "outer(batch)" of the graph around.
  package var description: String {
    String(repeating: "outer(", count: distance) + name + String(repeating: ")", count: distance)
  }
}
