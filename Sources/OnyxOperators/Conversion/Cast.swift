import OnyxGraph
import OnyxTensor

/// Converts elements to another type. ONNX: Cast (1, 6, 9, 13, 19, 21, 23, 24, 25, 28), to the type that an attribute names;
/// CastLike (15, 19, 21, 23, 24, 25), to the type of the second input.
struct Cast: Operator {
  private static let likeTypes = Set<ElementType>.all.subtracting(Set<ElementType>.complexes)
  private static let types = likeTypes.union(Set<ElementType>.floats6)

  static let definitions = [
    OperatorDefinition(
      Signature(
        "Cast", versions: [1, 6, 9, 13, 19, 21, 23, 24, 25, 28], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
        types: ["T1": types, "T2": types])
    ) { (attributes) throws(OnyxError) in
      let target = try attributes.required("to", try attributes.elementType("to"))
      guard types.contains(target) else { throw .invalid("The attribute 'to' is \(target), to which nothing can be cast.") }
      return Cast(target: target, conversion: try conversion(&attributes))
    },
    OperatorDefinition(
      Signature(
        "CastLike", versions: [15, 19, 21, 23, 24, 25], inputs: [.required("input", "T1"), .required("target_type", "T2")],
        outputs: [.required("output", "T2")], types: ["T1": likeTypes, "T2": likeTypes])
    ) { (attributes) throws(OnyxError) in Cast(target: nil, conversion: try conversion(&attributes)) },
  ]

  private static func conversion(_ attributes: inout AttributeReader) throws(OnyxError) -> ElementConversion {
    ElementConversion(
      saturates: try attributes.flag("saturate", default: true),
      roundMode: try attributes.choice("round_mode", default: ElementConversion.RoundMode.up))
  }

  /// nil: the type of the second input.
  let target: ElementType?
  let conversion: ElementConversion

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
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

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let element = if let target { target } else { try context.input(1).elementType }
    return [try conversion.convert(context.input(0), to: element)]
  }
}
