import OnyxGraph
import OnyxTensor

/// Moves numbers towards zero by `bias` and zeroes those between -lambd and lambd. ONNX: Shrink (9).
///
/// NaN is zeroed, and a bias of NaN makes NaN of what is moved. Integers are compared and moved as numbers and then lose their fraction,
/// as the reference evaluator of ONNX does.
package struct Shrink: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Shrink", versions: [9], inputs: [.required("input", "T")], outputs: [.required("output", "T")],
      types: ["T": Set<ElementType>.numbers.subtracting([.bfloat16])]), Shrink.init)

  /// Added below -lambd, subtracted above lambd.
  package let bias: Float
  /// Numbers from -lambd to lambd become 0.
  package let lambd: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    bias = try attributes.float("bias", default: 0)
    lambd = try attributes.float("lambd", default: 0.5)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let type = x.elementType
    let (bias, lambd) = (Double(bias), Double(lambd))
    func offset(_ number: Double) -> Double? { number < -lambd ? bias : (number > lambd ? -bias : nil) }
    if type.isFloating {
      let moved = try x.mapFloats { number in offset(number).map { number + $0 } ?? 0 }
      return [moved]
    }
    let isUnsigned = type.domain == .unsigned
    let moved = try x.mapIntegers { number in
      let real = number.double(isUnsigned: isUnsigned)
      guard let offset = offset(real) else { return 0 }
      // A whole bias is added exactly, also to integers that a Double rounds.
      if let whole = Int64(exactly: offset) { return number &+ whole }
      return type.truncating(real + offset)
    }
    return [moved]
  }
}
