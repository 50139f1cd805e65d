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

  /// As `gathering`, with the single element of `fill` wherever the index is `IndexMap.outside`. Only some of the indices are held at once.
  func gathering(_ indices: some Sequence<Int>, shape: Shape, fill: Tensor? = nil) throws(OnyxError) -> Tensor {
    try ReferenceMemory.check(shape.elementCount)
    return try gathering(shape: shape, fill: fill) { (take) throws(OnyxError) in
      var piece: [Int] = []
      piece.reserveCapacity(Swift.min(Self.pieceLength, shape.elementCount))
      for index in indices {
        piece.append(index)
        guard piece.count == Self.pieceLength else { continue }
        try take(piece)
        piece.removeAll(keepingCapacity: true)
      }
      if !piece.isEmpty { try take(piece) }
    }
  }

  private static var pieceLength: Int { 4096 }

  /// A tensor of `shape` with every element equal to the first one of this tensor.
  func filling(_ shape: Shape) throws(OnyxError) -> Tensor {
    try ReferenceMemory.check(shape.elementCount)
    return try gathering(repeatElement(0, count: shape.elementCount), shape: shape)
  }
}
