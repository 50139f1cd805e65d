/// Suggestions for mistyped names.
package enum Names {
  /// "Did you mean 'x'? The inputs are: …", for a remedy.
  package static func suggestion(for name: String, among names: [String], what: String) -> String {
    if names.isEmpty { return "There are no \(what)." }
    let listed = names.prefix(shown).map { "'\($0)'" }.joined(separator: ", ")
    let list = names.count > shown ? "There are \(names.count) \(what), such as \(listed)." : "The \(what) are: \(listed)."
    guard let nearest = nearest(to: name, among: names) else { return list }
    return "Did you mean '\(nearest)'?" + (names.count > shown ? "" : " " + list)
  }

  /// How many names a suggestion lists.
  private static let shown = 8

  /// The name at the smallest edit distance, when that is at most a third of its length or differs in case only.
  package static func nearest(to name: String, among names: [String]) -> String? {
    let target = Array(name.lowercased().utf8)
    let ranked = names.map { ($0, distance(target, Array($0.lowercased().utf8))) }.min { $0.1 < $1.1 }
    guard let (best, edits) = ranked, edits <= max(best.utf8.count, name.utf8.count) / 3 + 1, edits < best.utf8.count else { return nil }
    return best
  }

  /// Levenshtein distance. Complexity: O(a·b), with both cut to 256 bytes.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    let (a, b) = (a.prefix(256), b.prefix(256))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substitution = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
