/// What an optimization did, and what it left alone and why.
package struct OptimizationReport: Sendable {
  /// One applied rewrite, in order of application.
  package struct Applied: Sendable, Hashable {
    package let rewrite: String
    package let changes: Changes
    /// The node that the rewrite started from, with the bodies around it: "block/mul_3 (Mul)".
    package let node: String
  }

  /// A rewrite whose pattern was there but which could not be applied.
  package struct Declined: Sendable, Hashable {
    package let rewrite: String
    package let node: String
    /// One sentence.
    package let reason: String
  }

  /// Why the optimization ended.
  package enum End: Sendable, Hashable {
    /// No rewrite had anything left to do.
    case finished
    /// `rewritesLimit` was reached.
    case rewritesLimit
    /// A bound on rounds or on rewrites per node was reached: rewrites feed each other. The graph is valid.
    case bound
  }

  package internal(set) var applied: [Applied] = []
  package internal(set) var declined: [Declined] = []
  package internal(set) var end: End = .finished

  /// How often each rewrite was applied.
  package var counts: [String: Int] { applied.reduce(into: [:]) { $0[$1.rewrite, default: 0] += 1 } }
}
