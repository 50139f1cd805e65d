import OnyxGraph
import OnyxTensor

/// Standardizes groups of channels of each instance, then scales and shifts each channel.
///
/// Both stages are computed in `Double`, at least the precision that `stash_type` asks for, and rounded once.
package struct GroupNormalization: TensorOperator {
  static let definitions = [
    OperatorDefinition(
      Signature(
        "InstanceNormalization", versions: [1, 6, 22],
        inputs: [.required("input", "T"), .required("scale", "T"), .required("B", "T")], outputs: [.required("output", "T")],
        types: ["T": .floats]), instance),
    OperatorDefinition(
      Signature(
        "GroupNormalization", versions: [18, 21],
        inputs: [.required("X", "T"), .required("scale", "T"), .required("bias", "T")], outputs: [.required("Y", "T")],
        types: ["T": .floats]), group),
  ]

  private static func instance(_ attributes: inout AttributeReader) throws(OnyxError) -> GroupNormalization {
    GroupNormalization(groups: nil, epsilon: try attributes.float("epsilon", default: 1e-5))
  }

  private static func group(_ attributes: inout AttributeReader) throws(OnyxError) -> GroupNormalization {
    _ = try attributes.stashType(.floats)
    return GroupNormalization(
      groups: try attributes.required("num_groups", try attributes.int("num_groups")),
      epsilon: try attributes.float("epsilon", default: 1e-5))
  }

  /// nil: each channel is a group (InstanceNormalization).
  package let groups: Int?
  /// Added to the variance.
  package let epsilon: Float

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let groups, groups < 1 { throw .invalid("The attribute 'num_groups' is \(groups); it must be at least 1.") }
    if let shape = x.shape {
      guard shape.count >= 2 else { throw .invalid("The input has rank \(shape.count); it needs batch and channels.") }
      if let groups, let channels = shape[1].known, channels % groups != 0 {
        throw .invalid("\(channels) channels cannot be shared between \(groups) groups.")
      }
      for index in 1...2 { try checkChannelVector(context, index, shape[1]) }
    }
    return [Inferred(x.type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    var y = try x.doubles()
    if y.isEmpty { return [x] }
    let (scale, bias) = (try context.input(1).doubles(), try context.input(2).doubles())
    let channels = x.shape[1]
    let groups = groups ?? channels
    let plane = x.shape[2...].reduce(1, *)
    let groupSize = channels / groups * plane
    let moments = try Moments(y, groups: try Shape([x.shape[0], groups])) { $0 / groupSize }
    var pace = WorkPace(every: 1 << 15)
    for index in y.indices {
      try pace.check()
      let (group, channel) = (index / groupSize, index / plane % channels)
      let deviation = (moments.variances[group] + Double(epsilon)).squareRoot()
      y[index] = (y[index] - moments.means[group]) / deviation * scale[channel] + bias[channel]
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }
}

extension AttributeReader {
  /// The attribute `stash_type`: the least precision of a normalization's first stage; float32 when absent.
  mutating func stashType(_ allowed: Set<ElementType>) throws(OnyxError) -> ElementType {
    let type = try elementType("stash_type", default: .float32)
    guard allowed.contains(type) else { throw .invalid("The attribute 'stash_type' is \(type), which the operator does not allow.") }
    return type
  }
}
