import OnyxGraph
import OnyxTensor

/// The tensor that one of the attributes holds. ONNX: Constant (1, 9, 11, 12, 13, 19, 21, 23, 24, 25).
package struct Constant: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Constant", versions: [1, 9, 11, 12, 13, 19, 21, 23, 24, 25], inputs: [], outputs: [.required("output", "T")], types: ["T": .all]),
    Constant.init)

  private static let names = [
    "value", "value_float", "value_floats", "value_int", "value_ints", "value_string", "value_strings", "sparse_value",
  ]

  /// The tensor as the attribute gives it.
  package enum Content: Sendable {
    case dense(Tensor)
    /// Becomes dense only in the run, under the run's memory budget.
    case sparse(SparseTensor)
  }

  /// The result.
  package let content: Content

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let given = Self.names.compactMap { name in attributes.optional(name).map { (name, $0) } }
    guard given.count == 1 else {
      throw .invalid(
        "Constant has \(given.count) value attributes; it must have exactly one.",
        remedy: "Value attributes: \(Self.names.joined(separator: ", ")).")
    }
    content = try Self.content(given[0])
  }

  private static func content(_ attribute: (name: String, value: Attribute)) throws(OnyxError) -> Content {
    switch attribute {
    case ("value", .tensor(let tensor)): .dense(tensor)
    case ("value_float", .float(let value)): .dense(try Tensor(scalar: value))
    case ("value_floats", .floats(let values)): .dense(try Tensor(values, shape: try Shape([values.count])))
    case ("value_int", .int(let value)): .dense(try Tensor(scalar: value))
    case ("value_ints", .ints(let values)): .dense(try Tensor(values, shape: try Shape([values.count])))
    case ("value_string", .string(let bytes)): .dense(try Tensor([String(decoding: bytes, as: UTF8.self)], shape: .scalar))
    case ("value_strings", .strings(let values)):
      .dense(try Tensor(values.map { String(decoding: $0, as: UTF8.self) }, shape: try Shape([values.count])))
    case ("sparse_value", .sparseTensor(let tensor)): .sparse(tensor)
    default: throw .invalid("The attribute '\(attribute.name)' is of kind \(attribute.value.kind).")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    switch content {
    case .dense(let tensor): [Inferred(constant: tensor)]
    case .sparse(let tensor): [Inferred(.tensor(tensor.values.elementType, tensor.shape))]
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    switch content {
    case .dense(let tensor): [tensor]
    case .sparse(let tensor): [try tensor.dense()]
    }
  }
}

extension SparseTensor {
  /// The dense form: the values at their indices, 0 (or false, or "") elsewhere.
  fileprivate func dense() throws(OnyxError) -> Tensor {
    let count = values.elementCount
    guard values.shape.rank == 1, indices.shape.rank == 1 || indices.shape.rank == 2, indices.shape[0] == count else {
      throw .invalid("A sparse tensor needs values of rank 1 and one index, or one row of indices, for each.")
    }
    if indices.shape.rank == 2 && indices.shape[1] != shape.rank {
      throw .invalid("The sparse tensor's index rows have \(indices.shape[1]) entries for a shape of rank \(shape.rank).")
    }
    try ReferenceMemory.check(shape.elementCount)
    var source = [Int](repeating: IndexMap.outside, count: shape.elementCount)
    let numbers = try indices.ints()
    let strides = shape.strides
    for position in 0..<count {
      var target = 0
      if indices.shape.rank == 1 {
        target = numbers[position]
      } else {
        for axis in 0..<shape.rank {
          let coordinate = numbers[position * shape.rank + axis]
          guard coordinate >= 0, coordinate < shape[axis] else {
            throw .invalid("The sparse index \(coordinate) is outside axis \(axis) of \(shape).")
          }
          target += coordinate * strides[axis]
        }
      }
      guard source.indices.contains(target) else { throw .invalid("The sparse index \(target) is outside the shape \(shape).") }
      source[target] = position
    }
    return try values.gathering(source, shape: shape, fill: try .blank(values.elementType))
  }
}
