import OnyxGraph
import OnyxTensor

/// Which elements share a scale and a zero point: all of them, those with one coordinate of an axis, or blocks of an axis
/// (ONNX: QuantizeLinear, "three supported quantization granularities").
package struct Granularity: Sendable, Hashable {
  /// The quantized axis; may count from the end.
  package let axis: Int
  /// Elements that share a scale along `axis`; 0 unless quantization is blocked.
  package let blockSize: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis", default: 1)
    blockSize = try attributes.int("block_size", default: 0)
    guard blockSize >= 0 else { throw .invalid("The attribute 'block_size' is \(blockSize); it cannot be negative.") }
  }

  /// The axis for an input of `rank`. Per-axis quantization of a vector needs no axis attribute.
  private func axis(_ rank: Int) throws(OnyxError) -> Int { rank == 1 ? 0 : try Shape.normalize(axis: axis, rank: rank) }

  /// Throws unless a scale of shape `scale` fits an input of shape `x`.
  func check(_ x: [Dimension], scale: [Dimension]) throws(OnyxError) {
    if scale.isEmpty || (blockSize == 0 && scale.allSatisfy { $0 == 1 }) { return }
    let mismatch = OnyxError.invalid(
      "A scale of shape \(scale) does not fit an input of shape \(x) with axis \(axis) and block size \(blockSize).",
      remedy: "A scale is a scalar, a vector along the axis, or has the input's shape with blocks along the axis.")
    let axis = try axis(x.count)
    if blockSize == 0 {
      guard scale.count == 1 else { throw mismatch }
      if let size = x[axis].known, let count = scale[0].known, size != count { throw mismatch }
      return
    }
    guard scale.count == x.count else { throw mismatch }
    for (index, (size, count)) in zip(x, scale).enumerated() {
      let expected = index == axis ? try size.dividedUp(by: Dimension(blockSize)) : size
      if let expected = expected.known, let count = count.known, expected != count { throw mismatch }
    }
  }

  /// Visits for each element of the input the element of the scale that belongs to it. Shapes have passed `check`.
  func walk(_ x: Shape, scale: Shape) throws(OnyxError) -> any ElementWalk {
    if scale.elementCount == 1 { return BroadcastWalk(.scalar, in: x) }
    let axis = try axis(x.rank)
    return ScaleWalk(
      extent: x[axis], inner: x[(axis + 1)...].reduce(1, *), block: blockSize, blocks: blockSize == 0 ? 1 : scale[axis])
  }
}

/// The scales of elements along an axis of `extent`, each coordinate of which has `inner` elements.
private struct ScaleWalk: ElementWalk {
  let extent: Int
  let inner: Int
  /// Elements of the axis that share a scale; 0 where all of one coordinate do.
  let block: Int
  /// Scales along the axis, when they go by blocks.
  let blocks: Int

  func run(at index: Int, atMost limit: Int) -> ElementRun {
    let (row, place) = index.quotientAndRemainder(dividingBy: inner)
    let (outer, coordinate) = row.quotientAndRemainder(dividingBy: extent)
    switch (block, inner) {
    case (0, 1): return ElementRun(position: coordinate, stride: 1, count: min(limit, extent - coordinate))
    case (0, _): return ElementRun(position: coordinate, stride: 0, count: min(limit, inner - place))
    default:
      let position = (outer * blocks + coordinate / block) * inner + place
      if inner > 1 { return ElementRun(position: position, stride: 1, count: min(limit, inner - place)) }
      return ElementRun(position: position, stride: 0, count: min(limit, block - coordinate % block, extent - coordinate))
    }
  }
}

/// The zero point has the shape of the scale.
func checkZeroPoint(_ zeroPoint: [Dimension]?, scale: [Dimension]?) throws(OnyxError) {
  guard let zeroPoint, let scale else { return }
  let agree =
    zeroPoint.count == scale.count && zip(zeroPoint, scale).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
  // One element is one element, as a scalar or as a vector.
  guard agree || (zeroPoint + scale).allSatisfy({ $0 == 1 || $0.known == nil }) else {
    throw .invalid("The zero point has the shape \(zeroPoint) and the scale has the shape \(scale); they must be equal.")
  }
}
