import CKernels
import OnyxOperators

/// A node of a packed forest: its children are `child` and, when the comparison with the threshold holds, `child + 1`. A leaf has itself
/// as child and takes neither.
///
/// SAFETY: what is unsafe here reads functions out of the constant rows of CKernels.
struct ForestNode<Value: ForestValue> {
  var threshold: Value
  var feature: UInt32
  var child: UInt32
  var taken: Taken

  /// What holds the comparison: the bits of `onyx_forest_rule_f32`.
  struct Taken: OptionSet {
    let rawValue: UInt32

    static var equal: Taken { Taken(rawValue: 1) }
    static var greater: Taken { Taken(rawValue: 2) }
    static var less: Taken { Taken(rawValue: 4) }
    static var missing: Taken { Taken(rawValue: 8) }
  }

  /// The leaf at `place`.
  static func leaf(at place: Int) -> ForestNode { ForestNode(threshold: .nan, feature: 0, child: UInt32(place), taken: []) }

  /// A branch that compares numbers of `Value` with a threshold in `Double` as `Double` would: where the threshold lies between two
  /// numbers, the one below or above it says the same.
  init(_ mode: TreeTable.Mode, missingIsTrue: Bool, _ threshold: Double, feature: Int32) {
    let (below, above) = (Value.below(threshold), Value.above(threshold))
    var taken: Taken
    (self.threshold, taken) =
      switch mode {
      case .lessOrEqual: (below, [.less, .equal])
      case .less: (above, .less)
      case .greaterOrEqual: (above, [.greater, .equal])
      case .greater: (below, .greater)
      case .equal, .member: (below, below == above ? .equal : [])
      case .notEqual: (below, below == above ? [.less, .greater] : [.less, .equal, .greater])
      }
    if threshold.isNaN { (self.threshold, taken) = (0, mode == .notEqual ? [.less, .equal, .greater] : []) }
    if missingIsTrue { taken.insert(.missing) }
    self.taken = taken
    self.feature = UInt32(feature)
    child = 0
  }

  private init(threshold: Value, feature: UInt32, child: UInt32, taken: Taken) {
    (self.threshold, self.feature, self.child, self.taken) = (threshold, feature, child, taken)
  }

  /// The threshold of the comparison x <= threshold that says the same and fails for NaN; nil when there is none.
  var upperBound: Value? {
    switch taken {
    case []: .nan
    case [.less, .equal]: threshold
    case .less: threshold > -.infinity ? threshold.nextDown : .nan
    default: nil
    }
  }
}

/// float32 or float64: what samples are compared and votes are added in.
protocol ForestValue: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  associatedtype Branch: BitwiseCopyable
  associatedtype Rule: BitwiseCopyable
  typealias Walk<Node> = (UnsafePointer<Node>, UnsafePointer<Self>, UnsafeMutablePointer<UInt32>, Int64) -> Void

  static func branch(_ node: ForestNode<Self>) -> Branch
  static func rule(_ node: ForestNode<Self>) -> Rule
  static func sampleWalks(_ row: onyx_forest_row) -> (Walk<Branch>, Walk<Rule>)
  static func treeWalks(_ row: onyx_forest_row) -> (Walk<Branch>, Walk<Rule>)
}

extension ForestValue {
  /// The largest number that is not above `x`.
  static func below(_ x: Double) -> Self {
    let near = Self(x)
    return Double(near) > x ? near.nextDown : near
  }

  /// The smallest number that is not below `x`.
  static func above(_ x: Double) -> Self {
    let near = Self(x)
    return Double(near) < x ? near.nextUp : near
  }
}

extension Float: ForestValue {
  static func branch(_ node: ForestNode<Float>) -> onyx_forest_branch_f32 {
    onyx_forest_branch_f32(threshold: node.upperBound ?? .nan, feature: node.feature, child: node.child)
  }
  static func rule(_ node: ForestNode<Float>) -> onyx_forest_rule_f32 {
    onyx_forest_rule_f32(threshold: node.threshold, feature: node.feature, child: node.child, taken: node.taken.rawValue)
  }
  static func sampleWalks(_ row: onyx_forest_row) -> (Walk<onyx_forest_branch_f32>, Walk<onyx_forest_rule_f32>) {
    unsafe (row.samples_branch_f32, row.samples_rule_f32)
  }
  static func treeWalks(_ row: onyx_forest_row) -> (Walk<onyx_forest_branch_f32>, Walk<onyx_forest_rule_f32>) {
    unsafe (row.trees_branch_f32, row.trees_rule_f32)
  }
}

extension Double: ForestValue {
  static func branch(_ node: ForestNode<Double>) -> onyx_forest_branch_f64 {
    onyx_forest_branch_f64(threshold: node.upperBound ?? .nan, feature: node.feature, child: node.child)
  }
  static func rule(_ node: ForestNode<Double>) -> onyx_forest_rule_f64 {
    onyx_forest_rule_f64(threshold: node.threshold, feature: node.feature, child: node.child, taken: node.taken.rawValue)
  }
  static func sampleWalks(_ row: onyx_forest_row) -> (Walk<onyx_forest_branch_f64>, Walk<onyx_forest_rule_f64>) {
    unsafe (row.samples_branch_f64, row.samples_rule_f64)
  }
  static func treeWalks(_ row: onyx_forest_row) -> (Walk<onyx_forest_branch_f64>, Walk<onyx_forest_rule_f64>) {
    unsafe (row.trees_branch_f64, row.trees_rule_f64)
  }
}
