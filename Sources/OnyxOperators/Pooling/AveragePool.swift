import OnyxGraph
import OnyxTensor

/// The mean of each window. ONNX: AveragePool (1, 7, 10, 11, 19, 22).
package struct AveragePool: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "AveragePool", versions: [1, 7, 10, 11, 19, 22], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .floats]),
    AveragePool.init)

  /// The windows.
  package let window: WindowAttributes
  /// Whether padding counts as elements of value 0. What a last window in ceil mode covers past the padding never counts.
  package let countIncludePad: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes, isPool: true)
    countIncludePad = try attributes.flag("count_include_pad", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [try context.tensor(0).resized(poolShape(context, window))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let geometry = try window.poolGeometry(input: x.shape)
    let y = try geometry.pool(x.doubles(), shape: shape) { position, elements in
      let sum = elements.reduce(0, +)
      if elements.isEmpty { return 0 }
      return sum / (countIncludePad ? geometry.paddedTaps(position) : Double(elements.count))
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }
}

extension WindowGeometry {
  /// How many taps of a window lie inside the padded input: the divisor of a mean that includes padding.
  package func paddedTaps(_ position: [Int]) -> Double {
    zip(axes, position).reduce(1) { $0 * Double($1.0.paddedTaps($1.1)) }
  }
}
