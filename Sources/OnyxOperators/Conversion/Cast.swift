import OnyxGraph
import OnyxTensor

/// Converts elements to another type. ONNX: Cast (1, 6, 9, 13, 19, 21, 23, 24, 25, 28), to the type that an attribute names;
/// CastLike (15, 19, 21, 23, 24, 25), to the type of the second input.
package struct Cast: TensorOperator {
  private static let likeTypes = Set<ElementType>.all.subtracting(Set<ElementType>.complexes)
  private static let types = likeTypes.union(Set<ElementType>.floats6)

  static let definitions = [
    OperatorDefinition(
      Signature(
        "Cast", versions: [1, 6, 9, 13, 19, 21, 23, 24, 25, 28], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
        types: ["T1": types, "T2": types]),
      toAttribute),
    OperatorDefinition(
      Signature(
        "CastLike", versions: [15, 19, 21, 23, 24, 25], inputs: [.required("input", "T1"), .required("target_type", "T2")],
        outputs: [.required("output", "T2")], types: ["T1": likeTypes, "T2": likeTypes]),
      like),
  ]

  private static func toAttribute(_ attributes: inout AttributeReader) throws(OnyxError) -> Cast {
    let target = try attributes.required("to", try attributes.elementType("to"))
    guard types.contains(target) else { throw .invalid("The attribute 'to' is \(target), to which nothing can be cast.") }
    return Cast(target: target, conversion: try ElementConversion(&attributes))
  }

  private static func like(_ attributes: inout AttributeReader) throws(OnyxError) -> Cast {
    Cast(target: nil, conversion: try ElementConversion(&attributes))
  }

  /// nil: the type of the second input.
  package let target: ElementType?
  /// How values that the target cannot hold are converted.
  package let conversion: ElementConversion

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let input = try context.input(0)
    let element = if let target { target } else { try context.elementType(1) }
    var value: KnownValue?
    if let constant = input.constant, constant.elementCount <= KnownValue.largestElementCount {
      value = (try? conversion.convert(constant, to: element)).map { .tensor($0) }
    } else if element == .int64 || element == .int32, input.elementType?.isInteger == true {
      let isUnsigned = input.elementType?.domain == .unsigned
      let only = InferenceContext(inputs: [input], outputCount: 1)
      if !isUnsigned { value = only.dimensions(input.shape, element) { $0[0] } }
    }
    return [Inferred(.tensor(element, shape: input.shape), value: value)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let element = if let target { target } else { try context.input(1).elementType }
    return [try conversion.convert(context.input(0), to: element)]
  }
}

extension ElementConversion {
  /// Reads the attributes `saturate` and `round_mode`.
  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    self.init(
      saturates: try attributes.flag("saturate", default: true), roundMode: try attributes.choice("round_mode", default: RoundMode.up))
  }
}
