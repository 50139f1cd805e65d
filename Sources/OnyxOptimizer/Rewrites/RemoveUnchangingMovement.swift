import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// A node that only moves elements and provably leaves each where it is goes: Reshape to the same shape, Transpose in the
  /// same order, Pad by nothing, Slice of everything, Concat and Sum of one.
  static let removeUnchangingMovement = Rewrite(
    "remove-unchanging-movement", changes: .exact,
    roots: [
      "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Transpose", "Pad", "Slice", "Concat", "Split", "Sum", "Max", "Min",
      "Mean",
    ]
  ) { site in
    guard site.changesNothing, case let input?? = site.node.inputs.first, case let output?? = site.node.outputs.first else {
      return .noMatch
    }
    var patch = Patch(for: site)
    patch.remove([site.index])
    patch.shunt(output, to: input)
    return .patch(patch)
  }
}

extension Site {
  fileprivate var changesNothing: Bool {
    switch node.op.name {
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile": keepsShape
    case "Transpose": node.ints("perm").map { $0 == Array($0.indices) } ?? (rank.map { $0 < 2 } ?? false)
    case "Pad": keepsShape && constantInput(1)?.isFilled(with: 0) ?? false
    // Every extent is whole and every step 1, so every start is 0.
    case "Slice": keepsShape && (node.operand(4) == nil || constantInput(4)?.isFilled(with: 1) ?? false)
    case "Split": node.outputs.count == 1 && keepsShape
    default: node.inputs.count == 1
    }
  }

  private var rank: Int? { node.operand(0).flatMap { workspace.inferred($0)?.shape?.count } }
  private func constantInput(_ index: Int) -> Tensor? { node.operand(index).flatMap { workspace.constant($0) } }

  private var keepsShape: Bool {
    guard let input = node.operand(0), case let output?? = node.outputs.first else { return false }
    guard let before = workspace.inferred(input)?.shape, let after = workspace.inferred(output)?.shape else { return false }
    return before == after
  }
}
