import OnyxGraph
import OnyxTensor

/// Divides the elements of the axes from `axis` on by their root mean square, then scales; the result has the type of the
/// scale. ONNX: RMSNormalization (23).
///
/// Computed in `Double`, at least the precision that `stash_type` asks for, and rounded once.
package struct RMSNormalization: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "RMSNormalization", versions: [23], inputs: [.required("X", "T"), .required("scale", "V")], outputs: [.required("Y", "V")],
      types: ["T": .floats, "V": .floats]), RMSNormalization.init)

  /// First normalized axis; may count from the end.
  package let axis: Int
  /// Added before the root is taken.
  package let epsilon: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
    _ = try attributes.stashType(.floats)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape {
      _ = try Shape.normalize(axis: axis, rank: shape.count)
      try checkBroadcasts(context, 1, to: shape)
    }
    return [try context.tensor(1).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, scale) = (try context.input(0), try context.input(1))
    let rowLength = x.shape[try Shape.normalize(axis: axis, rank: x.shape.rank)...].reduce(1, *)
    var y = try x.doubles()
    try scale.shape.checkBroadcast(to: x.shape)
    var factors = ElementReader(scale, in: x.shape)
    var rowFactors = [Double](repeating: 0, count: y.isEmpty ? 0 : rowLength)
    var pace = WorkPace(every: 1 << 15)
    for start in stride(from: 0, to: y.count, by: max(1, rowLength)) {
      try pace.check(after: rowLength)
      let row = start..<start + rowLength
      let meanSquare = y[row].reduce(0) { $0 + $1 * $1 } / Double(rowLength)
      let root = (meanSquare + Double(epsilon)).squareRoot()
      try factors.read(into: &rowFactors)
      for index in 0..<rowLength { y[start + index] = y[start + index] / root * rowFactors[index] }
    }
    return [try Tensor(floating: y, as: scale.elementType, shape: x.shape)]
  }
}
