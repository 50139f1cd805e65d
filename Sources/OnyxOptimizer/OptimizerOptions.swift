import OnyxGraph
import OnyxOperators

/// What an optimization may do to a graph.
package struct OptimizerOptions: Sendable {
  /// How far to go; each level holds the ones before it.
  package enum Level: Int, Sendable, Comparable, CaseIterable {
    case none = 0
    /// Fewer nodes and one form per idea; only standard operators.
    case canonicalise = 1
    /// Fused operators of the domain `onyx` too.
    case all = 2

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  package var level: Level
  package var allowedChanges: Set<Changes>
  /// Stops after this many applied rewrites, bodies included: halving it finds the rewrite that spoils a result.
  package var rewritesLimit: Int?
  /// Names of rewrites that are switched off.
  package var disabled: Set<String>
  /// Names of values of the outermost graph that must stay, under their names: those that the caller will fetch.
  package var kept: Set<String>
  /// Bytes that one folded value may have; all together may have `foldedValues` times that.
  package var foldingByteBudget: Int
  /// What is known of the graph's inputs beyond their declared types: concrete shapes for one plan.
  package var fixedInputs: [ValueID: Inferred]

  /// Bytes that one folded value may have. Expand, Tile and ConstantOfShape turn a few bytes into arbitrarily many, and the
  /// folded value stays in memory as long as the session; a layer's weights, which are worth folding, are rarely above this.
  package static let defaultFoldingByteBudget = 64 << 20

  /// All values that one optimization adds may have this many times the bytes of one: 1 GiB by default.
  package static let foldedValues = 16

  /// Bytes that the evaluation of one node may take beside its results, and portions of work, of some tenths of a
  /// millisecond, that the evaluations of one optimization may take.
  static let (foldingMemory, foldingQuestions) = (512 << 20, 8192)

  package init(
    level: Level = .all, allowedChanges: Set<Changes> = [.exact, .rounding], rewritesLimit: Int? = nil, disabled: Set<String> = [],
    kept: Set<String> = [], foldingByteBudget: Int = Self.defaultFoldingByteBudget, fixedInputs: [ValueID: Inferred] = [:]
  ) {
    self.level = level
    self.allowedChanges = allowedChanges
    self.rewritesLimit = rewritesLimit
    self.disabled = disabled
    self.kept = kept
    self.foldingByteBudget = foldingByteBudget
    self.fixedInputs = fixedInputs
  }
}
