import OnyxGraph
import OnyxTensor

/// The sampling positions of an image under a batch of affine maps: x, y (, z) in -1 … 1. ONNX: AffineGrid (20).
package struct AffineGrid: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "AffineGrid", versions: [20], inputs: [.required("theta", "T1"), .required("size", "T2")], outputs: [.required("grid", "T1")],
      types: ["T1": .floats, "T2": [.int64]]), AffineGrid.init)

  /// Whether -1 and 1 are the centres of the outermost pixels, not their outer edges.
  package let alignsCorners: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    alignsCorners = try attributes.flag("align_corners", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    let theta = try context.shape(0)
    let length = try context.length(1, "size")
    guard let rank = length.map({ $0 - 2 }) ?? theta.flatMap({ $0.count == 3 ? $0[1].known : nil }) else { return [Inferred(element, nil)] }
    guard rank == 2 || rank == 3 else { throw .invalid("The input 'size' has \(rank + 2) elements; it must have 4 or 5.") }
    if let theta {
      guard theta.count == 3 else { throw .invalid("The input 'theta' has rank \(theta.count); it must have rank 3.") }
      try requireEqual(theta[1], Dimension(rank), "The rows of 'theta' are not the spatial axes")
      try requireEqual(theta[2], Dimension(rank + 1), "The columns of 'theta' are not the spatial axes and one")
    }
    guard let size = try context.elements(1) else {
      return [Inferred(element, context.unknowns(rank + 2).map { $0.dropLast() + [Dimension(rank)] })]
    }
    if let theta { try requireEqual(theta[0], size[0], "'theta' and 'size' differ in the batch size") }
    return [Inferred(element, try ([size[0]] + size[2...] + [Dimension(rank)]).checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let theta = try context.input(0)
    let shape = try context.shape()
    try ReferenceMemory.check(shape.elementCount)
    let rank = shape[shape.rank - 1]
    let maps = try theta.doubles()
    let strides = shape.strides
    let result = (0..<shape.elementCount).map { element in
      let row = (element / strides[0] * rank + element % rank) * (rank + 1)
      var sum = maps[row + rank]
      for part in 0..<rank {
        // Column `part` of the map belongs to x, y, z: the spatial axes from the last to the first.
        let axis = rank - part
        sum += maps[row + part] * position(element / strides[axis] % shape[axis], of: shape[axis])
      }
      return sum
    }
    return [try Tensor(floating: result, as: theta.elementType, shape: shape)]
  }

  /// A single aligned element stands in the middle, as in PyTorch. The standard's text does not say where, and its function divides by
  /// zero there; its reference evaluator takes -1 and ONNX Runtime 1.
  private func position(_ coordinate: Int, of extent: Int) -> Double {
    if alignsCorners { return extent == 1 ? 0 : -1 + 2 * Double(coordinate) / Double(extent - 1) }
    return (2 * Double(coordinate) + 1) / Double(extent) - 1
  }
}
