import OnyxGraph
import OnyxTensor

/// Each text of X followed by the text of Y, with multidirectional broadcasting. ONNX: StringConcat (20).
package struct StringConcat: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "StringConcat", versions: [20], inputs: [.required("X", "T"), .required("Y", "T")], outputs: [.required("Z", "T")],
      types: ["T": [.string]]), StringConcat())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [context.folded(self, .tensor(.string, shape: try context.broadcastShape()))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, y) = (try context.input(0), try context.input(1))
    let broadcast = try Broadcast([x, y])
    let (heads, tails) = (try x.strings(), try y.strings())
    // A long text that broadcasting repeats takes its length in every element.
    let lengths = broadcast.combine(heads.map(\.utf8.count), x.shape, tails.map(\.utf8.count), y.shape) { ($0, $1) }
    var bytes = 0
    for (head, tail) in lengths {
      bytes += head + tail
      try ReferenceMemory.check(bytes, width: 1)
    }
    return [try Tensor(broadcast.combine(heads, x.shape, tails, y.shape) { $0 + $1 }, shape: broadcast.shape)]
  }
}
