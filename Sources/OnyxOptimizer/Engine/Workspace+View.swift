import OnyxAttention

/// The recogniser reads the graph between two rewrites.
extension Workspace: GraphView {
  package var nodeIndices: Range<Int> { nodes.indices }
}
