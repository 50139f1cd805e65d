import OnyxGraph
import OnyxTensor

/// The masks of ONNX Runtime's attention operators as what the standard Attention adds to its scores.
///
/// A hidden key gets `mask_filter_value`, which is finite: a query that may see no key attends to all of them equally.
struct AttentionMask {
  /// int32: raw masks [batch, keys] and [batch, queries, keys] with 0 for hidden keys, or ends [batch], or ends and then
  /// starts [2 · batch] of the visible keys.
  let indices: ValueID?
  /// Added to the scores as it is.
  let bias: ValueID?
  /// mask_filter_value
  let fill: Float

  /// The mask, which broadcasts to [batch, heads, queries, keys]; nil when nothing is hidden or added. `batch` is the number of sequences,
  /// `keys` the number of keys as an int64 vector of one element, `like` a value of the element type of the scores.
  func value(batch: Dimension?, keys: ValueID, like: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID? {
    guard let indices else { return bias }
    let rank = try t.rank(of: indices)
    let zero = try t.scalar(0, like: like, "shown")
    let hidden = try t.scalar(fill, like: like, "hidden")
    var filter: ValueID
    switch rank {
    case 1:
      filter = try t.value("Where", [outside(indices, batch: batch, keys: keys, &t), hidden, zero], "key_filter")
    case 2, 3:
      let visible = try t.value("Greater", [indices, t.constant(try Tensor(scalar: Int32(0)), "zero")], "visible")
      filter = try t.value("Where", [visible, zero, hidden], "key_filter")
    default: throw .unsupported("A mask of rank \(rank) of \(t.node.op) is not supported.")
    }
    filter = try t.value("Unsqueeze", [filter, t.constant(rank == 3 ? [1] : [1, 2], "mask_axes")], "mask")
    return try bias.map { (bias) throws(OnyxError) in try t.value("Add", [filter, bias], "bias") } ?? filter
  }

  /// What a mask of one axis holds for each sequence.
  private enum Limits { case ends, endsAndStarts, unknown }

  /// Whether each key [batch, keys] stands before the start or behind the end of its sequence.
  private func outside(_ indices: ValueID, batch: Dimension?, keys: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let limits = try limits(t.shape(of: indices)?[0], batch: batch, t)
    let wide = try t.value("Cast", [indices], "limits", ["to": .int(Int64(ElementType.int64.rawValue))])
    let column = try t.constant([1], "column")
    let count = try t.value("Squeeze", [keys], "key_count")
    let positions = try t.value(
      "Range", [t.constant(try Tensor(scalar: Int64(0)), "first_key"), count, t.constant(try Tensor(scalar: Int64(1)), "step")], "keys")
    if limits == .ends { return try t.value("GreaterOrEqual", [positions, t.value("Unsqueeze", [wide, column], "ends")], "outside") }
    let both = try limits == .endsAndStarts ? wide : withStarts(wide, &t)
    let halves = try t.values("Split", [both], count: 2, "limit", ["axis": .int(0), "num_outputs": .int(2)])
    let behind = try t.value("GreaterOrEqual", [positions, t.value("Unsqueeze", [halves[0], column], "ends")], "behind")
    let before = try t.value("Less", [positions, t.value("Unsqueeze", [halves[1], column], "starts")], "before")
    return try t.value("Or", [behind, before], "outside")
  }

  /// Ends and starts, where only the run will know whether there are starts: missing ones are 0.
  private func withStarts(_ limits: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let batch = try t.value("Shape", [t.input(0)], "batch", ["start": .int(0), "end": .int(1)])
    let zeros = try t.value("ConstantOfShape", [batch], "no_starts", ["value": .tensor(try Tensor([0]))])
    let padded = try t.value("Concat", [limits, zeros], "padded_limits", ["axis": .int(0)])
    let end = try t.value("Add", [batch, batch], "limit_count")
    return try t.value("Slice", [padded, t.constant([0], "first_limit"), end], "all_limits")
  }

  private func limits(_ count: Dimension?, batch: Dimension?, _ t: Translation) throws(OnyxError) -> Limits {
    guard let count, let batch else { return .unknown }
    if count == batch { return .ends }
    if try count == batch * 2 { return .endsAndStarts }
    guard try count != batch * 3 + 2 else {
      throw .unsupported("A mask of cumulated sequence lengths of \(t.node.op) is not supported.")
    }
    guard count.known == nil || batch.known == nil else {
      throw .invalid("A mask of shape [\(count)] does not fit \(batch) sequences.")
    }
    return .unknown
  }
}
