import OnyxGraph
import OnyxTensor

/// Order of the three parts of the depth axis that DepthToSpace and SpaceToDepth move.
package enum DepthMode: String, CaseIterable, Sendable {
  case depthColumnRow = "DCR"
  case columnRowDepth = "CRD"
}

/// Moves blocks of the channel axis into height and width. ONNX: DepthToSpace (1, 11, 13, 28).
package struct DepthToSpace: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DepthToSpace", versions: [1, 11, 13, 28], inputs: [.required("input", "T")], outputs: [.required("output", "T")],
      types: ["T": .unpacked]), DepthToSpace.init)

  /// The side of a block, at least 1.
  package let block: Int
  /// How depth holds the elements of a block.
  package let mode: DepthMode

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    block = try Self.blockSize(&attributes)
    mode = try attributes.choice("mode", default: .depthColumnRow)
  }

  static func blockSize(_ attributes: inout AttributeReader) throws(OnyxError) -> Int {
    let block = try attributes.required("blocksize", try attributes.int("blocksize"))
    guard block >= 1 else { throw .invalid("The attribute 'blocksize' is \(block); it must be at least 1.") }
    return block
  }

  /// The four dimensions of the input; nil when its rank is unknown.
  static func image(_ context: InferenceContext) throws(OnyxError) -> [Dimension]? {
    guard let shape = try context.shape(0) else { return nil }
    guard shape.count == 4 else { throw .invalid("The input has rank \(shape.count); it must have rank 4: N, C, H, W.") }
    return shape
  }

  /// The quotient of an extent that the block size must divide.
  static func quotient(_ extent: Dimension, by divisor: Dimension) throws(OnyxError) -> Dimension {
    if let a = extent.known, let b = divisor.known, a % b != 0 { throw .invalid("The extent \(a) is no multiple of \(b).") }
    return try extent.dividedDown(by: divisor)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let image = try Self.image(context) else { return [Inferred(element, context.unknowns(4))] }
    let block = Dimension(block)
    let depth = try Self.quotient(image[1], by: try block * block)
    return [Inferred(element, try [image[0], depth, try image[2] * block, try image[3] * block].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let (parts, order) = parts(input.shape)
    return [try input.gathering(try IndexMap.transposed(try Shape(parts), order), shape: try context.shape())]
  }

  /// The input of shape [N, C, H, W] with its axes cut up, and the order of those parts that is the result.
  package func parts(_ shape: Shape) -> (extents: [Int], permutation: [Int]) {
    let (n, depth, h, w) = (shape[0], shape[1] / block / block, shape[2], shape[3])
    return switch mode {
    case .depthColumnRow: ([n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2])
    case .columnRowDepth: ([n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3])
    }
  }
}
