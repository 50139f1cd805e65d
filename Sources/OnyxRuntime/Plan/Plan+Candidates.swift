import OnyxGraph
import OnyxKernels
import OnyxTensor

extension Plan {
  /// Every row of the kernel table that lists a step's operator, best first, and why those that do not serve decline; nil for a
  /// step whose types are only known in the run. Weights that a row packs for the question are dropped.
  package func candidates(of step: Step) throws(OnyxError) -> [KernelTable.Candidate]? {
    switch step.action {
    case .kernel, .reference: break
    case .dynamic, .values, .bodies, .choice: return nil
    }
    // A step of a strip has the types of one round.
    let rounds = strips.first { $0.steps.contains { steps[$0] === step } }?.rounds ?? 1
    func type(_ value: Int) -> TensorType? {
      guard value >= 0, let type = types[value] else { return nil }
      return constant(value) == nil ? type.divided(by: rounds) : type
    }
    func constant(_ value: Int) -> Tensor? {
      guard value >= 0, case .constant(let tensor) = locations[value] else { return nil }
      return tensor
    }
    let query = KernelQuery(
      node: program.graph.nodes[step.node], op: program.operators[step.node], inputs: step.inputs.map(type),
      outputs: step.outputs.map(type), constants: step.inputs.map(constant), isa: program.isa, precision: program.precision,
      weights: WeightCache(), pool: program.pool, nodeIndex: step.node)
    return try program.table.candidates(query)
  }
}
