import OnyxGraph
import OnyxTensor

/// The p-norm of each window. ONNX: LpPool (1, 2, 11, 18, 22).
package struct LpPool: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LpPool", versions: [1, 2, 11, 18, 22], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]),
    LpPool.init)

  /// The windows.
  package let window: WindowAttributes
  /// The order of the norm, at least 1.
  package let p: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes, isPool: true)
    p = try attributes.normOrder()
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [try context.tensor(0).resized(poolShape(context, window))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let y = try window.poolGeometry(input: x.shape).pool(x.doubles(), shape: shape) { _, elements in norm(elements, p: p) }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }
}

extension AttributeReader {
  /// The attribute `p`, the order of a norm: at least 1, 2 when absent.
  mutating func normOrder() throws(OnyxError) -> Int {
    let p = try int("p", default: 2)
    guard p >= 1 else { throw .invalid("The attribute 'p' is \(p); the order of a norm must be at least 1.") }
    return p
  }
}
