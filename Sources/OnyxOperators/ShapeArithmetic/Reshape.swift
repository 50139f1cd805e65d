import OnyxGraph
import OnyxTensor

/// The same elements under another shape; 0 copies an extent, -1 takes what is left.
/// ONNX: Reshape (1, 5, 13, 14, 19, 21, 23, 24, 25).
package struct Reshape: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Reshape", versions: [1, 5, 13, 14, 19, 21, 23, 24, 25], inputs: [.required("data", "T"), .required("shape", "int64")],
      outputs: [.required("reshaped", "T")], types: ["T": .all]), Reshape.init)

  /// Whether 0 is an extent, not the extent of the input.
  package let allowsZero: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    allowsZero = try attributes.flag("allowzero", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    let element = try context.elementType(0)
    let rank = try context.length(1, "shape")
    guard let target = try context.elements(1) else { return [Inferred(element, rank.flatMap(context.unknowns))] }
    guard let shape = data.shape else {
      return [Inferred(element, try withoutSource(target, context).checked())]
    }
    return [try data.reshaped(to: try resolve(target, from: shape))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    [try context.input(0).reshaped(to: try context.shape())]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    guard inputs.count == 2, let data = inputs[0], let target = inputs[1]?.smallInts, inputs[1]?.shape.rank == 1 else { return nil }
    guard let extents = (try? resolve(target.map { Dimension($0) }, from: data.shape.map { Dimension($0) }))?.allKnown else { return nil }
    return try? data.reshaped(to: try Shape(extents))
  }

  /// The target shape with 0 and -1 replaced. Throws when the element counts cannot agree.
  ///
  /// A symbolic extent of the target stands for itself: for a symbol bound to 0, which would copy an extent, the plan infers
  /// again with the numbers.
  private func resolve(_ target: [Dimension], from source: [Dimension]) throws(OnyxError) -> [Dimension] {
    var result = target
    var free: Int?
    var copied: Set<Int> = []
    for (axis, dimension) in target.enumerated() {
      guard let value = dimension.known, value <= 0 else { continue }
      if value == -1 {
        guard free == nil else { throw .invalid("The target shape \(target) has more than one -1.") }
        free = axis
      } else if value < -1 {
        throw .invalid("The target shape \(target) has the extent \(value).")
      } else if !allowsZero {
        guard axis < source.count else {
          throw .invalid("The target shape \(target) copies axis \(axis), which the input \(source) lacks.")
        }
        result[axis] = source[axis]
        copied.insert(axis)
      }
    }
    guard let free else {
      try requireEqual(
        try source.product(), try result.product(), "The input \(source) and the target \(result) have different element counts")
      return result
    }
    if allowsZero && target.contains(0) { throw .invalid("With allowzero a target shape cannot have both 0 and -1: \(target).") }
    // Copied extents cancel before the division: it stays defined when one of them is 0.
    let total = try source.indices.filter { !copied.contains($0) }.map { source[$0] }.product()
    let rest = try result.indices.filter { $0 != free && !copied.contains($0) }.map { result[$0] }.product()
    guard rest != 0 else { throw .invalid("The -1 of the target shape \(target) cannot be found: another extent is 0.") }
    if let a = total.known, let b = rest.known, a % b != 0 {
      throw .invalid("The input \(source) cannot be reshaped to \(target): \(a) elements are no multiple of \(b).")
    }
    result[free] = try total.dividedDown(by: rest)
    return result
  }

  /// The target shape where not even the rank of the data is known.
  private func withoutSource(_ target: [Dimension], _ context: InferenceContext) -> [Dimension] {
    target.enumerated().map { axis, dimension in
      dimension == -1 || (dimension == 0 && !allowsZero) ? context.unknown("\(axis)") : dimension
    }
  }
}
