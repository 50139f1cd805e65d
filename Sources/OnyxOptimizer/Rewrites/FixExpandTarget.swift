import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// The computed shape input of an Expand becomes a constant: 1 keeps an axis of the input as it is.
  static let fixExpandTarget = Rewrite(
    "fix-expand-target", changes: .exact, inner: .mayStay,
    pattern: .op("Expand", .value("x"), .value("shape")),
    when: [
      Clause("The shape input must be computed.") { $0.constant("shape") == nil },
      Clause("The shape must be known up to axes of the input.") { expandSizes($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let sizes = expandSizes(match) else { throw .bug("A checked shape is gone.") }
    return patch.node("Expand", [try match.required("x"), patch.constant(try Tensor(sizes))])
  }

  private static func expandSizes(_ match: Match) -> [Int]? {
    guard let input = match.shape("x"), let output = match.result?.shape, input.count <= output.count else { return nil }
    let padded = [Dimension](repeating: 1, count: output.count - input.count) + input
    var sizes: [Int] = []
    for (before, after) in zip(padded, output) {
      if let known = after.known { sizes.append(known) } else if before == after { sizes.append(1) } else { return nil }
    }
    return sizes
  }
}
