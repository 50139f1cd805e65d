import OnyxTensor

/// Iterations of one body: a runtime can run them without making values of what goes from one to the next, as long as tensors keep their
/// types or the plan of the body leaves open what changes.
package struct Iterations {
  /// Index of the body.
  package let body: Int
  /// The most iterations; at least 1.
  package let limit: Int
  /// Whether the body takes the number of the iteration and the condition before what is carried, and gives first whether to go on.
  package let isLoop: Bool
  /// The inputs of the body in the next iteration: the number and the condition of a loop, what is carried, a row of each scanned tensor.
  package var formals: [Value]
  /// Scanned along their first axes; each iteration takes the next row.
  package let scanned: [Tensor]
  /// Whether each scanned tensor is taken from row `limit - 1` to row 0.
  package let runsBackward: [Bool]
  /// Iterations that are over.
  package var count = 0
  /// Whether the condition that the last one gave lets another one follow.
  package var goesOn = true
  /// What is carried into the next iteration, or out of the last one.
  package var carried: [Value]
  /// What the iterations gave beside that.
  package var collected: Collected

  /// Inputs, and outputs, of the body before what is carried.
  package var leading: (inputs: Int, outputs: Int) { isLoop ? (2, 1) : (0, 0) }

  package init(
    body: Int, limit: Int, isLoop: Bool, formals: [Value], carried: [Value], scanned: [Tensor] = [], runsBackward: [Bool] = [],
    collected: Collected
  ) {
    self.body = body
    self.limit = limit
    self.isLoop = isLoop
    self.formals = formals
    self.carried = carried
    self.scanned = scanned
    self.runsBackward = runsBackward
    self.collected = collected
  }
}
