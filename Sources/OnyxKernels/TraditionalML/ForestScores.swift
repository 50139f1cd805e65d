import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The aggregated votes of a forest for samples: sixteen samples at once walk down each tree, or one sample down sixteen trees when there
/// are few samples. Votes are added sample by sample in the order of the trees, so the sums do not depend on how samples are shared out.
///
/// SAFETY: samples have `width` features, at least those that the table reads, which the row checks; nodes lead to nodes only.
struct ForestScores<Value: ForestValue>: Sendable {
  let forest: PackedForest<Value>
  let aggregation: TreeAggregation
  /// Added to each target at the end; empty for 0.
  let base: [Value]
  private let row: onyx_forest_row

  var targets: Int { forest.table.targets }
  private var lanes: Int { Int(ONYX_FOREST_LANES) }

  init(_ forest: PackedForest<Value>, _ aggregation: TreeAggregation, base: [Double], _ row: onyx_forest_row) {
    self.forest = forest
    self.aggregation = aggregation
    self.base = base.map { Value($0) }
    self.row = row
  }

  /// Groups of sixteen samples that are walked tree by tree: their features stay in the nearest cache beside a tree.
  var groupsOfBlock: Int {
    let bytes = lanes * MemoryLayout<Value>.stride * (forest.features.count + targets)
    return min(max(1, (24 << 10) / bytes), 32)
  }

  /// Bytes of a block: features and scores.
  var scratchByteCount: Int {
    (groupsOfBlock * lanes * (forest.features.count + targets) + lanes) * MemoryLayout<Value>.stride
  }

  /// The scores of the samples `range` of `x`, in `scratch` of `scratchByteCount` bytes; at most a block. The scores, `targets` for each
  /// sample, are the result.
  func block<Input: ForestInput>(
    _ range: Range<Int>, of x: UnsafePointer<Input>, width: Int, _ scratch: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<Value> where Input.Value == Value {
    let count = range.count
    let groups = (count + lanes - 1) / lanes
    let columns = forest.features.count
    let features = unsafe scratch.assumingMemoryBound(to: Value.self)
    let scores = unsafe features + groups * lanes * columns
    for group in 0..<groups {
      for lane in 0..<lanes {
        let sample = min(range.lowerBound + group * lanes + lane, range.upperBound - 1)
        let (from, to) = unsafe (x + sample * width, features + group * lanes * columns + lane)
        for (column, feature) in forest.features.enumerated() { unsafe to[column * lanes] = from[Int(feature)].value }
      }
    }
    unsafe scores.update(repeating: start, count: groups * lanes * targets)
    let walk = unsafe Walks(forest, Value.sampleWalks(row))
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes) { places in
      guard let places = places.baseAddress else { return }
      for (tree, root) in forest.roots.enumerated() {
        for group in 0..<groups {
          unsafe places.update(repeating: root, count: lanes)
          unsafe walk(features + group * lanes * columns, places, forest.levels[tree])
          unsafe vote(places, scores + group * lanes * targets, lanes, scoreStride: targets)
        }
      }
    }
    unsafe finish(scores, count: count)
    return unsafe scores
  }

  /// The scores of one sample whose features `x` lie in the order of the forest's, from the trees that `pool` shares out; `places` has
  /// room for all trees, rounded up to sixteen.
  func single(
    _ x: UnsafePointer<Value>, _ places: UnsafeMutablePointer<UInt32>, into scores: UnsafeMutablePointer<Value>, _ pool: ThreadPool
  ) {
    let trees = forest.roots.count
    let walk = unsafe Walks(forest, Value.treeWalks(row))
    pool.parallelFor(count: forest.groupLevels.count, grain: 64) { range in
      for group in range {
        for lane in 0..<lanes { unsafe places[group * lanes + lane] = forest.roots[min(group * lanes + lane, trees - 1)] }
        unsafe walk(x, places + group * lanes, forest.groupLevels[group])
      }
    }
    unsafe scores.update(repeating: start, count: targets)
    // Of work that was ended not every place is one of a leaf.
    if WorkLimits.isOver { return }
    unsafe vote(places, scores, trees, scoreStride: 0)
    unsafe finish(scores, count: 1)
  }

  private var start: Value { aggregation == .sum || aggregation == .average ? 0 : .nan }

  /// Adds the votes of the leaves at `count` places, each to the scores `scoreStride` behind those of the one before.
  private func vote(
    _ places: UnsafePointer<UInt32>, _ scores: UnsafeMutablePointer<Value>, _ count: Int, scoreStride: Int
  ) {
    switch forest.votes {
    case .single(let target, let weights):
      unsafe weights.withUnsafeBufferPointer { weights in
        for index in 0..<count { unsafe scores[index * scoreStride + target] += weights[Int(places[index])] }
      }
    case .dense(let weights):
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe forest.leaves.withUnsafeBufferPointer { leaves in
          for index in 0..<count {
            let from = unsafe Int(leaves[Int(places[index])]) * targets
            for target in 0..<targets { unsafe scores[index * scoreStride + target] += weights[from + target] }
          }
        }
      }
    case .sparse(let weights):
      let table = forest.table
      for index in 0..<count {
        let leaf = unsafe Int(forest.leaves[Int(places[index])])
        for place in Int(table.voteStarts[leaf])..<Int(table.voteStarts[leaf + 1]) {
          unsafe combine(&scores[index * scoreStride + Int(table.votes[place].target)], weights[place])
        }
      }
    }
  }

  private func combine(_ score: inout Value, _ weight: Value) {
    switch aggregation {
    case .sum, .average: score += weight
    case .min: if !(score <= weight) { score = weight }
    case .max: if !(score >= weight) { score = weight }
    }
  }

  private func finish(_ scores: UnsafeMutablePointer<Value>, count: Int) {
    switch aggregation {
    case .sum: break
    case .average: for index in 0..<count * targets { unsafe scores[index] /= Value(forest.roots.count) }
    case .min, .max: for index in 0..<count * targets where unsafe scores[index].isNaN { unsafe scores[index] = 0 }
    }
    guard !base.isEmpty else { return }
    for index in 0..<count { for target in 0..<targets { unsafe scores[index * targets + target] += base[target] } }
  }

  /// The walk of the forest's kind of nodes.
  ///
  /// SAFETY: holds functions of the kernels, which keep to the nodes of the forest.
  @safe private struct Walks {
    let forest: PackedForest<Value>
    let branch: Value.Walk<Value.Branch>
    let rule: Value.Walk<Value.Rule>
    let isPlain: Bool

    init(_ forest: PackedForest<Value>, _ walks: (Value.Walk<Value.Branch>, Value.Walk<Value.Rule>)) {
      self.forest = forest
      unsafe (branch, rule) = unsafe walks
      isPlain = !forest.branches.isEmpty
    }

    func callAsFunction(_ x: UnsafePointer<Value>, _ places: UnsafeMutablePointer<UInt32>, _ levels: Int64) {
      if isPlain {
        unsafe forest.branches.withUnsafeBufferPointer { nodes in
          if let nodes = nodes.baseAddress { unsafe branch(nodes, x, places, levels) }
        }
      } else {
        unsafe forest.rules.withUnsafeBufferPointer { nodes in
          if let nodes = nodes.baseAddress { unsafe rule(nodes, x, places, levels) }
        }
      }
    }
  }
}

/// An element type of samples, compared as `Value`.
protocol ForestInput: BitwiseCopyable, Sendable {
  associatedtype Value: ForestValue
  var value: Value { get }
}

extension Float: ForestInput { var value: Float { self } }
extension Double: ForestInput { var value: Double { self } }
extension Float16: ForestInput { var value: Double { Double(self) } }
extension Int32: ForestInput { var value: Double { Double(self) } }
extension Int64: ForestInput { var value: Double { Double(self) } }
