import OnyxKernels
import OnyxOperators
import OnyxTensor

/// What a plan found out that holds for the next one where extents agree. The next one takes it over, so that nothing has to be copied.
struct PlanMemo: Sendable {
  let inference: GraphInference
  /// Concrete types by `ValueID`.
  let types: [TensorType?]
  /// By node; nil for one that was not bound to a kernel.
  let selections: [Selection?]

  /// Its parts, each held by nobody else then.
  consuming func parts() -> (inference: GraphInference, types: [TensorType?], selections: [Selection?]) { (inference, types, selections) }

  /// The kernel of a node.
  struct Selection: Sendable {
    let row: String
    /// nil for the scalar reference.
    let kernel: PreparedKernel?
    /// The constants that rows could read.
    let constants: [Tensor?]
    /// In how many calls the batch is run.
    let rounds: Int

    /// Whether rows would see the same constants again.
    func saw(_ others: [Tensor?]) -> Bool {
      guard constants.count == others.count else { return false }
      for index in constants.indices {
        switch (constants[index], others[index]) {
        case (nil, nil): continue
        case (let a?, let b?): guard a.isKnownSame(as: b) else { return false }
        default: return false
        }
      }
      return true
    }
  }
}
