import OnyxGraph
import OnyxTensor

/// Broadcasts a tensor against a shape, in both directions. ONNX: Expand (8, 13).
package struct Expand: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Expand", versions: [8, 13], inputs: [.required("input", "T"), .required("shape", "int64")], outputs: [.required("output", "T")],
      types: ["T": .unpacked]), Expand())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.tensor(0)
    let rank = try context.length(1, "shape")
    guard let shape = input.shape else { return [input.resized(nil)] }
    guard let target = try context.elements(1) else {
      return [input.resized(rank.flatMap { context.unknowns(max($0, shape.count)) })]
    }
    let result = try context.broadcast([shape, try target.checked()])
    return [try input.moved(to: result) { (source, result) throws(OnyxError) in try source.broadcastOffsets(to: result) }]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    return [try input.gathering(try input.shape.broadcastPositions(to: shape), shape: shape)]
  }
}
