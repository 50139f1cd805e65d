import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Powers with multidirectional broadcasting; the result has the type of the base. ONNX: Pow (1, 7, 12, 13, 15).
///
/// An integer base with an integer exponent that is not negative wraps; every other integer result is the real power
/// without its fraction, held to the bounds of the type.
package struct Pow: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Pow", versions: [1, 7, 12, 13, 15], inputs: [.required("X", "T"), .required("Y", "T1")], outputs: [.required("Z", "T")],
      types: ["T": .floats.union([.int32, .int64]), "T1": .numbers]), Pow())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [context.folded(self, .tensor(try context.elementType(0), shape: try context.broadcastShape()))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, y) = (try context.input(0), try context.input(1))
    let shape = try Broadcast([x, y]).shape
    let type = x.elementType
    if type.isFloating { return [try Tensor.foldFloats([x, y], in: shape, as: type) { pow($0, $1) }] }
    if y.elementType.isFloating {
      return [try Tensor.combineFloats(x, y, in: shape, toIntegers: type) { type.truncating(pow($0, $1)) }]
    }
    let isUnsigned = y.elementType.domain == .unsigned
    let powers = try Tensor.foldIntegers([x, y], in: shape, as: type) { base, exponent in
      exponent >= 0 || isUnsigned
        ? IntegerMath.power(base, UInt64(bitPattern: exponent)) : type.truncating(pow(Double(base), Double(exponent)))
    }
    return [powers]
  }
}
