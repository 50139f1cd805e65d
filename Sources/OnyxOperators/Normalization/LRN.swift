import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Divides each element by a power of the sum of squares of its neighbours in the channel axis. ONNX: LRN (1, 13).
package struct LRN: TensorOperator {
  static let definition = OperatorDefinition(
    Signature("LRN", versions: [1, 13], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]), LRN.init)

  /// Channels whose squares are summed.
  package let size: Int
  /// Factor of the mean of squares.
  package let alpha: Float
  /// Exponent.
  package let beta: Float
  /// Added before the power is taken.
  package let bias: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    size = try attributes.required("size", try attributes.int("size"))
    alpha = try attributes.float("alpha", default: 1e-4)
    beta = try attributes.float("beta", default: 0.75)
    bias = try attributes.float("bias", default: 1)
    guard size >= 1 else { throw .invalid("The attribute 'size' is \(size); it must be at least 1.") }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let rank = x.shape?.count, rank < 2 { throw .invalid("The input has rank \(rank); it needs batch and channels.") }
    return [Inferred(x.type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let values = try x.doubles()
    let channels = x.shape[1]
    let plane = x.shape[2...].reduce(1, *)
    var y = values
    var pace = WorkPace(every: 1 << 15)
    for index in values.indices {
      try pace.check(after: 16 + min(size, channels))
      let channel = index / plane % channels
      let first = channel - min(channel, (size - 1) / 2)
      let last = channel + min(channels - 1 - channel, size / 2)
      var sum = 0.0
      for neighbour in first...last {
        let value = values[index + (neighbour - channel) * plane]
        sum += value * value
      }
      y[index] = values[index] / pow(Double(bias) + Double(alpha) / Double(size) * sum, Double(beta))
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }
}
