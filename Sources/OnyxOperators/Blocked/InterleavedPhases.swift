import OnyxGraph
import OnyxTensor

/// One channel-blocked image whose pixels are those of several by turns: the results of a transposed convolution by phases of its
/// strides. Made by the optimizer only; domain `onyx`, version 1.
///
/// With strides s, the pixel (y, x) of phase py · s₁ + px is the pixel (y · s₀ + py, x · s₁ + px) of an image from which `crops` (before
/// both axes, then behind) are taken off.
package struct InterleavedPhases: TensorOperator {
  package static let name = OperatorName("InterleavedPhases", domain: "onyx")

  static let definition = OperatorDefinition(
    Signature(
      name.name, domain: "onyx", versions: [1], inputs: [.variadic("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats]),
    InterleavedPhases.init)

  package let strides, crops: [Int]

  private static let largest = 1 << 20

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    strides = try attributes.required("strides", try attributes.ints("strides"))
    crops = try attributes.ints("crops", default: [0, 0, 0, 0])
    guard strides.count == 2, crops.count == 4, strides.allSatisfy({ (1...Self.largest).contains($0) }),
      crops.allSatisfy({ (0...Self.largest).contains($0) })
    else { throw .invalid("The strides \(strides) or the crops \(crops) are not those of two axes.") }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard context.inputs.count == strides[0] * strides[1] else {
      throw .invalid("\(context.inputs.count) phases are given for the strides \(strides).")
    }
    guard let shapes = context.allShapes() else { return [Inferred(element, nil)] }
    for shape in shapes {
      guard shape.count == 5, shape[4] == Dimension(ChannelBlocks.size) else {
        throw .invalid("The shape \(shape) is not channel-blocked.")
      }
      for axis in shape.indices { try requireEqual(shape[axis], shapes[0][axis], "The phases differ in axis \(axis)") }
    }
    var result = shapes[0]
    for axis in 0..<2 {
      result[axis + 2] = try result[axis + 2] * Dimension(strides[axis]) - Dimension(crops[axis]) - Dimension(crops[axis + 2])
      if let extent = result[axis + 2].known, extent < 0 { throw .invalid("More is taken off than axis \(axis + 2) has.") }
    }
    return [Inferred(element, try result.checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let inputs = context.given
    guard let phase = inputs.first?.shape, phase.rank == 5, inputs.allSatisfy({ $0.shape == phase }) else {
      throw .invalid("The phases are not of one channel-blocked shape.")
    }
    let sources = try inputs.map { (tensor) throws(OnyxError) in try tensor.doubles() }
    var result: [Double] = try shape.filled(with: 0)
    for index in result.indices {
      let (pixel, lane) = index.quotientAndRemainder(dividingBy: shape[4])
      let (row, column) = pixel.quotientAndRemainder(dividingBy: shape[3])
      let (plane, line) = row.quotientAndRemainder(dividingBy: shape[2])
      let (y, x) = (line + crops[0], column + crops[1])
      let place = ((plane * phase[2] + y / strides[0]) * phase[3] + x / strides[1]) * phase[4] + lane
      result[index] = sources[y % strides[0] * strides[1] + x % strides[1]][place]
    }
    return [try Tensor(floating: result, as: inputs[0].elementType, shape: shape)]
  }
}
