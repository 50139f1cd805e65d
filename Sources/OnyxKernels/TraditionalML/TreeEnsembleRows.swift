import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Ensembles of decision trees, for every type of features.
///
/// SAFETY: see `KernelCall`; the samples have the features that the trees read.
enum TreeEnsembleRows {
  static let all = [ensemble, classifier, regressor]

  private static let domain = "ai.onnx.ml"
  private static let features: ServedElements = .input(0, [.float32, .float64, .float16, .int32, .int64])

  private static let ensemble = KernelRow("tree_ensemble", ["TreeEnsemble"], domain: domain, features) {
    (op: TreeEnsemble, query) throws(OnyxError) in
    guard let type = query.outputs[0]?.elementType else { return .declined("the output is missing") }
    let results = ScoreResults(kind: .scores(type), transform: op.transform, targets: op.trees.targets)
    return try prepare(query, op.trees, op.aggregation, base: [], results)
  }

  private static let regressor = KernelRow("tree_ensemble_regressor", ["TreeEnsembleRegressor"], domain: domain, features) {
    (op: TreeEnsembleRegressor, query) throws(OnyxError) in
    let results = ScoreResults(kind: .scores(.float32), transform: op.transform, targets: op.trees.targets)
    return try prepare(query, op.trees, op.aggregation, base: op.base, results)
  }

  private static let classifier = KernelRow("tree_ensemble_classifier", ["TreeEnsembleClassifier"], domain: domain, features) {
    (op: TreeEnsembleClassifier, query) throws(OnyxError) in
    guard case .ints(let labels) = op.labels else { return .declined("the labels are strings") }
    guard query.outputs[0] != nil else { return .declined("the output is missing") }
    let single = op.single.map {
      ScoreResults.SingleScore(place: $0.votedClass, threshold: $0.threshold, isComplement: $0.isProbability)
    }
    let kind = ScoreResults.Kind.classes(labels: labels.map { Int64($0) }, single: single)
    let results = ScoreResults(kind: kind, transform: op.transform, targets: op.trees.targets)
    return try prepare(query, op.trees, .sum, base: op.base, results)
  }

  private static func prepare(
    _ query: KernelQuery, _ table: TreeTable, _ aggregation: TreeAggregation, base: [Double], _ results: ScoreResults
  ) throws(OnyxError) -> Preparation {
    switch query.input(0)?.elementType {
    case .float32: try prepare(query, table, aggregation, base, results, of: Float.self)
    case .float64: try prepare(query, table, aggregation, base, results, of: Double.self)
    case .float16: try prepare(query, table, aggregation, base, results, of: Float16.self)
    case .int32: try prepare(query, table, aggregation, base, results, of: Int32.self)
    default: try prepare(query, table, aggregation, base, results, of: Int64.self)
    }
  }

  /// Samples fewer than this are walked one by one, down sixteen trees at once.
  private static let fewSamples = 8

  private static func prepare<Input: ForestInput>(
    _ query: KernelQuery, _ table: TreeTable, _ aggregation: TreeAggregation, _ base: [Double], _ results: ScoreResults,
    of input: Input.Type
  ) throws(OnyxError) -> Preparation {
    guard let shape = query.input(0)?.shape, shape.rank == 1 || shape.rank == 2 else { return .declined("the input is no matrix") }
    let (samples, width) = (shape.rank == 1 ? 1 : shape[0], shape[shape.rank - 1])
    guard width >= table.leastFeatures, width > 0 else { return .declined("a sample has too few features") }
    guard table.targets <= 1 << 24 else { return .declined("it has too many targets") }
    let forest = try query.packed("forest/\(Input.Value.self)") { (_) throws(OnyxError) in
      PackedForest<Input.Value>(table, aggregation)
    }
    let scores = unsafe ForestScores(forest, aggregation, base: base, query.isa.forest)
    guard scores.scratchByteCount <= 64 << 20 else { return .declined("a block of samples has too many features or targets") }
    let hasSecond = query.outputs.count > 1 && query.outputs[1] != nil
    if samples < fewSamples { return few(scores, samples, width, results, hasSecond, of: input) }
    let rowsOfBlock = scores.groupsOfBlock * Int(ONYX_FOREST_LANES)
    let steps = forest.levels.reduce(0) { $0 + Int(min($1, 64)) }
    return .run { call in
      let (x, first) = unsafe (call.input(0, as: Input.self), UnsafeMutableRawPointer(call.output(0, as: UInt8.self)))
      let second = unsafe hasSecond ? UnsafeMutableRawPointer(call.output(1, as: UInt8.self)) : nil
      let workspace = call.pool.workspace
      call.pool.parallelFor(count: samples, grain: max(16, 50_000 / max(steps, 1))) { range in
        unsafe workspace.withFloats(scores.scratchByteCount / MemoryLayout<Float>.stride) { scratch in
          for start in stride(from: range.lowerBound, to: range.upperBound, by: rowsOfBlock) {
            let block = start..<min(start + rowsOfBlock, range.upperBound)
            let values = unsafe scores.block(block, of: x, width: width, UnsafeMutableRawPointer(scratch))
            unsafe results.write(values, block, to: first, second)
          }
        }
      }
    }
  }

  private static func few<Input: ForestInput>(
    _ scores: ForestScores<Input.Value>, _ samples: Int, _ width: Int, _ results: ScoreResults, _ hasSecond: Bool,
    of input: Input.Type
  ) -> Preparation {
    typealias Value = Input.Value
    let forest = scores.forest
    let places = forest.groupLevels.count * Int(ONYX_FOREST_LANES)
    let numbers = forest.features.count + scores.targets
    return .run(scratchByteCount: numbers * MemoryLayout<Value>.stride + places * MemoryLayout<UInt32>.stride) { call in
      let (x, first) = unsafe (call.input(0, as: Input.self), UnsafeMutableRawPointer(call.output(0, as: UInt8.self)))
      let second = unsafe hasSecond ? UnsafeMutableRawPointer(call.output(1, as: UInt8.self)) : nil
      let features = unsafe call.scratch.assumingMemoryBound(to: Value.self)
      let sums = unsafe features + forest.features.count
      let leaves = unsafe UnsafeMutableRawPointer(features + numbers).assumingMemoryBound(to: UInt32.self)
      for sample in 0..<samples {
        for (column, feature) in forest.features.enumerated() { unsafe features[column] = x[sample * width + Int(feature)].value }
        unsafe scores.single(features, leaves, into: sums, call.pool)
        unsafe results.write(sums, sample..<sample + 1, to: first, second)
      }
    }
  }
}
