import OnyxGraph
import OnyxTensor

/// The sum over the axes along which a shape was broadcast to that of the input: what a gradient of a broadcasting operator becomes.
/// `onyx.SumTo(data, like)` has the shape of `like`.
package struct SumTo: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SumTo", domain: "onyx", versions: [1], inputs: [.required("data", "T"), .required("like", "T2")],
      outputs: [.required("sum", "T")], types: ["T": .floats, "T2": .all]), SumTo())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [try context.tensor(0).resized(try context.shape(1))] }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (data, target) = (try context.input(0), try context.input(1).shape)
    if data.shape == target { return [data] }
    guard try Shape.broadcast([target, data.shape]) == data.shape else {
      throw .invalid("The shape \(target) is not broadcast to \(data.shape).")
    }
    let padding = data.shape.rank - target.rank
    let strides = target.strides
    var sums = [Double](repeating: 0, count: target.elementCount)
    let offsets = try IndexMap.sums(data.shape) { axis, index in
      axis < padding || target[axis - padding] == 1 ? 0 : index * strides[axis - padding]
    }
    for (value, offset) in zip(try data.doubles(), offsets) { sums[offset] += value }
    return [try Tensor(floating: sums, as: data.elementType, shape: target)]
  }
}
