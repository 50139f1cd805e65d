import OnyxGraph
import OnyxTensor

/// Reads the bits of the elements as another type of the same width. ONNX: BitCast (26).
///
/// A byte read as bool is true unless it is 0.
package struct BitCast: TensorOperator {
  private static let types = Set<ElementType>.all.subtracting([.string])

  static let definition = OperatorDefinition(
    Signature(
      "BitCast", versions: [26], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
      types: ["T1": types, "T2": types]), BitCast.init)

  /// The type that the bits are read as.
  package let target: ElementType

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let target = try attributes.required("to", try attributes.elementType("to"))
    guard Self.types.contains(target) else { throw .invalid("The attribute 'to' is \(target), which has no fixed width.") }
    self.target = target
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard element.bitsInFiles == target.bitsInFiles else {
      throw .invalid("A tensor of \(element) has \(element.bitsInFiles) bits per element, and \(target) has \(target.bitsInFiles).")
    }
    return [context.folded(self, .tensor(target, shape: try context.shape(0)))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    guard x.elementType.bitsInFiles == target.bitsInFiles else { throw .bug("BitCast between different widths.") }
    if x.elementType == target { return [x] }
    if target.byteWidth == 1 { return [try Self.tensor(of: target, codes: Self.codes(x), x.shape)] }
    // A joined tensor is a copy whose memory is aligned for every type.
    let copy = try Tensor.joined([x])
    return [Tensor(elementType: target, shape: x.shape, storage: copy.storage)]
  }

  /// The bits of elements of at most 8 bits, as unsigned numbers.
  private static func codes(_ x: Tensor) throws(OnyxError) -> [UInt8] {
    switch x.elementType {
    case .float8e4m3fn: return try x.elements(as: Float8E4M3FN.self).map(\.bits)
    case .float8e4m3fnuz: return try x.elements(as: Float8E4M3FNUZ.self).map(\.bits)
    case .float8e5m2: return try x.elements(as: Float8E5M2.self).map(\.bits)
    case .float8e5m2fnuz: return try x.elements(as: Float8E5M2FNUZ.self).map(\.bits)
    case .float8e8m0: return try x.elements(as: Float8E8M0.self).map(\.bits)
    case .float4e2m1: return try x.elements(as: Float4E2M1.self).map(\.bits)
    default:
      let mask = UInt8.max >> (8 - x.elementType.bitsInFiles)
      return try x.integers().map { UInt8(truncatingIfNeeded: $0) & mask }
    }
  }

  private static func tensor(of type: ElementType, codes: [UInt8], _ shape: Shape) throws(OnyxError) -> Tensor {
    switch type {
    case .float8e4m3fn: try Tensor(codes.map { Float8E4M3FN(bits: $0) }, shape: shape)
    case .float8e4m3fnuz: try Tensor(codes.map { Float8E4M3FNUZ(bits: $0) }, shape: shape)
    case .float8e5m2: try Tensor(codes.map { Float8E5M2(bits: $0) }, shape: shape)
    case .float8e5m2fnuz: try Tensor(codes.map { Float8E5M2FNUZ(bits: $0) }, shape: shape)
    case .float8e8m0: try Tensor(codes.map { Float8E8M0(bits: $0) }, shape: shape)
    case .float4e2m1: try Tensor(codes.map { Float4E2M1(bits: $0) }, shape: shape)
    default: try Tensor(integral: codes.map { Int64($0) }, as: type, shape: shape)
    }
  }
}
