import OnyxGraph
import OnyxTensor

extension Set<ElementType> {
  /// What QuantizeLinear makes and DequantizeLinear reads.
  static let quantized: Self = floats8.union(floats6).union([.float4e2m1, .int2, .uint2, .int4, .uint4, .int8, .uint8, .int16, .uint16])
  static let bytes: Self = [.int8, .uint8]
  static let bytesAndFloats8: Self = bytes.union(floats8)
}

extension ElementType {
  /// The values of an integer type of at most 32 bits; nil for every other type.
  var integerRange: ClosedRange<Double>? {
    guard isInteger, bitsInFiles <= 32 else { return nil }
    let count = Double(sign: .plus, exponent: bitsInFiles, significand: 1)
    return domain == .signed ? -count / 2...count / 2 - 1 : 0...count - 1
  }
}

/// Values turned into a quantized type: saturate(round to nearest even(quotient) + zero point). A NaN becomes the least
/// integer, or the NaN of a float type.
///
/// `next` writes quotients and zero points, a piece at a time; `saturates` is for float types. Throws what `next` throws.
func quantized(
  as type: ElementType, shape: Shape, saturates: Bool = true,
  _ next: (_ quotients: inout [Double], _ zeroPoints: inout [Double]) throws(OnyxError) -> Void
) throws(OnyxError) -> Tensor {
  var (quotients, zeroPoints): ([Double], [Double]) = ([], [])
  if let range = type.integerRange {
    return try Tensor(integral: type, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
      quotients.fit(piece.count)
      zeroPoints.fit(piece.count)
      try next(&quotients, &zeroPoints)
      for index in piece.indices {
        let sum = quotients[index].rounded(.toNearestOrEven) + zeroPoints[index]
        piece[index] = Int64(sum.isNaN ? range.lowerBound : min(max(sum, range.lowerBound), range.upperBound))
      }
    }
  }
  guard type.floatingElement is any NarrowFloat.Type else { throw .bug("\(type) is no quantized type.") }
  return try Tensor(floating: type, shape: shape, saturates: saturates) { (piece: inout [Double]) throws(OnyxError) in
    zeroPoints.fit(piece.count)
    try next(&piece, &zeroPoints)
    for index in piece.indices { piece[index] += zeroPoints[index] }
  }
}

/// As above, with one zero point; `quotient` is that of an element, counted in row-major order.
func quantized(as type: ElementType, shape: Shape, zeroPoint: Double, quotient: (_ index: Int) -> Double) throws(OnyxError) -> Tensor {
  var done = 0
  return try quantized(as: type, shape: shape) { (quotients, zeroPoints) throws(OnyxError) in
    for index in quotients.indices {
      quotients[index] = quotient(done + index)
      zeroPoints[index] = zeroPoint
    }
    done += quotients.count
  }
}
