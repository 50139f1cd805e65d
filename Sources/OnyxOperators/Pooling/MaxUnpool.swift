import OnyxGraph
import OnyxTensor

/// Puts maxima back where MaxPool found them; everything else is 0. ONNX: MaxUnpool (9, 11, 22).
///
/// Indices count the elements of the result, as MaxPool counted those of its input: with `output_shape` the maxima return to their
/// places in a tensor of that shape, as in PyTorch and ONNX Runtime. An official case of ONNX counts in the tensor that the attributes
/// alone imply, which the result then holds in its first corner. Indices are read so where each of them lies in its own window only
/// that way.
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
    guard let given = try context.elements(2) else {
      return [Inferred(element, x.indices.map { context.unknown("axis\($0)") })]
    }
    guard given.count == x.count, x.indices.allSatisfy({ holds(given[$0].known, implied[$0].known, axis: $0) }) else {
      throw .invalid("The output shape \(given) does not hold the unpooled shape \(implied).")
    }
    return [Inferred(element, given)]
  }

  /// A pool that rounds up has a last window that is not whole: its input is shorter than implied by less than a stride.
  private func holds(_ size: Int?, _ implied: Int?, axis: Int) -> Bool {
    guard let size else { return true }
    guard size >= 0 else { return false }
    guard let implied, size < implied else { return true }
    return axis >= 2 && implied - size < window.stride(axis - 2)
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

  /// The shape that the attributes alone give the result. Throws as the shape rule does.
  package func impliedShape(of x: Shape) throws(OnyxError) -> Shape {
    try Shape(impliedShape(x.map { Dimension($0) }).allKnown ?? [])
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let implied = try impliedShape(of: x.shape)
    let values = try x.doubles()
    let indices = try context.input(1).ints()
    guard shape.rank == x.shape.rank, indices.count == values.count else { throw .invalid("Maxima and indices differ in their shape.") }
    var y: [Double] = try shape.filled(with: 0)
    let isCorner =
      shape != implied && zip(implied, shape).allSatisfy { $0 <= $1 } && !lieInWindows(indices, of: x.shape, in: shape)
      && lieInWindows(indices, of: x.shape, in: implied)
    let counted = isCorner ? implied : shape
    let strides = shape.strides
    for (value, index) in zip(values, indices) {
      guard index >= 0 && index < counted.elementCount else {
        throw .invalid("The index \(index) is outside the unpooled shape \(counted).")
      }
      guard isCorner else {
        y[index] = value
        continue
      }
      var rest = index
      var target = 0
      for axis in counted.indices.reversed() {
        target += rest % counted[axis] * strides[axis]
        rest /= counted[axis]
      }
      y[target] = value
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// Whether each index, counted in a tensor of `shape`, lies in the window of its maximum. `shape` has the rank of `pooled`, whose
  /// windows have extents that are known to fit.
  private func lieInWindows(_ indices: [Int], of pooled: Shape, in shape: Shape) -> Bool {
    let rank = pooled.rank - 2
    let kernel = window.kernelShape ?? []
    for (element, index) in indices.enumerated() {
      guard index >= 0 && index < shape.elementCount else { return false }
      var (place, rest) = (element, index)
      for axis in pooled.indices.reversed() {
        let (window, coordinate) = (place % pooled[axis], rest % shape[axis])
        place /= pooled[axis]
        rest /= shape[axis]
        guard axis >= 2 else {
          if window != coordinate { return false }
          continue
        }
        let first = window * self.window.stride(axis - 2) - self.window.explicitPads(axis - 2, rank: rank).before
        if coordinate < first || coordinate >= first + kernel[axis - 2] { return false }
      }
    }
    return true
  }
}
