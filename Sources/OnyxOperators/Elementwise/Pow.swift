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
    let broadcast = try Broadcast([x, y])
    let type = x.elementType
    if type.isFloating {
      let powers = broadcast.combine(try x.doubles(), x.shape, try y.doubles(), y.shape) { pow($0, $1) }
      return [try Tensor(floating: powers, as: type, shape: broadcast.shape)]
    }
    if y.elementType.isFloating {
      let powers = broadcast.combine(try x.doubles(), x.shape, try y.doubles(), y.shape) { type.truncating(pow($0, $1)) }
      return [try Tensor(integral: powers, as: type, shape: broadcast.shape)]
    }
    let isUnsigned = y.elementType.domain == .unsigned
    let powers = broadcast.combine(try x.integers(), x.shape, try y.integers(), y.shape) { base, exponent in
      exponent >= 0 || isUnsigned
        ? IntegerMath.power(base, UInt64(bitPattern: exponent)) : type.truncating(pow(Double(base), Double(exponent)))
    }
    return [try Tensor(integral: powers, as: type, shape: broadcast.shape)]
  }
}
