import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Classifiers by support vector machines: the reference's numbers without its tensors, samples over threads.
///
/// SAFETY: see `KernelCall`; the samples have the features that the query's shape says.
enum SVMRows {
  static let all = [classifier]

  /// Multiplications of vectors that are worth another thread.
  private static let grain = 1 << 14

  private static let classifier = KernelRow(
    "svm_classifier", ["SVMClassifier"], domain: "ai.onnx.ml", .input(0, [.float32, .float64, .int32, .int64])
  ) { (op: SVMClassifier, query) throws(OnyxError) in
    guard case .ints(let labels) = op.labels else { return .declined("the labels are strings") }
    guard let x = query.input(0), x.shape.rank == 1 || x.shape.rank == 2, let features = x.shape.last, x.shape.elementCount > 0,
      let machines = op.machines(features: features), query.outputs[0] != nil
    else { return .declined("there are no machines for pairs of classes, or the samples do not fit them") }
    let (rows, work) = (x.shape.elementCount / features, machines.vectors.multipliedReportingOverflow(by: features))
    guard !work.overflow, machines.pairs < 1 << 20 else { return .declined("there are too many classes or vectors") }
    let kernel = SVMKernel(
      op: op, labels: labels.map { Int64($0) }, rows: rows, features: features, grain: max(1, grain / max(work.partialValue, 1)),
      hasScores: query.outputs.count > 1 && query.outputs[1] != nil)
    return FeatureRows.bind(query, kernel)
  }
}

/// SAFETY: `run` reads `rows` samples and writes as many labels and rows of scores; see `KernelCall`.
private struct SVMKernel: FeatureKernel {
  let op: SVMClassifier
  let labels: [Int64]
  let rows, features, grain: Int
  let hasScores: Bool

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let x = unsafe call.input(0, as: T.self)
    let chosen = unsafe call.output(0, as: Int64.self)
    let scores = unsafe hasScores ? call.output(1, as: Float.self) : nil
    let count = op.scoreCount
    call.pool.parallelFor(count: rows, grain: grain) { range in
      var state = op.state(features: features)
      for row in range {
        for feature in 0..<features { unsafe state.sample[feature] = x[row * features + feature].double }
        unsafe chosen[row] = labels[op.classify(&state)]
        guard let scores = unsafe scores else { continue }
        for index in 0..<count { unsafe scores[row * count + index] = Float(state.scores[index]) }
      }
    }
  }
}
