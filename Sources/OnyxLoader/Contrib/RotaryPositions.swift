import OnyxGraph
import OnyxOperators
import OnyxTensor

/// RotaryEmbedding with positions in second place, and with one first position for all sequences.
enum RotaryPositions {
  static func apply(_ t: inout Translation) throws(OnyxError) {
    let (x, positions, cosines) = (try t.input(0), try t.input(1), try t.input(2))
    var attributes = t.taken("interleaved", "rotary_embedding_dim")
    // Neither changes a result: rows that are packed are rotated as others are, and runtimes pass over the scale.
    _ = t.taken("is_packed_batching", "scale")
    var heads = try t.attributes.int("num_heads", default: 0)
    let rank = try t.rank(of: x)
    if rank == 3, heads == 0 {
      guard let features = t.shape(of: x)?[2].known, let half = t.shape(of: cosines)?.last?.known, (1...1 << 32).contains(half),
        features % (2 * half) == 0
      else {
        throw .unsupported(
          "The number of heads of \(t.node.op) is not known.", remedy: "Export the model with the attribute 'num_heads'.")
      }
      heads = features / (2 * half)
    }
    if rank == 3 { attributes["num_heads"] = .int(Int64(heads)) }
    let ids = try t.rank(of: positions) == 1 ? rows(from: positions, x, sequenceAxis: rank == 3 ? 1 : 2, &t) : positions
    try t.result("RotaryEmbedding", [x, cosines, t.input(3), ids], attributes)
  }

  /// first, first + 1, … for each sequence: [batch, sequence].
  private static func rows(from first: ValueID, _ x: ValueID, sequenceAxis: Int, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let axis = Int64(sequenceAxis)
    let batch = try t.value("Shape", [x], "batch", ["start": .int(0), "end": .int(1)])
    let length = try t.value("Shape", [x], "length", ["start": .int(axis), "end": .int(axis + 1)])
    let count = try t.value("Squeeze", [length], "count")
    let steps = try t.value(
      "Range", [t.constant(try Tensor(scalar: Int64(0)), "zero"), count, t.constant(try Tensor(scalar: Int64(1)), "one")], "steps")
    let row = try t.value("Add", [steps, first], "row")
    let shape = try t.value("Concat", [batch, length], "shape", ["axis": .int(0)])
    return try t.value("Expand", [row, shape], "positions")
  }
}
