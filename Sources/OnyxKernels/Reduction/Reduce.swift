import CKernels
import OnyxThreads

/// Reductions over any set of axes of a row-major float32 tensor.
///
/// The order of every sum depends on the shape and the axes only: long runs and long columns are cut into pieces of
/// fixed length whose results are joined in order.
///
/// SAFETY: `x` holds the product of `shape` floats and `y` the product of the kept axes; offsets are sums of
/// index times stride within the shape.
package enum Reduce {
  package enum Kind: Sendable, Hashable, CaseIterable {
    case sum, mean, sumAbs, sumSquare, l2, product, max, min, logSum, logSumExp

    /// The C fold of elements, and the one that joins partial results.
    var fold: Int {
      switch self {
      case .sum, .mean, .logSum, .logSumExp: Int(ONYX_REDUCE_SUM)
      case .sumAbs: Int(ONYX_REDUCE_SUM_ABS)
      case .sumSquare, .l2: Int(ONYX_REDUCE_SUM_SQUARE)
      case .product: Int(ONYX_REDUCE_PRODUCT)
      case .max: Int(ONYX_REDUCE_MAX)
      case .min: Int(ONYX_REDUCE_MIN)
      }
    }

    var join: Int {
      switch self {
      case .product, .max, .min: fold
      default: Int(ONYX_REDUCE_SUM)
      }
    }

    /// The reduction that joins partial results.
    var joining: Kind {
      switch self {
      case .product, .max, .min: self
      default: .sum
      }
    }

    var identity: Float {
      switch self {
      case .product: 1
      case .max: -.infinity
      case .min: .infinity
      default: 0
      }
    }
  }

  /// `y` = the reduction of `x` over the axes where `reduced` is true; kept axes stay in order. An empty reduction
  /// gives the identity (before the mean, root or logarithm).
  package static func run(
    _ kind: Kind, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, shape: [Int], reduced: [Bool],
    isa: ISA, pool: ThreadPool
  ) {
    let loops = ReduceLoops(shape: shape, reduced: reduced)
    guard loops.keptCount > 0 else { return }
    let reduction = unsafe Reduction(kind: kind, loops: loops, x: x, y: y, isa: isa, pool: pool)
    if kind == .logSumExp {
      reduction.runLogSumExp()
      return
    }
    fold(reduction, shape: shape, reduced: reduced)
    reduction.finish()
  }

  /// The folded values, before the last step.
  private static func fold(_ reduction: Reduction, shape: [Int], reduced: [Bool]) {
    let loops = reduction.loops
    if loops.isOfBlocks {
      reduction.runBlocks()
    } else if loops.innerIsKept {
      reduction.runColumns()
    } else if loops.keptCount == 1 && loops.reduced.count == 1 {
      reduction.runWhole()
    } else if !loops.hasShortLines {
      reduction.runRuns()
    } else if loops.reduced.count == 1 {
      unsafe reduction.runLines(into: reduction.y, count: loops.keptCount)
    } else {
      // The lines first, then what they gave over the axes before them.
      let last = shape.indices.last { !reduced[$0] && shape[$0] != 1 } ?? -1
      let count = loops.keptCount * loops.reducedCount / (loops.reduced.last?.count ?? 1)
      unsafe reduction.pool.workspace.withFloats(count) { partial in
        unsafe reduction.runLines(into: partial, count: count)
        let outer = unsafe Reduction(
          kind: reduction.kind.joining, loops: ReduceLoops(shape: Array(shape[...last]), reduced: Array(reduced[...last])), x: partial,
          y: reduction.y, isa: reduction.isa, pool: reduction.pool)
        fold(outer, shape: Array(shape[...last]), reduced: Array(reduced[...last]))
      }
    }
  }
}

/// Axes of a reduction with neighbours of one kind merged and axes of one element dropped.
struct ReduceLoops {
  struct Axis {
    var count, stride: Int
  }

  private(set) var kept: [Axis] = []
  private(set) var reduced: [Axis] = []
  /// Whether the innermost axis is kept.
  private(set) var innerIsKept = false

  init(shape: [Int], reduced flags: [Bool]) {
    var stride = shape.reduce(1, *)
    var lastKept: Bool?
    for (count, isReduced) in zip(shape, flags) {
      stride /= max(count, 1)
      if count == 1 { continue }
      let axis = Axis(count: count, stride: stride)
      let list = isReduced ? \ReduceLoops.reduced : \ReduceLoops.kept
      if lastKept == !isReduced, let last = self[keyPath: list].last {
        self[keyPath: list][self[keyPath: list].count - 1] = Axis(count: last.count * count, stride: stride)
      } else {
        self[keyPath: list].append(axis)
      }
      lastKept = !isReduced
    }
    innerIsKept = lastKept ?? false
  }

  /// Whether the kept lanes of channel blocks are reduced over pixels.
  var isOfBlocks: Bool { innerIsKept && kept.last?.count == Int(ONYX_BLOCK) && !reduced.isEmpty }

  /// Whether the innermost axis is reduced, and so short that many lines are folded at once.
  var hasShortLines: Bool { reduced.last.map { !innerIsKept && $0.count > 0 && $0.count <= 256 } ?? false }

  var keptCount: Int { kept.reduce(1) { $0 * $1.count } }
  var reducedCount: Int { reduced.reduce(1) { $0 * $1.count } }

  /// Offset of a row-major index over some axes.
  static func offset(_ index: Int, _ axes: some BidirectionalCollection<Axis>) -> Int {
    var rest = index
    var offset = 0
    for axis in axes.reversed() {
      offset += rest % axis.count * axis.stride
      rest /= axis.count
    }
    return offset
  }
}
