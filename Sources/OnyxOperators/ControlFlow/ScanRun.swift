import OnyxGraph
import OnyxTensor

/// The iterations of one scan.
struct ScanRun {
  /// Index of the body.
  let body: Int
  /// Scanned along their first axes.
  let scanned: [Tensor]
  let runBackward: [Bool]
  let collectedCount: Int

  /// The state after the last iteration, and what the iterations gave beside it. `length` is the number of iterations where it is
  /// not the scanned extent. Throws `invalidModel` for extents that differ.
  func run(_ initial: [Value], length: Int? = nil, _ context: BodyContext) throws(OnyxError) -> (states: [Value], collected: Collected) {
    guard let extent = scanned.first?.shape.first, scanned.allSatisfy({ $0.shape.first == extent }) else {
      throw .invalid("The scanned inputs have different numbers of elements along their axes.")
    }
    let count = length ?? extent
    guard count >= 0, count <= extent else { throw .invalid("A scan of \(count) elements was asked for; there are \(extent).") }
    var states = initial
    var collected = Collected(count: collectedCount, capacity: count)
    /// The rows that an iteration takes.
    func rows(_ iteration: Int) throws(OnyxError) -> [Value] {
      try zip(scanned, runBackward).map { (tensor, isBackward) throws(OnyxError) in
        .tensor(try tensor.row(isBackward ? count - 1 - iteration : iteration))
      }
    }
    if count > 0 {
      var iterations = Iterations(
        body: body, limit: count, isLoop: false, formals: states + (try rows(0)), carried: states, scanned: scanned,
        runsBackward: runBackward, collected: collected)
      if try context.iterate(&iterations) { return (iterations.carried, iterations.collected) }
    }
    for iteration in 0..<count {
      var inputs = states + (try rows(iteration))
      states = []
      let results = try context.call(body, &inputs)
      states = Array(results.prefix(initial.count))
      try collected.append(results[initial.count...], context)
    }
    return (states, collected)
  }
}

extension Tensor {
  /// The same elements with axis `source` moved to where `target` is, both counted from the front or the end. Throws `invalidModel`
  /// for an axis outside the rank.
  func moving(axis source: Int, to target: Int) throws(OnyxError) -> Tensor {
    let (source, target) = (try Shape.normalize(axis: source, rank: shape.rank), try Shape.normalize(axis: target, rank: shape.rank))
    guard source != target else { return self }
    var permutation = Array(0..<shape.rank)
    permutation.insert(permutation.remove(at: source), at: target)
    return try Transpose(permutation: permutation).evaluate([self])[0]
  }

  /// The rows along the first axis from the last to the first.
  func reversedRows() throws(OnyxError) -> Tensor {
    guard shape[0] > 1, elementCount > 0 else { return self }
    var stack = try TensorStack(like: try row(shape[0] - 1), capacity: shape[0])
    for index in (0..<shape[0]).reversed() { try stack.append(try row(index)) }
    return try stack.tensor()
  }
}
