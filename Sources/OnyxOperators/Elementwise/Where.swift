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
    let shape = try Broadcast([condition, x, y]).shape
    var truths = ElementReader(condition, in: shape)
    let (left, right) = (BroadcastWalk(x.shape, in: shape), BroadcastWalk(y.shape, in: shape))
    var choices: [Int64] = []
    let chosen = try Tensor.joined([x, y]).gathering(shape: shape) { (take) throws(OnyxError) in
      for start in stride(from: 0, to: shape.elementCount, by: Tensor.pieceLength) {
        let steps = start..<min(start + Tensor.pieceLength, shape.elementCount)
        choices.fit(steps.count)
        try truths.read(into: &choices)
        let (ifTrue, ifFalse) = (left.positions(steps), right.positions(steps))
        try take(choices.indices.map { choices[$0] != 0 ? ifTrue[$0] : x.elementCount + ifFalse[$0] })
      }
    }
    return [chosen]
  }
}
