#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What becomes of the scores of a sample. ONNX: the attribute `post_transform` of the operators of `ai.onnx.ml`.
package enum PostTransform: String, CaseIterable, Sendable {
  case none = "NONE"
  case softmax = "SOFTMAX"
  case logistic = "LOGISTIC"
  /// Softmax that leaves out scores of 0.
  case softmaxZero = "SOFTMAX_ZERO"
  /// The inverse of the normal distribution function.
  case probit = "PROBIT"

  /// Applied to one vector of scores.
  ///
  /// ONNX Runtime passes over all but PROBIT where there is a single score; the standard makes no such exception.
  func apply(_ scores: inout [Double], _ range: Range<Int>) {
    switch self {
    case .none: return
    case .logistic: for index in range { scores[index] = Self.logistic(scores[index]) }
    case .probit: for index in range { scores[index] = Self.probit(scores[index]) }
    case .softmax:
      let largest = scores[range].max() ?? 0
      for index in range { scores[index] = exp(scores[index] - largest) }
      Self.normalize(&scores, range)
    case .softmaxZero:
      let largest = scores[range].max() ?? 0
      for index in range { scores[index] = abs(scores[index]) > Self.zero ? exp(scores[index] - largest) : 0 }
      Self.normalize(&scores, range)
    }
  }

  /// The scores of two classes from the only score, that of the second one.
  ///
  /// The standard does not say how; as in ONNX Runtime the first class has the complement (1 − s) or the opposite (−s), which softmax
  /// leaves as they are, and the logistic function is applied to ±s.
  package func pair(_ score: Double, isComplement: Bool) -> (Double, Double) {
    let first = isComplement ? 1 - score : -score
    return switch self {
    case .none, .softmax, .softmaxZero: (first, score)
    case .logistic: (Self.logistic(-score), Self.logistic(score))
    case .probit: (Self.probit(first), Self.probit(score))
    }
  }

  /// Applied to `count` scores of each row.
  package func apply(_ scores: inout [Double], rowsOf count: Int) {
    guard self != .none, count > 0 else { return }
    for start in stride(from: 0, to: scores.count, by: count) { apply(&scores, start..<start + count) }
  }

  /// Scores this small count as 0.
  private static let zero = 1e-7

  /// Scales to the sum 1; where all are 0, each gets an equal part.
  private static func normalize(_ values: inout [Double], _ range: Range<Int>) {
    let sum = values[range].reduce(0, +)
    for index in range { values[index] = sum == 0 ? 1 / Double(range.count) : values[index] / sum }
  }

  static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// By Winitzki's approximation of the inverse error function with a = 0.147, as ONNX Runtime and the reference evaluator compute it:
  /// within 0.002 of the exact value. NaN outside 0 … 1.
  static func probit(_ p: Double) -> Double {
    let x = 2 * p - 1
    let logarithm = log((1 - x) * (1 + x))
    let half = 2 / (Double.pi * 0.147) + logarithm / 2
    let root = (-half + (half * half - logarithm / 0.147).squareRoot()).squareRoot()
    return 2.0.squareRoot() * (x < 0 ? -root : root)
  }
}
