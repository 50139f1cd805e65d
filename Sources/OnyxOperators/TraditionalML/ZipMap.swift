import OnyxGraph
import OnyxTensor

/// The scores of each sample by the labels of the classes, as a sequence of maps. ONNX: ZipMap (ai.onnx.ml 1).
///
/// [N,classes] → N maps; [classes] gives one.
package struct ZipMap: ValueOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ZipMap", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "float32")], outputs: [.required("Z", "T")],
      types: [:],
      others: [
        "T": [
          .sequence(.map(key: .string, value: .tensor(.float32))), .sequence(.map(key: .int64, value: .tensor(.float32))),
        ]
      ]), ZipMap.init)

  /// The keys of every map.
  private let keys: Tensor

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let labels = try ClassLabels(&attributes, ints: "classlabels_int64s", strings: "classlabels_strings")
    keys = try labels.tensor(Array(0..<labels.count))
    let isDistinct =
      switch labels {
      case .ints(let labels): Set(labels).count == labels.count
      case .strings(let labels): Set(labels.map(TextKey.init)).count == labels.count
      }
    guard isDistinct else { throw .invalid("A label of the classes comes twice.") }
  }

  private var kind: ValueKind { .map(key: keys.elementType, value: .tensor(.float32)) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    _ = try FeatureMatrix.rows(context, features: keys.elementCount)
    return [Inferred(.sequence(ValueType(kind)))]
  }

  package func evaluate(_ context: inout ValueContext) throws(OnyxError) -> [Value] {
    let x = try context.tensor(0)
    let matrix = try FeatureMatrix(x.shape)
    try matrix.expect(features: keys.elementCount)
    let rows = try x.reshaped(to: try Shape([matrix.rows, matrix.features]))
    var maps: [Value] = []
    for row in 0..<matrix.rows { maps.append(.map(try MapValue(keys: keys, values: try rows.slice(at: row)))) }
    return [.sequence(of: kind, maps)]
  }
}
