import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Transpose(Transpose(x, p), q) → Transpose(x, p ∘ q)
  static let mergeTransposes = Rewrite(
    "merge-transposes", changes: .exact, inner: .mayStay,
    pattern: .op("Transpose", .op("Transpose", .value("x"), named: "inner"), named: "outer"),
    when: [Clause("The permutations must be known.") { permutation($0) != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let permutation = permutation(match) else { throw .bug("A checked permutation is gone.") }
    return patch.node("Transpose", [try match.required("x")], ["perm": .ints(permutation.map(Int64.init))])
  }

  private static func permutation(_ match: Match) -> [Int]? {
    guard let inner = match.node("inner"), let outer = match.node("outer") else { return nil }
    guard let rank = (inner.ints("perm") ?? outer.ints("perm"))?.count ?? match.shape("x")?.count else { return nil }
    let reversed = Array((0..<rank).reversed())
    let first = inner.ints("perm") ?? reversed
    let second = outer.ints("perm") ?? reversed
    guard first.count == second.count, second.allSatisfy(first.indices.contains) else { return nil }
    return second.map { first[$0] }
  }
}
