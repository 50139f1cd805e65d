import OnyxOperators
import OnyxTensor

/// What regressors and classifiers make of the scores of samples, in `Double` and rounded once as the references do.
///
/// SAFETY: `first` and `second` have elements for all samples of the query; see `KernelCall`.
struct ScoreResults: Sendable {
  enum Kind: Sendable {
    /// Output 0 holds the scores.
    case scores(ElementType)
    /// Output 0 holds the labels, output 1 the scores in float32.
    case classes(labels: [Int64], single: SingleScore?)
  }

  /// The only score of two classes: that of the second one.
  struct SingleScore: Sendable {
    /// The place of the score among two. When it is the first, the other follows from it.
    let place: Int
    /// Above it the second class wins.
    let threshold: Double
    /// Whether the score of the first class is the complement of the other, not its opposite.
    let isComplement: Bool
  }

  let kind: Kind
  let transform: PostTransform
  let targets: Int

  /// Writes the results of the samples `range` from their scores.
  func write<Value: ForestValue>(
    _ scores: UnsafePointer<Value>, _ range: Range<Int>, to first: UnsafeMutableRawPointer, _ second: UnsafeMutableRawPointer?
  ) {
    let start = range.lowerBound * targets
    switch kind {
    case .scores(.float64): unsafe store(scores, range, to: first.assumingMemoryBound(to: Double.self) + start)
    case .scores(.float16): unsafe store(scores, range, to: first.assumingMemoryBound(to: Float16.self) + start)
    case .scores: unsafe store(scores, range, to: first.assumingMemoryBound(to: Float.self) + start)
    case .classes(let labels, let single):
      let chosen = unsafe first.assumingMemoryBound(to: Int64.self)
      for (index, sample) in range.enumerated() {
        let number = unsafe classOf(scores + index * targets, single)
        unsafe chosen[sample] = labels[number]
      }
      guard let second = unsafe second else { return }
      unsafe store(scores, range, to: second.assumingMemoryBound(to: Float.self) + start)
    }
  }

  private func classOf<Value: ForestValue>(_ scores: UnsafePointer<Value>, _ single: SingleScore?) -> Int {
    if let single { return unsafe Double(scores[single.place]) > single.threshold ? 1 : 0 }
    var best = 0
    for target in 1..<max(targets, 1) where unsafe scores[target] > scores[best] { best = target }
    return best
  }

  /// The class whose opposite the other one is, when it is the first of two.
  private var opposite: SingleScore? {
    guard case .classes(_, let single?) = kind, single.place == 0 else { return nil }
    return single
  }

  private func store<Value: ForestValue, Output: RealElement>(
    _ scores: UnsafePointer<Value>, _ range: Range<Int>, to output: UnsafeMutablePointer<Output>
  ) {
    let count = range.count * targets
    if transform == .none, opposite == nil {
      for index in 0..<count { unsafe output[index] = Output(nearest: Double(scores[index])) }
      return
    }
    var values = (0..<count).map { unsafe Double(scores[$0]) }
    if let opposite {
      for index in stride(from: 0, to: count, by: 2) {
        (values[index], values[index + 1]) = transform.pair(values[index], isComplement: opposite.isComplement)
      }
    } else {
      transform.apply(&values, rowsOf: targets)
    }
    for index in 0..<count { unsafe output[index] = Output(nearest: values[index]) }
  }
}
