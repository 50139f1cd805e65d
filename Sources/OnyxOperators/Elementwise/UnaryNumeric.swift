import OnyxGraph
import OnyxTensor

/// Functions of one number, float or integer. ONNX: Abs (1, 6, 13), Neg (1, 6, 13), Sign (9, 13), Relu (1, 6, 13, 14).
///
/// Integers wrap: the absolute value and the negative of the lowest integer are itself.
struct UnaryNumeric: Operator {
  struct Row: Sendable {
    let name: String
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
  }

  private static let negatable = Set<ElementType>.floats.union(Set<ElementType>.signedIntegers)

  static let rows: [Row] = [
    Row(
      name: "Abs", versions: [1, 6, 13], input: "X", output: "Y", types: .numbers, floating: { $0.magnitude },
      signed: { $0 < 0 ? 0 &- $0 : $0 }, unsigned: { $0 }, size: { $0 }),
    Row(
      name: "Neg", versions: [1, 6, 13], input: "X", output: "Y", types: negatable, floating: { -$0 }, signed: { 0 &- $0 },
      unsigned: { 0 &- $0 }, size: { (x) throws(OnyxError) in try Dimension(0) - x }),
    // The sign of NaN is NaN.
    Row(
      name: "Sign", versions: [9, 13], input: "input", output: "output", types: .numbers,
      floating: { $0 > 0 ? 1 : ($0 < 0 ? -1 : ($0 == 0 ? 0 : $0)) }, signed: { $0.signum() }, unsigned: { $0 == 0 ? 0 : 1 },
      size: { _ in nil }),
    Row(
      name: "Relu", versions: [1, 6, 13, 14], input: "X", output: "Y", types: negatable, floating: { $0 <= 0 ? 0 : $0 },
      signed: { max($0, 0) }, unsigned: { $0 }, size: { $0 }),
  ]

  static let definitions = rows.map { row in
    OperatorDefinition(
      Signature(
        row.name, versions: row.versions, inputs: [.required(row.input, "T")], outputs: [.required(row.output, "T")],
        types: ["T": row.types])
    ) { _ in UnaryNumeric(row: row) }
  }

  let row: Row

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    if let constant = context.smallConstant(self, type.shape) { return [Inferred(type, value: constant)] }
    let value = context.dimensions(type.shape, type.elementType) { (x) throws(OnyxError) in
      if let known = x[0].known { return Dimension(Int(row.signed(Int64(known)))) }
      return x[0].isNeverNegative || row.name == "Neg" ? try row.size(x[0]) : nil
    }
    return [Inferred(type, value: value)]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    switch x.elementType.domain {
    case .floating: return [try Tensor(floating: x.doubles().map(row.floating), as: x.elementType, shape: x.shape)]
    case .signed: return [try Tensor(integral: x.integers().map(row.signed), as: x.elementType, shape: x.shape)]
    default: return [try Tensor(integral: x.integers().map(row.unsigned), as: x.elementType, shape: x.shape)]
    }
  }
}
