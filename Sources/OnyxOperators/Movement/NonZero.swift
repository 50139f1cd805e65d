import OnyxGraph
import OnyxTensor

/// The coordinates of the elements that are not zero, one column each, in row-major order. ONNX: NonZero (9, 13).
package struct NonZero: TensorOperator {
  static let definition = OperatorDefinition(
    Signature("NonZero", versions: [9, 13], inputs: [.required("X", "T")], outputs: [.required("Y", "int64")], types: ["T": .unpacked]),
    NonZero())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    _ = try context.elementType(0)
    let rank = x.shape.map { Dimension($0.count) } ?? context.unknown("rank")
    guard let constant = x.constant else { return [Inferred(.int64, [rank, context.unknown("count")])] }
    return [Inferred(.int64, [rank, Dimension(try constant.truthCount())])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let truths = try x.truths()
    var found: [Int] = []
    try truths.indices.forEachPortion { for index in $0 where truths[index] { found.append(index) } }
    let strides = x.shape.strides
    var rows: [Int64] = []
    for axis in 0..<x.shape.rank { rows += try found.mapped { Int64($0 / strides[axis] % x.shape[axis]) } }
    return [try Tensor(rows, shape: try Shape([x.shape.rank, found.count]))]
  }
}
