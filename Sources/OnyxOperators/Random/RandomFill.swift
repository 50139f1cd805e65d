import OnyxGraph
import OnyxTensor

/// Tensors of random numbers. ONNX: RandomNormal, RandomNormalLike, RandomUniform, RandomUniformLike (1, 22).
///
/// The standard leaves the generator open: element i is drawn by `Philox` from the node's seed, or the run's, and i. The numbers of a
/// uniform distribution have as many binary digits as the element type before they are scaled from [0, 1) to [low, high).
package struct RandomFill: TensorOperator {
  package enum Distribution: Sendable, Hashable {
    case normal(mean: Float, scale: Float)
    case uniform(low: Float, high: Float)
  }

  private static let shaped: Set<ElementType> = Set<ElementType>.numbers.union(Set<ElementType>.complexes).union([.bool, .string])

  static let definitions: [OperatorDefinition] = [
    definition("RandomNormal", normal), definition("RandomUniform", uniform), likeDefinition("RandomNormalLike", normal),
    likeDefinition("RandomUniformLike", uniform),
  ]

  private typealias Reading = @Sendable (inout AttributeReader) throws(OnyxError) -> Distribution

  private static func definition(_ name: String, _ distribution: @escaping Reading) -> OperatorDefinition {
    OperatorDefinition(Signature(name, versions: [1, 22], inputs: [], outputs: [.required("output", "T")], types: ["T": .floats])) {
      (attributes) throws(OnyxError) in
      let extents = try attributes.required("shape", try attributes.ints("shape"))
      let type = try attributes.elementType("dtype", default: .float32, among: .floats)
      return RandomFill(
        distribution: try distribution(&attributes), seed: try attributes.float("seed"), type: type, shape: try Shape(extents))
    }
  }

  private static func likeDefinition(_ name: String, _ distribution: @escaping Reading) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: [1, 22], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
        types: ["T1": shaped, "T2": .floats])
    ) { (attributes) throws(OnyxError) in
      let type = try attributes.elementType("dtype", among: .floats)
      return RandomFill(distribution: try distribution(&attributes), seed: try attributes.float("seed"), type: type, shape: nil)
    }
  }

  private static let normal: Reading = { (attributes) throws(OnyxError) in
    let (mean, scale) = (try attributes.float("mean", default: 0), try attributes.float("scale", default: 1))
    guard mean.isFinite, scale.isFinite, scale >= 0 else {
      throw .invalid("The mean \(mean) and the scale \(scale) are those of no normal distribution.")
    }
    return .normal(mean: mean, scale: scale)
  }

  private static let uniform: Reading = { (attributes) throws(OnyxError) in
    let (low, high) = (try attributes.float("low", default: 0), try attributes.float("high", default: 1))
    guard low.isFinite, high.isFinite, low <= high else {
      throw .invalid("The bounds \(low) and \(high) are those of no uniform distribution.")
    }
    return .uniform(low: low, high: high)
  }

  package let distribution: Distribution
  /// nil: the seed of the run.
  package let seed: Float?
  /// Element type of the result; nil: that of the input.
  package let type: ElementType?
  /// Shape of the result; nil: that of the input.
  package let shape: Shape?

  package var isDeterministic: Bool { false }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    if let shape, let type { return [Inferred(.tensor(type, shape))] }
    let input = try context.tensor(0)
    let element = try context.elementType(0)
    let type = type ?? element
    guard Set.floats.contains(type) else {
      throw .invalid("The input is no tensor of floats, and the attribute 'dtype' is missing.")
    }
    return [Inferred(type, input.shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    guard let type = context.outputs[0].elementType else { throw .bug("A random tensor has no element type.") }
    let generator = Philox(seed, else: context.seed)
    var values = try shape.filled(with: 0.0)
    switch distribution {
    case .normal(let mean, let scale):
      try values.indices.forEachPortion {
        for index in $0 { values[index] = Double(mean) + Double(scale) * generator.normal(index) }
      }
    case .uniform(let low, let high):
      let digits = Self.digits(type)
      let width = Double(high) - Double(low)
      try values.indices.forEachPortion {
        for index in $0 { values[index] = Double(low) + width * generator.uniform(index, digits: digits) }
      }
    }
    return [try Tensor(floating: values, as: type, shape: shape)]
  }

  /// Binary digits of a significand.
  private static func digits(_ type: ElementType) -> Int {
    switch type {
    case .bfloat16: 8
    case .float16: 11
    case .float32: 24
    default: 53
    }
  }
}
