import OnyxGraph
import OnyxTensor

/// Joins the features of several inputs as float32. ONNX: FeatureVectorizer (ai.onnx.ml 1).
///
/// [N,F₁], [N,F₂], … → [N,ΣFᵢ]; [F] counts as one row. Where `inputdimensions` says another number of features than an input has, the
/// input is cut, or filled with 0, as in ONNX Runtime.
package struct FeatureVectorizer: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "FeatureVectorizer", domain: TraditionalML.domain, versions: [1], inputs: [.variadic("X", "T1")],
      outputs: [.required("Y", "float32")], types: ["T1": .features]), FeatureVectorizer.init)

  /// How many features each input gives; nil for all that it has.
  package let widths: [Int]?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    widths = try attributes.ints("inputdimensions")
    guard let widths else { return }
    guard widths.allSatisfy({ $0 >= 0 }), widths.count == attributes.inputCount else {
      throw .invalid("The attribute 'inputdimensions' is \(widths); it must have a size for each of \(attributes.inputCount) inputs.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    var rows: Dimension?
    var width: Dimension? = 0
    for index in context.inputs.indices {
      let shape = try context.shape(index)
      if shape != nil {
        let count = try FeatureMatrix.rows(context, index)
        if let rows { try requireEqual(rows, count, "The inputs have different numbers of rows") }
        rows = rows?.known != nil ? rows : count
      }
      if let sum = width, let features = widths.map({ Dimension($0[index]) }) ?? shape?.last {
        width = try sum + features
      } else {
        width = nil
      }
    }
    return [Inferred(.float32, try [rows ?? context.unknown("rows"), width ?? context.unknown("features")].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    var result = try shape.filled(with: 0.0)
    if result.isEmpty { return [try .float32(result, shape)] }
    var offset = 0
    for (index, x) in context.given.enumerated() {
      let matrix = try FeatureMatrix(x.shape)
      guard matrix.rows == shape[0] else { throw .invalid("An input has \(matrix.rows) rows, the first one \(shape[0]).") }
      let values = try x.doubles()
      let width = widths?[index] ?? matrix.features
      for row in 0..<matrix.rows {
        for feature in 0..<min(width, matrix.features) {
          result[row * shape[1] + offset + feature] = values[row * matrix.features + feature]
        }
      }
      offset += width
    }
    return [try .float32(result, shape)]
  }
}
