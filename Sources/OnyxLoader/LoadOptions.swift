import OnyxGraph

/// What a load checks and how much it may take.
package struct LoadOptions: Sendable {
  /// Refuse external data files that have other hard links.
  package var refusesHardLinks = false
  /// Nodes, inputs and outputs that the inlining of model-local functions and the derivatives of Gradient may make.
  package var largestExpansion = 1_000_000
  /// Functions that call one another in a row.
  package var deepestCallChain = 500
  /// Bodies inside bodies, those that inlining brings included.
  package var deepestBody = Graph.deepestBody
  /// Elements of all sparse initializers together, once they are dense.
  package var largestDenseElementCount = 1 << 28

  package init() {}
}
