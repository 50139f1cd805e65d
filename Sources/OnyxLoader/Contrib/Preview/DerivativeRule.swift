import OnyxGraph
import OnyxTensor

/// What a node's inputs contribute to a derivative.
struct DerivativeRule: Sendable {
  /// One value for each input, of the shape of the output or of the input; nil for an input that is not differentiated. `outer` is the
  /// derivative with respect to the node's first output.
  let apply: @Sendable (_ step: Node, _ outer: ValueID, _ t: inout Translation) throws(OnyxError) -> [ValueID?]

  /// By operator of the standard.
  static let table: [String: DerivativeRule] = [
    "Identity": DerivativeRule { (_, outer, _) in [outer] },
    "Add": DerivativeRule { (_, outer, _) in [outer, outer] },
    "Sub": DerivativeRule { (_, outer, t) throws(OnyxError) in [outer, try t.fresh("Neg", [outer])] },
    "Neg": DerivativeRule { (_, outer, t) throws(OnyxError) in [try t.fresh("Neg", [outer])] },
    "Mul": DerivativeRule { (step, outer, t) throws(OnyxError) in
      [try t.fresh("Mul", [outer, step.inputs[1]]), try t.fresh("Mul", [outer, step.inputs[0]])]
    },
    "Div": DerivativeRule { (step, outer, t) throws(OnyxError) in
      let quotient = try t.fresh("Div", [outer, step.inputs[1]])
      return [quotient, try t.fresh("Neg", [try t.fresh("Mul", [quotient, step.outputs[0]])])]
    },
    "MatMul": DerivativeRule(apply: matMul),
    "Exp": DerivativeRule { (step, outer, t) throws(OnyxError) in [try t.fresh("Mul", [outer, step.outputs[0]])] },
    "Log": DerivativeRule { (step, outer, t) throws(OnyxError) in [try t.fresh("Div", [outer, step.inputs[0]])] },
    "Sqrt": DerivativeRule { (step, outer, t) throws(OnyxError) in
      [try t.fresh("Div", [outer, try t.fresh("Add", [step.outputs[0], step.outputs[0]])])]
    },
    "Sin": DerivativeRule { (step, outer, t) throws(OnyxError) in [try t.fresh("Mul", [outer, try t.fresh("Cos", [step.inputs[0]])])] },
    "Cos": DerivativeRule { (step, outer, t) throws(OnyxError) in
      [try t.fresh("Neg", [try t.fresh("Mul", [outer, try t.fresh("Sin", [step.inputs[0]])])])]
    },
    "Tanh": DerivativeRule { (step, outer, t) throws(OnyxError) in
      let square = try t.fresh("Mul", [step.outputs[0], step.outputs[0]])
      return [try t.fresh("Sub", [outer, try t.fresh("Mul", [outer, square])])]
    },
    "Sigmoid": DerivativeRule { (step, outer, t) throws(OnyxError) in
      let part = try t.fresh("Mul", [outer, step.outputs[0]])
      return [try t.fresh("Sub", [part, try t.fresh("Mul", [part, step.outputs[0]])])]
    },
    "Relu": DerivativeRule { (step, outer, t) throws(OnyxError) in [try t.fresh("Mul", [outer, try t.fresh("Sign", [step.outputs[0]])])] },
    "Reshape": DerivativeRule(apply: reshaped), "Flatten": DerivativeRule(apply: reshaped),
    "Squeeze": DerivativeRule(apply: reshaped), "Unsqueeze": DerivativeRule(apply: reshaped),
    "Transpose": DerivativeRule { (step, outer, t) throws(OnyxError) in
      guard let order = step.ints("perm") else { return [try t.fresh("Transpose", [outer])] }
      guard Set(order) == Set(order.indices) else { throw .invalid("\(order) is no order of axes.") }
      let inverse = order.indices.sorted { order[$0] < order[$1] }
      return [try t.fresh("Transpose", [outer], ["perm": .ints(inverse.map(Int64.init))])]
    },
  ]

  /// The error for an operator that the table lacks, or for an output other than the first. Names those that it has.
  static func missing(for op: OperatorName, output: Int) -> OnyxError {
    .unsupported(
      "The derivative of \(output == 0 ? "" : "output \(output) of ")\(op) is not known.",
      remedy: "Known are those of the first outputs of \(table.keys.sorted().joined(separator: ", ")).")
  }

  private static func reshaped(_ step: Node, _ outer: ValueID, _ t: inout Translation) throws(OnyxError) -> [ValueID?] {
    [try t.fresh("Reshape", [outer, try t.fresh("Shape", [step.inputs[0]])], ["allowzero": .int(1)]), nil]
  }

  /// d(A·B) = dY·Bᵀ and Aᵀ·dY over the last two axes.
  private static func matMul(_ step: Node, _ outer: ValueID, _ t: inout Translation) throws(OnyxError) -> [ValueID?] {
    guard let a = step.inputs[0], let b = step.inputs[1] else { throw .invalid("An input of MatMul is missing.") }
    func transposed(_ x: ValueID) throws(OnyxError) -> ValueID {
      let rank = try t.rank(of: x)
      guard rank >= 2 else { throw .unsupported("The derivative of MatMul with vectors is not known.") }
      let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
      return try t.fresh("Transpose", [x], ["perm": .ints(order.map(Int64.init))])
    }
    return [try t.fresh("MatMul", [outer, try transposed(b)]), try t.fresh("MatMul", [try transposed(a), outer])]
  }
}
