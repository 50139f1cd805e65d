import OnyxGraph
import OnyxTensor

/// Standardizes each channel with given statistics, or in training mode with those of the batch, then scales and shifts.
/// ONNX: BatchNormalization (1, 6, 7, 9, 14, 15).
package struct BatchNormalization: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BatchNormalization", versions: [1, 6, 7, 9, 14, 15],
      inputs: [
        .required("X", "T"), .required("scale", "T1"), .required("B", "T1"), .required("input_mean", "T2"), .required("input_var", "T2"),
      ],
      outputs: [.required("Y", "T"), .optional("running_mean", "T2"), .optional("running_var", "T2")],
      types: ["T": .floats, "T1": .floats, "T2": .floats]), BatchNormalization.init)

  /// Added to the variance.
  package let epsilon: Float
  /// Share of the old statistics in the running ones.
  package let momentum: Float
  /// Whether the statistics are those of the batch.
  package let isTraining: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    epsilon = try attributes.float("epsilon", default: 1e-5)
    momentum = try attributes.float("momentum", default: 0.9)
    isTraining = try attributes.flag("training_mode", default: false)
    guard isTraining || attributes.outputCount <= 1 else {
      throw .invalid(
        "The running statistics are outputs in training mode only.", remedy: "Export the model for inference, or set training_mode to 1.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let shape = x.shape {
      guard !shape.isEmpty else { throw .invalid("The input is a scalar; it needs a batch axis.") }
      // A vector is a batch with one channel.
      let channels = shape.count == 1 ? Dimension(1) : shape[1]
      for index in 1...4 { try checkChannelVector(context, index, channels) }
    }
    let statistics = try context.tensor(3).resized(context.shape(3))
    return Array([Inferred(x.type), statistics, statistics].prefix(max(1, context.outputCount)))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let (scale, bias) = (try context.input(1).doubles(), try context.input(2).doubles())
    let (givenMean, givenVariance) = (try context.input(3), try context.input(4))
    var (mean, variance) = (try givenMean.doubles(), try givenVariance.doubles())
    let channels = mean.count
    let plane = x.shape.rank > 2 ? x.shape[2...].reduce(1, *) : 1
    var y = try x.doubles()
    var running: [Tensor] = []
    if isTraining {
      let batch = try Moments(y, groups: givenMean.shape) { $0 / plane % channels }
      let weight = Double(momentum)
      let runningMean = mean.indices.map { mean[$0] * weight + batch.means[$0] * (1 - weight) }
      let runningVariance = mean.indices.map { variance[$0] * weight + batch.variances[$0] * (1 - weight) }
      running = [
        try Tensor(floating: runningMean, as: givenMean.elementType, shape: givenMean.shape),
        try Tensor(floating: runningVariance, as: givenVariance.elementType, shape: givenVariance.shape),
      ]
      (mean, variance) = (batch.means, batch.variances)
    }
    var pace = WorkPace(every: 1 << 15)
    for index in y.indices {
      try pace.check()
      let channel = index / plane % channels
      y[index] = (y[index] - mean[channel]) / (variance[channel] + Double(epsilon)).squareRoot() * scale[channel] + bias[channel]
    }
    return Array(([try Tensor(floating: y, as: x.elementType, shape: x.shape)] + running).prefix(max(1, context.outputCount)))
  }
}

/// Input `index` has one element for each channel.
func checkChannelVector(_ context: InferenceContext, _ index: Int, _ channels: Dimension) throws(OnyxError) {
  guard let shape = try context.shape(index) else { return }
  guard shape.count == 1 else {
    throw .invalid("Input \(index) has rank \(shape.count); it must be a vector with one element for each channel.")
  }
  if let given = shape[0].known, let needed = channels.known, given != needed {
    throw .invalid("Input \(index) has \(given) elements for \(needed) channels.")
  }
}
