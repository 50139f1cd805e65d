import OnyxGraph
import OnyxKernels
import OnyxOperators

/// What a node is in every plan of its program. A class, so that passing one on counts one reference.
final class NodeSite: Sendable {
  /// Value indices; -1 for an omitted one.
  let inputs: [Int]
  let outputs: [Int]
  /// What each body of the node captures, as value indices.
  let captures: [[Int]]
  /// Every value that the node needs.
  let reads: [Int]
  /// The operator by how it can be run: some operators make tensors of tensors and values of values.
  let tensorOperator: (any TensorOperator)?
  let valueOperator: (any ValueOperator)?
  let bodyOperator: (any BodyOperator)?
  /// Whether equal inputs always give equal outputs.
  let isDeterministic: Bool
  /// The rows of its operator.
  let rows: KernelTable.Rows

  init(_ node: Node, _ op: any Operator, _ bodies: [Body], _ table: KernelTable) {
    inputs = node.inputs.map { $0?.index ?? -1 }
    outputs = node.outputs.map { $0?.index ?? -1 }
    captures = bodies.map { $0.captures.map(\.index) }
    reads = inputs.filter { $0 >= 0 } + captures.joined()
    tensorOperator = op as? any TensorOperator
    valueOperator = op as? any ValueOperator
    bodyOperator = op as? any BodyOperator
    isDeterministic = op.isDeterministic
    rows = table.rows(of: node.op)
  }
}
