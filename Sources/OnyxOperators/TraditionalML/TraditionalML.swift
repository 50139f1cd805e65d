import OnyxGraph
import OnyxTensor

/// What the operators of the domain `ai.onnx.ml` have in common.
enum TraditionalML {
  static let domain = "ai.onnx.ml"
}

extension Set<ElementType> {
  /// The types of numbers that the operators of `ai.onnx.ml` take.
  static let features: Self = [.float32, .float64, .int32, .int64]
  /// The types of the labels that they give.
  static let labels: Self = [.int64, .string]
}

/// Samples in rows: a tensor [N,F], or [F] for one sample.
struct FeatureMatrix {
  let rows: Int
  let features: Int

  /// Throws `invalidModel` for a tensor of another rank.
  init(_ shape: Shape) throws(OnyxError) {
    guard shape.rank == 1 || shape.rank == 2 else { throw Self.wrongRank(shape.rank) }
    rows = shape.rank == 1 ? 1 : shape[0]
    features = shape[shape.rank - 1]
  }

  /// The number of rows of the input `index`; a symbol where it is not known. Throws `invalidModel` for a rank that is none of a matrix
  /// of features, or when the features are known to be others than `count`.
  static func rows(_ context: InferenceContext, _ index: Int = 0, features count: Int? = nil) throws(OnyxError) -> Dimension {
    guard let shape = try context.tensor(index).shape else { return context.unknown("rows") }
    guard let last = shape.last, shape.count <= 2 else { throw wrongRank(shape.count) }
    if let count, let known = last.known { try check(known, expected: count) }
    return shape.count == 1 ? 1 : shape[0]
  }

  /// Throws `invalidModel` unless the rows have `count` features.
  func expect(features count: Int) throws(OnyxError) { try Self.check(features, expected: count) }

  private static func check(_ features: Int, expected: Int) throws(OnyxError) {
    guard features == expected else { throw .invalid("The input has \(features) features; the operator was made for \(expected).") }
  }

  private static func wrongRank(_ rank: Int) -> OnyxError {
    .invalid("The input has rank \(rank); it must be a matrix of one row for each sample, or one row.")
  }
}

extension Tensor {
  /// A float32 tensor of these numbers.
  static func float32(_ values: [Double], _ shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(floating: values, as: .float32, shape: shape)
  }
}
