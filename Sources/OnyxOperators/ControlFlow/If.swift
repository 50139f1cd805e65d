import OnyxGraph
import OnyxTensor

/// The results of one of two bodies without inputs, chosen by a condition. ONNX: If (1, 11, 13, 16, 19, 21, 23, 24, 25).
package struct If: BodyOperator {
  static let definition = OperatorDefinition(
    Signature(
      "If", versions: [1, 11, 13, 16, 19, 21, 23, 24, 25], inputs: [.required("cond", "B")],
      outputs: [.variadic("outputs", "V", homogeneous: false)], types: ["B": [.bool], "V": .all], others: ["V": .everyOther]), If.init)

  /// `then_branch`, `else_branch`.
  package let bodies: [Graph]

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let then = try attributes.required("then_branch", try attributes.graph("then_branch"))
    let otherwise = try attributes.required("else_branch", try attributes.graph("else_branch"))
    bodies = [then, otherwise]
    for body in bodies where body.outputs.count < attributes.outputCount || body.outputs.count != then.outputs.count {
      throw .invalid("A branch gives \(body.outputs.count) values; the node has \(attributes.outputCount) outputs.")
    }
    for body in bodies where !body.inputs.isEmpty {
      throw .invalid("A branch has \(body.inputs.count) inputs; the branches of an If take none.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    if let condition = try context.input(0).constant {
      return try context.infer(bodies[try Value.tensor(condition).condition() ? 0 : 1], [])
    }
    let branches = (inferred(0, context), inferred(1, context))
    guard case .success(let then) = branches.0 else { return try branches.1.get() }
    guard case .success(let otherwise) = branches.1 else { return then }
    var results: [Inferred] = []
    for (index, (a, b)) in zip(then, otherwise).enumerated() {
      guard let joined = a.joined(b, unknown: { context.unknown("output\(index).\($0)") }) else {
        throw .invalid("Output \(index) is \(a.type) in one branch and \(b.type) in the other.")
      }
      results.append(joined)
    }
    return results
  }

  /// A branch that is never taken may break the rules: exporters guard with a condition what holds for some shapes only.
  private func inferred(_ branch: Int, _ context: InferenceContext) -> Result<[Inferred], OnyxError> {
    do throws(OnyxError) { return .success(try context.infer(bodies[branch], [])) } catch { return .failure(error) }
  }

  package func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred] { [] }

  package func run(_ context: BodyContext) throws(OnyxError) -> [Value] {
    var none: [Value] = []
    return try context.call(try context.input(0).condition() ? 0 : 1, &none)
  }
}
