import OnyxGraph
import OnyxTensor

/// Standardizes the elements of the axes from `axis` on, then scales and shifts. ONNX: LayerNormalization (17).
///
/// Both stages are computed in `Double`, at least the precision that `stash_type` asks for, and rounded once.
package struct LayerNormalization: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "LayerNormalization", versions: [17], inputs: [.required("X", "T"), .required("Scale", "T"), .optional("B", "T")],
      outputs: [.required("Y", "T"), .optional("Mean", "U"), .optional("InvStdDev", "U")],
      types: ["T": .floats, "U": [.float32, .bfloat16]]), LayerNormalization.init)

  /// First normalized axis; may count from the end.
  package let axis: Int
  /// Added before the root is taken.
  package let epsilon: Float
  /// Element type of the outputs `Mean` and `InvStdDev`.
  package let stashType: ElementType

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
    stashType = try attributes.stashType([.float32, .bfloat16])
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    var statistics: [Dimension]?
    if let shape = x.shape {
      let axis = try Shape.normalize(axis: axis, rank: shape.count)
      for index in 1...2 where context.has(index) { try checkBroadcasts(context, index, to: shape) }
      statistics = shape[..<axis] + shape[axis...].map { _ in 1 }
    }
    let stashed = Inferred(stashType, statistics)
    return Array([Inferred(x.type), stashed, stashed].prefix(max(1, context.outputCount)))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, scale, bias) = (try context.input(0), try context.input(1), context.optional(2))
    let axis = try Shape.normalize(axis: axis, rank: x.shape.rank)
    let rowLength = x.shape[axis...].reduce(1, *)
    let statistics = try Shape(x.shape[..<axis] + x.shape[axis...].map { _ in 1 })
    var y = try x.doubles()
    let moments = try Moments(y, groups: statistics) { $0 / rowLength }
    let inverses = moments.variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    for tensor in [scale, bias].compactMap({ $0 }) { try tensor.shape.checkBroadcast(to: x.shape) }
    var factors = ElementReader(scale, in: x.shape)
    var addends = bias.map { ElementReader($0, in: x.shape) }
    var (rowFactors, rowAddends): ([Double], [Double]) = ([], [])
    var pace = WorkPace(every: 1 << 15)
    for row in 0..<(y.isEmpty ? 0 : y.count / rowLength) {
      try pace.check(after: rowLength)
      rowFactors.fit(rowLength)
      rowAddends.fit(rowLength)
      try factors.read(into: &rowFactors)
      try addends?.read(into: &rowAddends)
      let (start, mean, inverse) = (row * rowLength, moments.means[row], inverses[row])
      for index in 0..<rowLength { y[start + index] = (y[start + index] - mean) * inverse * rowFactors[index] }
      if bias != nil { for index in 0..<rowLength { y[start + index] += rowAddends[index] } }
    }
    let results = [
      try Tensor(floating: y, as: x.elementType, shape: x.shape), try Tensor(floating: moments.means, as: stashType, shape: statistics),
      try Tensor(floating: inverses, as: stashType, shape: statistics),
    ]
    return Array(results.prefix(max(1, context.outputCount)))
  }
}

/// Whether `shape` may broadcast to `target` without changing it; what is unknown may.
func canBroadcast(_ shape: [Dimension], to target: [Dimension]) -> Bool {
  guard shape.count <= target.count else { return false }
  for (own, other) in zip(shape.reversed(), target.reversed()) {
    guard own == 1 || own.known == nil || other.known == nil || own == other else { return false }
  }
  return true
}

/// Input `index` broadcasts to `target` (unidirectional).
func checkBroadcasts(_ context: InferenceContext, _ index: Int, to target: [Dimension]) throws(OnyxError) {
  guard let shape = try context.shape(index) else { return }
  guard canBroadcast(shape, to: target) else { throw .invalid("Input \(index) of shape \(shape) cannot be broadcast to \(target).") }
}
