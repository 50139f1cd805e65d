import OnyxGraph
import OnyxTensor

/// The slices along `axis`, or the elements of the flattened input, where the condition holds. ONNX: Compress (9, 11, 28).
package struct Compress: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Compress", versions: [9, 11, 28], inputs: [.required("input", "T"), .required("condition", "T1")],
      outputs: [.required("output", "T")],
      types: ["T": .unpacked, "T1": [.bool]]), Compress.init)

  /// May count from the end; nil: the input is flattened first.
  package let axis: Int?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis")
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    if let shape = try context.shape(1), shape.count != 1 { throw .invalid("The condition has rank \(shape.count); it must have rank 1.") }
    let input = try context.shape(0)
    if let input, input.isEmpty { throw .invalid("The input of Compress must have a rank of at least 1.") }
    let picked = try context.input(1).constant.map { (condition) throws(OnyxError) in try Self.extent(condition) }
    let count = picked.map { Dimension($0.count) } ?? context.unknown("count")
    guard let axis else {
      if let input { try Self.check(picked, extent: try input.product()) }
      return [Inferred(element, [count])]
    }
    guard var shape = input else { return [Inferred(element, nil)] }
    let normal = try Shape.normalize(axis: axis, rank: shape.count)
    try Self.check(picked, extent: shape[normal])
    shape[normal] = count
    return [Inferred(element, try shape.checked())]
  }

  private static func picked(_ condition: Tensor) throws(OnyxError) -> [Int] {
    try condition.booleans().enumerated().filter(\.element).map(\.offset)
  }

  /// How many elements of the condition hold, and the last that does.
  private static func extent(_ condition: Tensor) throws(OnyxError) -> (count: Int, last: Int?) {
    try condition.withElements(of: Bool.self) { (elements) throws(OnyxError) in
      var (count, last) = (0, Int?.none)
      for index in elements.indices where elements[index] {
        count += 1
        last = index
      }
      return (count, last)
    }
  }

  private static func check(_ picked: (count: Int, last: Int?)?, extent: Dimension) throws(OnyxError) {
    if let last = picked?.last, let extent = extent.known, last >= extent {
      throw .invalid("The condition holds at \(last), beyond the \(extent) elements it selects from.")
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    let picked = try Self.picked(try context.input(1))
    guard shape.elementCount > 0 else { return [try .empty(input.elementType, shape)] }
    guard let axis else { return [try input.gathering(picked, shape: shape)] }
    let normal = try Shape.normalize(axis: axis, rank: shape.rank)
    let strides = input.shape.strides
    let indices = AxisSums(shape) { ($0 == normal ? picked[$1] : $1) * strides[$0] }
    return [try input.gathering(indices, shape: shape)]
  }
}
