import OnyxGraph
import OnyxKernels
import OnyxTensor

extension Executor {
  /// As `run(_:inputs:control:)`, for a caller that may write to what it gets: no result is memory of the model, or of another result.
  package func runForOwner(
    _ execution: borrowing ReusableExecution, inputs: [Tensor?], control: RunControl
  ) throws(OnyxError) -> [Tensor] {
    let execution = execution.execution
    defer { execution.end() }
    try execution.begin(inputs)
    try runSteps(execution, control, nil)
    let plan = execution.plan
    let outputs = plan.program.graph.outputs
    var results: [Tensor] = []
    results.reserveCapacity(outputs.count)
    for (place, output) in outputs.enumerated() {
      let result = try execution.tensorResult(output.index)
      let isOwn =
        if case .output(let buffer) = plan.locations[output.index] {
          !outputs[..<place].contains { if case .output(buffer) = plan.locations[$0.index] { true } else { false } }
        } else {
          false
        }
      results.append(isOwn ? result : try result.copied())
    }
    return results
  }
}
