import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Convolution of each channel over its past, with the end of the sequence handed on as the next call's past.
/// ONNX: CausalConvWithState (27).
///
/// The activation is applied to the sum before it is rounded to the element type.
package struct CausalConvWithState: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "CausalConvWithState", versions: [27],
      inputs: [.required("input", "T"), .required("weight", "T"), .optional("bias", "T"), .optional("past_state", "T")],
      outputs: [.required("output", "T"), .required("present_state", "T")], types: ["T": [.float32, .float16, .bfloat16]]),
    CausalConvWithState.init)

  /// What is applied to the result; `swish` is another name of `silu`: x · sigmoid(x).
  package enum Activation: String, CaseIterable, Sendable { case none, silu, swish }
  package let activation: Activation

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    activation = try attributes.choice("activation", default: .none)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    let weight = try context.shape(1)
    let past = context.optional(3)?.shape
    for (name, shape) in [("input", input.shape), ("weight", weight), ("past_state", past)] {
      guard let shape, shape.count != 3 else { continue }
      throw .invalid("The input '\(name)' has rank \(shape.count); it must have rank 3.")
    }
    let channels = input.shape?[1] ?? weight?[0] ?? past?[1] ?? context.unknown("channels")
    if let weight {
      try requireEqual(weight[0], channels, "Weight and input differ in the number of channels")
      try requireEqual(weight[1], 1, "A channel has one filter")
      if weight[2] == 0 { throw .invalid("The kernel has no taps.") }
    }
    if let bias = context.optional(2)?.shape { try checkBias(bias, filters: channels) }
    let batch = input.shape?[0] ?? past?[0] ?? context.unknown("batch")
    let length = try weight.map { (weight) throws(OnyxError) in try weight[2] - 1 } ?? past?[2] ?? context.unknown("past")
    if let past {
      for (axis, dimension) in [batch, channels, length].enumerated() {
        try requireEqual(past[axis], dimension, "The past state has a wrong extent in axis \(axis)")
      }
    }
    let results = [input.resized(input.shape), input.resized(try [batch, channels, length].checked())]
    return Array(results.prefix(max(1, context.outputCount)))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let weight = try context.input(1)
    let (batch, channels, length) = (input.shape[0], input.shape[1], input.shape[2])
    let kernel = weight.shape[2]
    let presentShape = try Shape([batch, channels, kernel - 1])
    var present = try presentShape.filled(with: 0.0)
    let (x, w) = (try input.doubles(), try weight.doubles())
    let bias = try context.optional(2)?.doubles()
    let past = try context.optional(3)?.doubles() ?? present
    var y = [Double](repeating: 0, count: x.count)
    for row in 0..<(y.isEmpty && present.isEmpty ? 0 : batch * channels) {
      let channel = row % channels
      let sequence = Array(past[row * (kernel - 1)..<(row + 1) * (kernel - 1)] + x[row * length..<(row + 1) * length])
      let sums = Self.convolve(sequence, Array(w[channel * kernel..<(channel + 1) * kernel]), bias: bias?[channel] ?? 0)
      for index in 0..<length { y[row * length + index] = activation == .none ? sums[index] : sums[index] / (1 + exp(-sums[index])) }
      for index in 0..<kernel - 1 { present[row * (kernel - 1) + index] = sequence[length + index] }
    }
    let results = [
      try Tensor(floating: y, as: input.elementType, shape: input.shape),
      try Tensor(floating: present, as: input.elementType, shape: presentShape),
    ]
    return Array(results.prefix(max(1, context.outputCount)))
  }

  /// The sums over every place where the taps `w` fit into `sequence`.
  package static func convolve(_ sequence: [Double], _ w: [Double], bias: Double) -> [Double] {
    (0..<sequence.count - (w.count - 1)).map { start in
      var sum = bias
      for tap in w.indices { sum += w[tap] * sequence[start + tap] }
      return sum
    }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count > 1, let w = inputs[1]?.shape, w.count == 3, let y = outputs.first??.shape else { return nil }
    return try? y.product() * w[2]
  }
}
