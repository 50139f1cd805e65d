import OnyxGraph
import OnyxTensor

/// Bit-by-bit functions of two inputs with multidirectional broadcasting.
/// ONNX: And (1, 7), Or (1, 7), Xor (1, 7) on bools; BitwiseAnd (18), BitwiseOr (18), BitwiseXor (18) on integers.
struct Logic: Operator {
  typealias Function = @Sendable (Int64, Int64) -> Int64

  private static let and: Function = { $0 & $1 }
  private static let or: Function = { $0 | $1 }
  private static let xor: Function = { $0 ^ $1 }

  static let definitions =
    [("And", and), ("Or", or), ("Xor", xor)].map { name, function in
      definition(name, [1, 7], "T1", ["T": [.bool], "T1": [.bool]], function)
    }
    + [("BitwiseAnd", and), ("BitwiseOr", or), ("BitwiseXor", xor)].map { name, function in
      definition(name, [18], "T", ["T": .integers], function)
    }

  private static func definition(
    _ name: String, _ versions: [Int], _ output: String, _ types: [String: Set<ElementType>], _ function: @escaping Function
  ) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: versions, inputs: [.required("A", "T"), .required("B", "T")], outputs: [.required("C", output)], types: types)
    ) { _ in Logic(function: function) }
  }

  let function: Function

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.broadcastShape()
    return [Inferred(.tensor(try context.elementType(0), shape: shape), value: context.smallConstant(self, shape))]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b) = (try context.input(0), try context.input(1))
    let broadcast = try Broadcast([a, b])
    let values = broadcast.combine(try a.integers(), a.shape, try b.integers(), b.shape, function)
    return [try Tensor(integral: values, as: a.elementType, shape: broadcast.shape)]
  }
}
