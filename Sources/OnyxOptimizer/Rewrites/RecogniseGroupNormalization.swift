import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// InstanceNormalization over groups of channels that Reshape makes one, and Reshape back → GroupNormalization.
  static let recogniseGroupNormalization = Rewrite(
    "recognise-group-normalization", changes: .rounding,
    pattern: .op(
      "Reshape",
      .op(
        "InstanceNormalization", .op("Reshape", .value("x"), .value("groups")).named("grouped"), .constant("scale"), .constant("bias"),
        named: "instance"), .value("shape")),
    when: [
      Clause("The first two axes must be images and groups that divide the channels, the result shaped as the input.") { match in
        groups(match) != nil
      }
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("instance"), let (groups, size) = groups(match) else { throw .bug("Checked groups are gone.") }
    let vectors = try ["scale", "bias"].map { (name) throws(OnyxError) in
      let values = try match.requiredConstant(name).doubles()
      guard values.count == groups else { throw .invalid("There is not one number for each group.") }
      return try Tensor(
        floating: values.flatMap { Array(repeating: $0, count: size) }, as: match.elementType, shape: try Shape([groups * size]))
    }
    return patch.node(
      OperatorName("GroupNormalization"), [try match.required("x")] + vectors.map { patch.constant($0) },
      ["num_groups": .int(Int64(groups)), "epsilon": .float(node.float("epsilon", default: 1e-5))], like: node)
  }

  /// Groups, and channels of a group.
  private static func groups(_ match: Match) -> (count: Int, size: Int)? {
    guard let x = match.shape("x"), x.count >= 3, let grouped = match.shape("grouped"), grouped.count >= 3, match.result?.shape == x,
      grouped[0] == x[0], let groups = grouped[1].known, let channels = x[1].known, groups > 0, channels % groups == 0,
      match.constant("scale")?.elementCount == groups, match.constant("bias")?.elementCount == groups,
      !x[2...].contains(0), x[0] != 0
    else { return nil }
    return (groups, channels / groups)
  }

  /// GroupNormalization(x, s, b) · c → GroupNormalization(x, s · c, b · c), for one number c for each channel; InstanceNormalization
  /// likewise.
  static let foldScaleIntoGroupNormalization = Rewrite(
    "fold-scale-into-group-normalization", changes: .rounding, pattern: .anyOf(standardized.map { $0 * .constant("factor") }),
    when: [Clause("The factor must be one number for each channel.") { vector($0, "factor") != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let factors = vector(match, "factor") else { throw .bug("Checked factors are gone.") }
    return try scaled(match, &patch) { scale, bias, channel in (scale * factors[channel], bias * factors[channel]) }
  }

  /// GroupNormalization(x, s, b) + c → GroupNormalization(x, s, b + c), for one number c for each channel; InstanceNormalization likewise.
  static let foldBiasIntoGroupNormalization = Rewrite(
    "fold-bias-into-group-normalization", changes: .rounding, pattern: .anyOf(standardized.map { $0 + .constant("addend") }),
    when: [Clause("The addend must be one number for each channel.") { vector($0, "addend") != nil }]
  ) { (match, patch) throws(OnyxError) in
    guard let addends = vector(match, "addend") else { throw .bug("Checked addends are gone.") }
    return try scaled(match, &patch) { scale, bias, channel in (scale, bias + addends[channel]) }
  }

  private static let standardized = ["GroupNormalization", "InstanceNormalization"].map {
    Expression.op($0, .value("x"), .constant("scale"), .constant("bias"), named: "normalization")
  }

  private static func vector(_ match: Match, _ name: String) -> [Double]? {
    guard let channels = match.shape("x").flatMap({ $0.count > 1 ? $0[1].known : nil }), let rank = match.result?.shape?.count,
      let constant = match.constant(name), rank == match.shape("x")?.count
    else { return nil }
    return ChannelVector.read(constant, channels: channels, rank: rank)
  }

  private static func scaled(
    _ match: Match, _ patch: inout Patch, _ parameters: (_ scale: Double, _ bias: Double, _ channel: Int) -> (Double, Double)
  ) throws(OnyxError) -> ValueID {
    guard let node = match.node("normalization") else { throw .bug("A checked normalization is gone.") }
    let (scale, bias) = (try match.requiredConstant("scale").doubles(), try match.requiredConstant("bias").doubles())
    guard scale.count == bias.count else { throw .invalid("Scale and bias differ in length.") }
    let both = scale.indices.map { parameters(scale[$0], bias[$0], $0) }
    let shape = try Shape([scale.count])
    let inputs = [
      try match.required("x"), patch.constant(try Tensor(floating: both.map { $0.0 }, as: match.elementType, shape: shape)),
      patch.constant(try Tensor(floating: both.map { $0.1 }, as: match.elementType, shape: shape)),
    ]
    return patch.node(node.op, inputs, node.attributes, like: node)
  }
}
