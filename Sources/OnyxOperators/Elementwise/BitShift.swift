import OnyxGraph
import OnyxTensor

/// Shifts integers by as many bits as the second input says. ONNX: BitShift (11, 28).
///
/// Signed integers shift right arithmetically. A shift by a negative number, or by the width or more, leaves only the
/// sign's extension: -1 for a right shift of a negative number, else 0.
package struct BitShift: TensorOperator {
  /// The attribute `direction`.
  package enum Direction: String, CaseIterable, Sendable {
    case left = "LEFT"
    case right = "RIGHT"
  }

  static let definition = OperatorDefinition(
    Signature(
      "BitShift", versions: [11, 28], inputs: [.required("X", "T"), .required("Y", "T")], outputs: [.required("Z", "T")],
      types: ["T": .integers]), BitShift.init)

  /// Where the bits go.
  package let direction: Direction

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    direction = try attributes.choice("direction")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [context.folded(self, .tensor(try context.elementType(0), shape: try context.broadcastShape()))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, y) = (try context.input(0), try context.input(1))
    let shape = try Broadcast([x, y]).shape
    let type = x.elementType
    let isSigned = type.domain == .signed
    let width = UInt64(type.integerBits)
    let shifted = try Tensor.foldIntegers([x, y], in: shape, as: type) { value, shift in
      // A negative shift is past the width as an unsigned number.
      guard UInt64(bitPattern: shift) < width else { return direction == .right && isSigned && value < 0 ? -1 : 0 }
      switch direction {
      case .left: return value << shift
      case .right: return isSigned ? value >> shift : Int64(bitPattern: UInt64(bitPattern: value) >> UInt64(shift))
      }
    }
    return [shifted]
  }
}
