import OnyxGraph
import OnyxTensor

/// Puts maxima back where MaxPool found them; everything else is 0. ONNX: MaxUnpool (9, 11, 22).
///
/// Indices count the elements of the tensor that the attributes alone imply; a larger `output_shape` holds that tensor in
/// its first corner.
package struct MaxUnpool: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MaxUnpool", versions: [9, 11, 22], inputs: [.required("X", "T1"), .required("I", "T2"), .optional("output_shape", "T2")],
      outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": [.int64]]), MaxUnpool.init)

  /// The windows of the pool that is undone.
  package let window: WindowAttributes

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(
      kernelShape: try attributes.required("kernel_shape", try attributes.ints("kernel_shape")), strides: try attributes.ints("strides"),
      pads: try attributes.ints("pads"))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let x = try context.shape(0) else { return [Inferred(element, nil)] }
    let implied = try impliedShape(x)
    if let indices = try context.shape(1) { try checkSame(x, indices) }
    guard context.has(2) else { return [Inferred(element, implied)] }
    guard let given = try context.ints(2) else {
      return [Inferred(element, x.indices.map { context.unknown("axis\($0)") })]
    }
    guard given.count == x.count, zip(given, implied).allSatisfy({ size, least in size >= least.known ?? 0 }) else {
      throw .invalid("The output shape \(given) does not hold the unpooled shape \(implied).")
    }
    return [Inferred(element, given.map { Dimension($0) })]
  }

  private func checkSame(_ x: [Dimension], _ indices: [Dimension]) throws(OnyxError) {
    let agree = x.count == indices.count && zip(x, indices).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
    guard agree else { throw .invalid("The maxima have the shape \(x) and the indices have the shape \(indices); they must be equal.") }
  }

  /// stride · (size − 1) + kernel − pads in each spatial axis.
  private func impliedShape(_ x: [Dimension]) throws(OnyxError) -> [Dimension] {
    guard x.count >= 3 else { throw .invalid("The input has rank \(x.count); a pool needs batch, channels and at least one spatial axis.") }
    let rank = x.count - 2
    let kernel = try window.poolKernel(rank: rank)
    var shape = Array(x[..<2])
    for axis in 0..<rank {
      let pads = window.explicitPads(axis, rank: rank)
      let size =
        try Dimension(window.stride(axis)) * (x[axis + 2] - 1) + Dimension(kernel[axis]) - Dimension(pads.before) - Dimension(pads.after)
      if let known = size.known, known < 0 {
        guard x[axis + 2] == 0 else { throw .invalid("The pads of spatial axis \(axis) cut off more than the output has.") }
        shape.append(0)
      } else {
        shape.append(size)
      }
    }
    return shape
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let implied = try Shape(impliedShape(x.shape.map { Dimension($0) }).allKnown ?? [])
    var y: [Double] = try shape.filled(with: 0)
    let strides = shape.strides
    for (value, index) in zip(try x.doubles(), try context.input(1).ints()) {
      guard index >= 0 && index < implied.elementCount else {
        throw .invalid("The index \(index) is outside the unpooled shape \(implied).")
      }
      var rest = index
      var target = 0
      for axis in implied.indices.reversed() {
        target += rest % implied[axis] * strides[axis]
        rest /= implied[axis]
      }
      y[target] = value
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }
}
