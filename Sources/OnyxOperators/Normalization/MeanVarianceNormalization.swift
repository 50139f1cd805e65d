import OnyxGraph
import OnyxTensor

/// Standardizes over `axes`; 1e-9 is added to the deviation, as in the standard's function body.
/// ONNX: MeanVarianceNormalization (9, 13).
package struct MeanVarianceNormalization: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MeanVarianceNormalization", versions: [9, 13], inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]),
    MeanVarianceNormalization.init)

  /// The axes over which moments are taken; may count from the end.
  package let axes: [Int]

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axes = try attributes.ints("axes", default: [0, 2, 3])
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let rank = x.shape?.count { for axis in axes { _ = try Shape.normalize(axis: axis, rank: rank) } }
    return [Inferred(x.type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    var reduced = x.shape.dimensions
    for axis in axes { reduced[try Shape.normalize(axis: axis, rank: x.shape.rank)] = 1 }
    let groups = try Shape(reduced)
    let group = try groups.broadcastOffsets(to: x.shape)
    var y = try x.doubles()
    if y.isEmpty { return [x] }
    let moments = try Moments(y, groups: groups) { group[$0] }
    var pace = WorkPace(every: 1 << 15)
    for index in y.indices {
      try pace.check()
      y[index] = (y[index] - moments.means[group[index]]) / (moments.variances[group[index]].squareRoot() + 1e-9)
    }
    return [try Tensor(floating: y, as: x.elementType, shape: x.shape)]
  }
}
