import OnyxGraph
import OnyxTensor

/// Moves numbers towards zero by `bias` and zeroes those between -lambd and lambd. ONNX: Shrink (9).
///
/// Integers are compared and moved as numbers and then lose their fraction, as the reference evaluator of ONNX does.
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
    let offsets = try x.doubles().map { $0 < -lambd ? bias : ($0 > lambd ? -bias : .nan) }
    if type.isFloating {
      return [try Tensor(floating: zip(x.doubles(), offsets).map { $1.isNaN ? 0 : $0 + $1 }, as: type, shape: x.shape)]
    }
    let wide = try zip(x.doubles(), x.integers())
    let moved = zip(wide, offsets).map { value, offset in
      if offset.isNaN { return Int64(0) }
      // A whole bias is added exactly, also to integers that a Double rounds.
      if let whole = Int64(exactly: offset) { return value.1 &+ whole }
      return type.truncating(value.0 + offset)
    }
    return [try Tensor(integral: moved, as: type, shape: x.shape)]
  }
}
