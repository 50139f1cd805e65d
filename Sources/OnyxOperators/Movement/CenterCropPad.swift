import OnyxGraph
import OnyxTensor

/// Cuts or pads axes around their centre to the given extents. ONNX: CenterCropPad (18).
package struct CenterCropPad: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "CenterCropPad", versions: [18], inputs: [.required("input_data", "T"), .required("shape", "Tind")],
      outputs: [.required("output_data", "T")], types: ["T": .unpacked, "Tind": .indices]), CenterCropPad.init)

  /// The axes that are cut or padded; nil: all. May count from the end.
  package let axes: [Int]?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axes = try attributes.ints("axes")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    let length = try context.length(1, "shape")
    guard let shape = try context.shape(0) else { return [Inferred(element, nil)] }
    let axes = try normalize(axes: axes ?? Array(shape.indices), rank: shape.count)
    if let length, length != axes.count { throw .invalid("\(length) extents are given for \(axes.count) axes.") }
    let target = try context.elements(1)
    var result = shape
    for (position, axis) in axes.enumerated() { result[axis] = target?[position] ?? context.unknown("\(axis)") }
    return [Inferred(element, try result.checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    let source = input.shape
    let strides = source.strides
    let indices = AxisSums(shape) { axis, coordinate in
      Self.source(of: coordinate, extent: source[axis], result: shape[axis]).map { $0 * strides[axis] }
    }
    return [try input.gathering(indices, shape: shape, fill: try .blank(input.elementType))]
  }

  /// The source coordinate of a result coordinate along an axis that goes from `extent` to `result` elements; nil for what is added.
  package static func source(of coordinate: Int, extent: Int, result: Int) -> Int? {
    let position = position(of: coordinate, extent: extent, result: result)
    return position >= 0 && position < extent ? position : nil
  }

  /// The result from a coordinate on, as far as it comes from neighbours.
  package static func piece(at coordinate: Int, extent: Int, result: Int) -> SourcePiece {
    SourcePiece(position(of: coordinate, extent: extent, result: result), of: extent, rest: result - coordinate)
  }

  /// Both halves round down: the odd element stays on the right.
  private static func position(of coordinate: Int, extent: Int, result: Int) -> Int {
    let excess = extent - result
    return excess >= 0 ? coordinate + excess / 2 : coordinate - -excess / 2
  }
}
