import OnyxGraph
import OnyxTensor

/// Numbers from `start` up to, not including, `limit` in steps of `delta`. ONNX: Range (11, 27).
///
/// The length of a floating range is computed as the standard's own shape rule does: the difference in the element type
/// (float32 for narrower ones), its quotient in `Double`.
package struct NumberRange: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Range", versions: [11, 27], inputs: [.required("start", "T"), .required("limit", "T"), .required("delta", "T")],
      outputs: [.required("output", "T")], types: ["T": .floats.union([.int16, .int32, .int64])]), NumberRange.init)

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let stash = try attributes.int("stash_type", default: 1)
    guard stash == Int(ElementType.float32.rawValue) || stash == Int(ElementType.float64.rawValue) else {
      throw .invalid("The attribute 'stash_type' is \(stash).", remedy: "Valid values: 1 (float32), 11 (float64).")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    for index in 0..<3 {
      guard let shape = try context.shape(index) else { continue }
      guard shape.count <= 1, shape.allSatisfy({ $0.known == nil || $0 == 1 }) else { throw Self.noScalar("\(shape)") }
    }
    let constants = context.inputs.compactMap { $0?.constant }
    if constants.count == 3 {
      return [context.folded(self, .tensor(element, shape: [Dimension(try Self.length(constants))]))]
    }
    let bounds = context.inputs.compactMap { $0?.dimensions?.first }
    guard bounds.count == 3, let step = bounds[2].known, let length = try Self.length(from: bounds[0], to: bounds[1], step: step) else {
      return [Inferred(element, [context.unknown("length")])]
    }
    guard let count = length.known, count <= KnownValue.largestElementCount, element == .int64 else { return [Inferred(element, [length])] }
    var values: [Dimension] = []
    for position in 0..<count { values.append(try bounds[0] + Dimension(position) * Dimension(step)) }
    return [Inferred(.tensor(element, shape: [length]), value: .dimensions(values))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let bounds = context.given
    let count = try Self.length(bounds)
    let shape = try Shape([count]).affordable()
    let type = try context.input(0).elementType
    if type.isFloating {
      let (start, delta) = (try Self.scalar(bounds[0].doubles()), try Self.scalar(bounds[2].doubles()))
      switch type {
      case .float32: return [try Self.numbers(shape) { Float(start + Double($0) * delta) }]
      case .float64: return [try Self.numbers(shape) { start + Double($0) * delta }]
      default: return [try Tensor(floating: (0..<count).map { start + Double($0) * delta }, as: type, shape: shape)]
      }
    }
    let (start, delta) = (try Self.scalar(bounds[0].integers()), try Self.scalar(bounds[2].integers()))
    switch type {
    case .int64: return [try Self.numbers(shape) { start &+ Int64($0) &* delta }]
    case .int32: return [try Self.numbers(shape) { Int32(truncatingIfNeeded: start &+ Int64($0) &* delta) }]
    default: return [try Tensor(integral: (0..<count).map { start &+ Int64($0) &* delta }, as: type, shape: shape)]
    }
  }

  /// A tensor of a function of the place.
  private static func numbers<T: TensorElement>(_ shape: Shape, _ number: (Int) -> T) throws(OnyxError) -> Tensor {
    try Tensor(of: T.self, shape: shape) { elements in
      for index in elements.indices { elements[index] = number(index) }
    }
  }

  /// max(ceil((limit - start) / delta), 0) of start, limit and delta.
  private static func length(_ bounds: [Tensor]) throws(OnyxError) -> Int {
    let type = bounds[0].elementType
    if !type.isFloating {
      let (start, limit, delta) = (try scalar(bounds[0].integers()), try scalar(bounds[1].integers()), try scalar(bounds[2].integers()))
      guard delta != 0 else { throw Self.noStep }
      // 128 bits hold every difference of 64-bit numbers.
      let (quotient, rest) = (Int128(limit) - Int128(start)).quotientAndRemainder(dividingBy: Int128(delta))
      let length = rest != 0 && (rest > 0) == (delta > 0) ? quotient + 1 : quotient
      guard let count = Int(exactly: max(length, 0)) else { throw Self.tooLong }
      return count
    }
    let (start, limit, delta) = (try scalar(bounds[0].doubles()), try scalar(bounds[1].doubles()), try scalar(bounds[2].doubles()))
    guard delta != 0 else { throw Self.noStep }
    let difference = type == .float64 ? limit - start : Double(Float(limit - start))
    let length = (difference / delta).rounded(.up)
    guard !length.isNaN else { throw .invalid("The bounds of Range are not finite.") }
    guard let count = Int(exactly: max(length, 0)) else { throw Self.tooLong }
    return count
  }

  /// The length over symbolic bounds; nil when it could be negative before it is held to 0.
  private static func length(from start: Dimension, to limit: Dimension, step: Int) throws(OnyxError) -> Dimension? {
    guard step != 0 else { throw noStep }
    guard step != .min, let span = step > 0 ? try? limit - start : try? start - limit else { return nil }
    if let known = span.known, known < 0 { return 0 }
    return span.isNeverNegative ? try span.dividedUp(by: Dimension(abs(step))) : nil
  }

  private static func scalar<T>(_ values: [T]) throws(OnyxError) -> T {
    guard values.count == 1 else { throw noScalar("[\(values.count)]") }
    return values[0]
  }

  private static func noScalar(_ shape: String) -> OnyxError { .invalid("A bound of Range has the shape \(shape); it must be a scalar.") }
  private static var noStep: OnyxError { .invalid("The step of Range is 0.", remedy: "Use a positive or negative step.") }
  private static var tooLong: OnyxError { .budget("The Range has more elements than fit in memory.", remedy: "Use closer bounds.") }
}
