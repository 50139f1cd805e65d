import OnyxGraph
import OnyxTensor

/// Takes X where the condition is true and Y elsewhere, with multidirectional broadcasting. ONNX: Where (9, 16).
package struct Where: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Where", versions: [9, 16], inputs: [.required("condition", "B"), .required("X", "T"), .required("Y", "T")],
      outputs: [.required("output", "T")], types: ["B": [.bool], "T": .numbers.union([.bool, .string, .complex64, .complex128])]), Where())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(1)
    let type = ValueType.tensor(element, shape: try context.broadcastShape())
    // The condition's dimensions are 0 and 1: a known bool.
    let value =
      context.smallConstant(self, type)
      ?? context.dimensions(type.shape, element) { (operands) throws(OnyxError) in
        if operands[1] == operands[2] { return operands[1] }
        return operands[0].known.map { $0 != 0 ? operands[1] : operands[2] }
      }
    return [Inferred(type, value: value)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (condition, x, y) = (try context.input(0), try context.input(1), try context.input(2))
    let broadcast = try Broadcast([condition, x, y])
    let truths = broadcast.spread(try condition.booleans(), of: condition.shape)
    let sources = zip(StridedPositions(of: x.shape, in: broadcast.shape), StridedPositions(of: y.shape, in: broadcast.shape))
    let indices = zip(truths, sources).lazy.map { $0 ? $1.0 : x.elementCount + $1.1 }
    return [try Tensor.joined([x, y]).gathering(indices, shape: broadcast.shape)]
  }
}
