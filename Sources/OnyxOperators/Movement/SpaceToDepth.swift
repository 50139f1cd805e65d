import OnyxGraph
import OnyxTensor

/// Moves blocks of height and width into the channel axis. ONNX: SpaceToDepth (1, 13, 28).
package struct SpaceToDepth: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SpaceToDepth", versions: [1, 13, 28], inputs: [.required("input", "T")], outputs: [.required("output", "T")], types: ["T": .unpacked]
    ), SpaceToDepth.init)

  /// The side of a block, at least 1.
  package let block: Int
  /// How depth holds the elements of a block.
  package let mode: DepthMode

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    block = try DepthToSpace.blockSize(&attributes)
    mode = try attributes.choice("mode", default: .depthColumnRow)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let image = try DepthToSpace.image(context) else { return [Inferred(element, context.unknowns(4))] }
    let block = Dimension(block)
    let height = try DepthToSpace.quotient(image[2], by: block)
    let width = try DepthToSpace.quotient(image[3], by: block)
    return [Inferred(element, try [image[0], try image[1] * block * block, height, width].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let (parts, order) = parts(input.shape)
    return [try input.gathering(try IndexMap.transposed(try Shape(parts), order), shape: try context.shape())]
  }

  /// The input of shape [N, C, H, W] with its axes cut up, and the order of those parts that is the result.
  package func parts(_ shape: Shape) -> (extents: [Int], permutation: [Int]) {
    let extents = [shape[0], shape[1], shape[2] / block, block, shape[3] / block, block]
    return switch mode {
    case .depthColumnRow: (extents, [0, 3, 5, 1, 2, 4])
    case .columnRowDepth: (extents, [0, 1, 3, 5, 2, 4])
    }
  }
}
