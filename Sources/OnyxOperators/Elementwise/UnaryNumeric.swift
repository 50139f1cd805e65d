import OnyxGraph
import OnyxTensor

/// Functions of one number, float or integer. ONNX: Abs (1, 6, 13), Neg (1, 6, 13), Sign (9, 13), Relu (1, 6, 13, 14).
///
/// Integers wrap: the absolute value and the negative of the lowest integer are itself.
package struct UnaryNumeric: TensorOperator {
  /// One member of the family.
  package struct Member: Sendable {
    /// The name of the operator.
    package let name: String
    let versions: [Int]
    let input: String
    let output: String
    let types: Set<ElementType>
    let floating: @Sendable (Double) -> Double
    /// Of signed integers; unsigned ones are given as they are, and every function below is right for them below 2^63.
    let signed: @Sendable (Int64) -> Int64
    let unsigned: @Sendable (Int64) -> Int64
    /// Of a dimension that is never negative.
    let size: @Sendable (Dimension) throws(OnyxError) -> Dimension?
    let uses: ElementFunction.Uses
  }

  private static let negatable = Set<ElementType>.floats.union(Set<ElementType>.signedIntegers)

  static let members: [Member] = [
    Member(
      name: "Abs", versions: [1, 6, 13], input: "X", output: "Y", types: .numbers, floating: { $0.magnitude },
      signed: { $0 < 0 ? 0 &- $0 : $0 }, unsigned: { $0 }, size: { $0 }, uses: .blocks),
    Member(
      name: "Neg", versions: [1, 6, 13], input: "X", output: "Y", types: negatable, floating: { -$0 }, signed: { 0 &- $0 },
      unsigned: { 0 &- $0 }, size: { (x) throws(OnyxError) in try Dimension(0) - x }, uses: .blocks),
    // The sign of NaN is NaN.
    Member(
      name: "Sign", versions: [9, 13], input: "input", output: "output", types: .numbers,
      floating: { $0 > 0 ? 1 : ($0 < 0 ? -1 : ($0 == 0 ? 0 : $0)) }, signed: { $0.signum() }, unsigned: { $0 == 0 ? 0 : 1 },
      size: { _ in nil }, uses: []),
    Member(
      name: "Relu", versions: [1, 6, 13, 14], input: "X", output: "Y", types: negatable, floating: { $0 <= 0 ? 0 : $0 },
      signed: { max($0, 0) }, unsigned: { $0 }, size: { $0 }, uses: [.activation, .product, .blocks]),
  ]

  static let definitions = members.map { member in
    OperatorDefinition(
      Signature(
        member.name, versions: member.versions, inputs: [.required(member.input, "T")], outputs: [.required(member.output, "T")],
        types: ["T": member.types]),
      UnaryNumeric(member: member))
  }

  /// What is done to each element.
  package let member: Member

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    if let constant = context.smallConstant(self, type) { return [Inferred(type, value: constant)] }
    let value = context.dimensions(type.shape, type.elementType) { (x) throws(OnyxError) in
      if let known = x[0].known { return Dimension(Int(member.signed(Int64(known)))) }
      return x[0].isNeverNegative || member.name == "Neg" ? try member.size(x[0]) : nil
    }
    return [Inferred(type, value: value)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    switch x.elementType.domain {
    case .floating: return [try x.mapFloats(member.floating)]
    case .signed: return [try x.mapIntegers(member.signed)]
    default: return [try x.mapIntegers(member.unsigned)]
    }
  }
}
