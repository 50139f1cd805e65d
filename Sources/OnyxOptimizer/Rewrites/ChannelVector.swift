import OnyxGraph
import OnyxTensor

/// Numbers for the channels (axis 1) of a value.
enum ChannelVector {
  /// The constant as one number for each channel, when broadcasting gives every element of a channel the same one.
  /// nil when it varies along another axis.
  static func read(_ constant: Tensor, channels: Int, rank: Int) -> [Double]? {
    guard constant.elementType.isFloating, constant.shape.rank <= rank else { return nil }
    let padded = Array(repeating: 1, count: rank - constant.shape.rank) + constant.shape.dimensions
    for (axis, extent) in padded.enumerated() where extent != 1 && !(axis == 1 && extent == channels) { return nil }
    guard let values = try? constant.doubles() else { return nil }
    return values.count == channels ? values : Array(repeating: values[0], count: channels)
  }

  /// The factors and shifts of an inference-mode BatchNormalization: y = x · factor + shift for each channel.
  static func normalization(
    scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float
  ) -> (factors: [Double], shifts: [Double])? {
    guard let scale = try? scale.doubles(), let bias = try? bias.doubles(), let mean = try? mean.doubles(),
      let variance = try? variance.doubles()
    else { return nil }
    guard [bias.count, mean.count, variance.count].allSatisfy({ $0 == scale.count }) else { return nil }
    let factors = scale.indices.map { scale[$0] / (variance[$0] + Double(epsilon)).squareRoot() }
    let shifts = scale.indices.map { bias[$0] - mean[$0] * factors[$0] }
    return (factors + shifts).allSatisfy(\.isFinite) ? (factors, shifts) : nil
  }
}

extension Match {
  /// Factors and shifts of the BatchNormalization whose inputs the pattern calls scale, bias, mean and variance.
  var normalization: (factors: [Double], shifts: [Double])? {
    guard let node = node("normalization"), let scale = constant("scale"), let bias = constant("bias"), let mean = constant("mean"),
      let variance = constant("variance")
    else { return nil }
    return ChannelVector.normalization(
      scale: scale, bias: bias, mean: mean, variance: variance, epsilon: node.float("epsilon", default: 1e-5))
  }
}

extension Expression {
  /// BatchNormalization with constant parameters.
  static func normalization(of x: Expression) -> Expression {
    .op(
      "BatchNormalization", x, .constant("scale"), .constant("bias"), .constant("mean"), .constant("variance"),
      attributes: ["training_mode": .isOrAbsent(.int(0))], named: "normalization")
  }
}
