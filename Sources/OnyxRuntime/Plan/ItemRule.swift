import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// How an operator treats its inputs where the first axis counts items, as images of a batch: which of them hold items, when each item
/// of a result is computed from the items of the same place alone.
struct ItemRule {
  /// The inputs that may hold items; nil stands for all of them. The others are constants, the same for every item.
  let inputs: Set<Int>?
  /// Whether inputs broadcast: one with fewer axes, or with an extent of 1 in the first, is the same for every item.
  let broadcasts: Bool
  /// Rows of a matrix that all items are together; 0 where the kernel gains nothing by more of them.
  let rows: Int

  private init(_ inputs: Set<Int>?, broadcasts: Bool = false, rows: Int = 0) {
    (self.inputs, self.broadcasts, self.rows) = (inputs, broadcasts, rows)
  }

  private static let every = ItemRule(nil)
  private static let first = ItemRule([0])

  /// nil when items are mixed, or when nothing is known of it.
  static func rule(_ op: any Operator, inputs types: [TensorType?], outputs: [TensorType?]) -> ItemRule? {
    guard let rank = types.first??.shape.rank, rank > 0 else { return nil }
    func keeps(_ axis: Int) -> Bool { axis > 0 || axis < 0 && axis + rank > 0 }
    switch op {
    case is BlockedConv: return ItemRule([0, 3, 4])
    case is AttentionBlock: return ItemRule([0, AttentionBlock.Input.z.rawValue])
    case is Conv, is FusedConv, is ChannelsLastConv, is ConvTranspose: return ItemRule([0, 3])
    case is BlockedPool, is GlobalPool, is AveragePool, is LpPool, is BlockChannels, is UnblockChannels, is GroupNormalization,
      is BlockedGroupNormalization, is DepthToSpace, is SpaceToDepth, is UnaryMath, is UnaryNumeric, is Gelu, is Shrink, is Cast:
      return first
    // The second output of MaxPool numbers the elements of all images.
    case is MaxPool: return outputs.count == 1 ? first : nil
    case is GatherChannels: return every
    case let op as Transpose: return op.permutation?.first == 0 ? first : nil
    case let op as Concat: return keeps(op.axis) ? every : nil
    case let op as Split: return keeps(op.axis) ? first : nil
    case let op as Gather: return keeps(op.axis) ? first : nil
    case let op as AxisNormalizer: return keeps(op.axis) ? first : nil
    case let op as LayerNormalization: return keeps(op.axis) && outputs.count == 1 ? first : nil
    case let op as RMSNormalization: return keeps(op.axis) && outputs.count == 1 ? first : nil
    case let op as BatchNormalization: return op.isTraining ? nil : first
    // With its axes kept, a reduction along the first one leaves an extent of 1, which no more than one item has.
    case let op as Reduction: return op.keepsAxes ? first : nil
    case is MatMul, is FusedMatMul: return product(types)
    case let op as OnyxOperators.Gemm: return op.transposesA ? nil : product(types)
    case let op as FusedGemm: return op.gemm.transposesA ? nil : product(types)
    case let op as OnyxOperators.FusedAttention: return attention(op)
    case is Arithmetic, is Clip, is Comparison, is Logic, is Not, is Pow, is Where, is PRelu: return ItemRule(nil, broadcasts: true)
    default: return nil
    }
  }

  /// Rows by a matrix that is the same for all, or a product of matrices for each item.
  private static func product(_ types: [TensorType?]) -> ItemRule? {
    guard types.count > 1, let a = types[0]?.shape, let b = types[1]?.shape, a.rank > 1 else { return nil }
    if b.rank == 2 { return ItemRule([0, 3], rows: a.dimensions.dropLast().reduce(1, &*)) }
    return b.rank == a.rank && a.rank > 2 && a[0] == b[0] && types.count == 2 ? every : nil
  }

  private static func attention(_ op: OnyxOperators.FusedAttention) -> ItemRule? {
    let axes = op.inputAxes.prefix(3) + [op.outputAxes]
    for axes in axes {
      guard case .named("b")? = axes.first else { return nil }
    }
    return ItemRule([0, 1, 2])
  }

  /// Whether an input of this shape goes with a result of the shape `result`.
  func admits(_ input: Int, _ shape: Shape, isConstant: Bool, result: Shape, items: Int) -> Bool {
    let holdsItems = shape.rank > 0 && shape[0] % items == 0
    if broadcasts {
      if isConstant { return shape.rank < result.rank || shape.rank == result.rank && shape[0] == 1 }
      return holdsItems && shape.rank == result.rank && shape[0] == result[0]
    }
    guard inputs?.contains(input) ?? true else { return isConstant }
    return !isConstant && holdsItems
  }
}
