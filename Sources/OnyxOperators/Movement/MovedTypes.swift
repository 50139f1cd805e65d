import OnyxTensor

extension Set<ElementType> {
  /// The types of operators that move elements but were never extended to the narrow types: ONNX `all_tensor_types` with
  /// bfloat16.
  static let unpacked: Self = numbers.union(complexes).union([.bool, .string])
}

extension Tensor {
  /// The one element that ONNX pads and clears with: 0, false or the empty string. Rank 0.
  package static func blank(_ type: ElementType) throws(OnyxError) -> Tensor {
    switch type.domain {
    case .floating: try Tensor(floating: [0], as: type, shape: .scalar)
    case .signed, .unsigned, .bool: try Tensor(integral: [0], as: type, shape: .scalar)
    case .complex: try Tensor(complex: [Complex128(0, 0)], as: type, shape: .scalar)
    case .string: try Tensor([""], shape: .scalar)
    }
  }

  /// A tensor without elements.
  static func empty(_ type: ElementType, _ shape: Shape) throws(OnyxError) -> Tensor { try blank(type).gathering([], shape: shape) }

  /// As `gathering`, with the single element of `fill` wherever the index is `IndexMap.outside`.
  func gathering(_ indices: [Int], shape: Shape, fill: Tensor) throws(OnyxError) -> Tensor {
    guard indices.contains(IndexMap.outside) else { return try gathering(indices, shape: shape) }
    let end = elementCount
    return try Tensor.joined([self, fill]).gathering(indices.map { $0 == IndexMap.outside ? end : $0 }, shape: shape)
  }

  /// A tensor of `shape` with every element equal to the first one of this tensor.
  func filling(_ shape: Shape) throws(OnyxError) -> Tensor {
    try ReferenceMemory.check(shape.elementCount)
    return try gathering([Int](repeating: 0, count: shape.elementCount), shape: shape)
  }
}
