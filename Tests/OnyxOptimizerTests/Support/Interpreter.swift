import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Runs a graph without bodies node by node with the references of the catalog: the oracle of the differential tests.
func interpret(_ graph: Graph, _ inputs: [String: Tensor]) throws -> [String: Tensor] {
  var values: [ValueID: Tensor] = graph.initializers
  for input in graph.inputs { if let tensor = inputs[graph[input].name] { values[input] = tensor } }
  for index in try graph.topologicalOrder() {
    let node = graph.nodes[index]
    var given: [Tensor?] = []
    for input in node.inputs { given.append(input.flatMap { values[$0] }) }
    for (input, tensor) in zip(node.inputs, given) where input != nil && tensor == nil {
      throw OnyxError.bug("The value '\(input.map { graph[$0].name } ?? "")' has no tensor.").at(node: node.label)
    }
    let op = try Catalog.makeTensorOperator(node)
    let results = try op.evaluate(given, outputCount: node.outputs.count)
    for (output, result) in zip(node.outputs, results) { if let output { values[output] = result } }
  }
  var named: [String: Tensor] = [:]
  for (id, tensor) in values { named[graph[id].name] = tensor }
  return named
}
