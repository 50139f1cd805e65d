import OnyxGraph
import OnyxTensor

/// Replaces elements that equal one value; NaN equals NaN here. ONNX: Imputer (ai.onnx.ml 1).
///
/// One new value for all elements, or one for each feature of the last axis. Floats take the attributes of floats, integers those of
/// integers.
package struct Imputer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Imputer", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .features]), Imputer.init)

  /// The old value, and the new ones: one, or one for each feature.
  package enum Replacement: Sendable {
    case floats(Float, [Float])
    case ints(Int, [Int])

    /// How many new values there are.
    package var count: Int {
      switch self {
      case .floats(_, let values): values.count
      case .ints(_, let values): values.count
      }
    }
  }

  /// What is replaced by what.
  package let replacement: Replacement

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let floats = try attributes.floats("imputed_value_floats") ?? []
    let ints = try attributes.ints("imputed_value_int64s") ?? []
    let float = try attributes.float("replaced_value_float", default: 0)
    let int = try attributes.int("replaced_value_int64", default: 0)
    guard floats.isEmpty != ints.isEmpty else {
      throw .invalid("Exactly one of the attributes 'imputed_value_floats' and 'imputed_value_int64s' must be given.")
    }
    replacement = ints.isEmpty ? .floats(float, floats) : .ints(int, ints)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    if let shape = x.shape, replacement.count != 1 {
      guard let features = shape.last else { throw .invalid("The input is a scalar; it must have an axis of features.") }
      try requireEqual(Dimension(replacement.count), features, "The new values are not one for each feature")
    }
    return [x.resized(x.shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    guard replacement.count == 1 || x.shape.last == replacement.count else {
      throw .invalid("The new values are not one for each feature.")
    }
    switch replacement {
    case .floats(let old, let new) where x.elementType.isFloating:
      let (old, new) = (Double(old), new.map(Double.init))
      var values = try x.doubles()
      for index in values.indices where values[index] == old || (values[index].isNaN && old.isNaN) {
        values[index] = new[index % new.count]
      }
      return [try Tensor(floating: values, as: x.elementType, shape: x.shape)]
    case .ints(let old, let new) where !x.elementType.isFloating:
      if x.elementType == .int32, let wrong = new.first(where: { Int32(exactly: $0) == nil }) {
        throw .invalid("The new value \(wrong) does not fit int32.")
      }
      var values = try x.integers()
      for index in values.indices where values[index] == old { values[index] = Int64(new[index % new.count]) }
      return [try Tensor(integral: values, as: x.elementType, shape: x.shape)]
    default:
      throw .invalid(
        "The new values are of another kind than the input, which is \(x.elementType).",
        remedy: "Give 'imputed_value_floats' for floats and 'imputed_value_int64s' for integers.")
    }
  }
}
