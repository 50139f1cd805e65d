import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Arithmetic of a blocked value and another one: f(UnblockChannels(x), y) → UnblockChannels(f(x, y in blocks)). The other operand is
  /// blocked as well, a number for each channel, one number, a map that all channels share, or a constant.
  static let sinkReorderThroughBinary = Rewrite(
    "sink-reorder-through-binary", changes: .exact, inner: .mayStay,
    pattern: .anyOf(both + left + right),
    when: [
      .isFloat32,
      Clause("Both operands must have one shape, or one of them must be broadcast along channels or to all of them.") { match in
        if match["y"] == nil { return operand(match) != nil }
        return match.shape("y") == match.shape("x") && match.channels(of: "y") == match.channels(of: "x")
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let channels = match.channels(of: "x") else { throw .bug("A checked node is gone.") }
    let x = try match.required("x")
    var operands = [x]
    if let y = match["y"] {
      operands.append(y)
    } else {
      let v = try match.required("v")
      guard let form = operand(match), let other = try form.value(v, in: &patch) else { throw .bug("A checked operand is gone.") }
      operands = node.inputs.first == v ? [other, x] : [x, other]
    }
    return patch.unblock(patch.node(node.op, operands, node.attributes, like: node), channels: channels)
  }

  private static let binary = ["Add", "Sub", "Mul", "Max", "Min"]
  private static let both = binary.map { Expression.op($0, .unblocked("x"), .unblocked("y"), named: "node") }
  private static let left = (binary + ["Div", "PRelu"]).map { Expression.op($0, .unblocked("x"), .value("v"), named: "node") }
  private static let right = binary.map { Expression.op($0, .value("v"), .unblocked("x"), named: "node") }

  /// How an operand that is not blocked meets a blocked one.
  private enum Operand {
    /// One number, as it is.
    case number
    /// [batch or 1, 1, spatial…], the same for all channels.
    case map
    /// A number for each channel under this plain shape, or a constant of the plain rank.
    case channels(shape: [Int]?)

    func value(_ v: ValueID, in patch: inout Patch) throws(OnyxError) -> ValueID? {
      switch self {
      case .number: return v
      case .map: return patch.node("Unsqueeze", [v, patch.constant(try Tensor([-1]))])
      case .channels(nil): return patch.block(v)
      case .channels(let shape?): return patch.block(patch.node("Reshape", [v, patch.constant(try Tensor(shape))]))
      }
    }
  }

  /// nil for an operand that does not meet blocks, or that may make lanes past the last channel infinite.
  private static func operand(_ match: Match) -> Operand? {
    guard let channels = match.channels(of: "x"), let x = match.shape("x"), let v = match.shape("v"), x.count >= 4 else { return nil }
    let (rank, constant, op) = (x.count - 1, match.constant("v"), match.node("node")?.op.name)
    guard v.count <= rank, match.result?.shape?.count == rank else { return nil }
    let fillsBlocks = channels % ChannelBlocks.size == 0
    if v.allSatisfy({ $0 == 1 }) {
      guard let constant else { return fillsBlocks && op != "Div" ? .number : nil }
      let number = (try? constant.doubles())?.first ?? .nan
      return number.isFinite && (op != "Div" || number != 0) ? .number : nil
    }
    // Lanes past the last channel would be divided by 0.
    if op == "Div" { return nil }
    if match.isChannelVector("v", channels: channels, rank: rank) { return .channels(shape: nil) }
    if v.count == rank - 1, v[0] == Dimension(channels), v[1...].allSatisfy({ $0 == 1 }) {
      return .channels(shape: [1, channels] + v[1...].map { _ in 1 })
    }
    guard v.count == rank, zip(v[2...], x[2...]).allSatisfy({ $0 == 1 || $0 == $1 }), v[0] == 1 || v[0] == x[0] else { return nil }
    if v[1] == 1, fillsBlocks { return .map }
    return v[1] == Dimension(channels) && constant != nil ? .channels(shape: nil) : nil
  }
}
