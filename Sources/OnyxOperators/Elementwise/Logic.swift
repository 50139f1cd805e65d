import OnyxGraph
import OnyxTensor

/// Bit-by-bit functions of two inputs with multidirectional broadcasting.
/// ONNX: And (1, 7), Or (1, 7), Xor (1, 7) on bools; BitwiseAnd (18), BitwiseOr (18), BitwiseXor (18) on integers.
package struct Logic: TensorOperator {
  /// A function of two words, bit by bit.
  package enum Function: Sendable, Hashable {
    case and, or, xor

    func apply(_ a: Int64, _ b: Int64) -> Int64 {
      switch self {
      case .and: a & b
      case .or: a | b
      case .xor: a ^ b
      }
    }
  }

  static let definitions =
    [("And", Function.and), ("Or", .or), ("Xor", .xor)].map { name, function in
      definition(name, [1, 7], "T1", ["T": [.bool], "T1": [.bool]], function)
    }
    + [("BitwiseAnd", Function.and), ("BitwiseOr", .or), ("BitwiseXor", .xor)].map { name, function in
      definition(name, [18], "T", ["T": .integers], function)
    }

  private static func definition(
    _ name: String, _ versions: [Int], _ output: String, _ types: [String: Set<ElementType>], _ function: Function
  ) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: versions, inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("C", output)], types: types),
      Logic(function: function))
  }

  /// What is done to each pair of elements.
  package let function: Function

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    [context.folded(self, .tensor(try context.elementType(0), shape: try context.broadcastShape()))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    return [try Tensor.foldIntegers([a, b], in: Broadcast([a, b]).shape, as: a.elementType, function.apply)]
  }
}
