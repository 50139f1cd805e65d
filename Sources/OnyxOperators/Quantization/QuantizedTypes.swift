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
func quantized(
  _ count: Int, as type: ElementType, shape: Shape, saturate: Bool = true, zeroPoint: (Int) -> Double, quotient: (Int) -> Double
) throws(OnyxError) -> Tensor {
  if let range = type.integerRange {
    let values = (0..<count).map { index in
      let sum = quotient(index).rounded(.toNearestOrEven) + zeroPoint(index)
      return Int64(sum.isNaN ? range.lowerBound : min(max(sum, range.lowerBound), range.upperBound))
    }
    return try Tensor(integral: values, as: type, shape: shape)
  }
  let sums = (0..<count).map { quotient($0) + zeroPoint($0) }
  guard let narrow = type.floatingElement as? any NarrowFloat.Type else { throw .bug("\(type) is no quantized type.") }
  return try Tensor(narrow: sums, narrow, saturate: saturate, shape: shape)
}

extension Tensor {
  fileprivate init<T: NarrowFloat>(narrow values: [Double], _ type: T.Type, saturate: Bool, shape: Shape) throws(OnyxError) {
    try self.init(values.map { T($0, saturate: saturate) }, shape: shape)
  }
}

/// The values as an element of `type` holds them.
func rounded(_ values: [Double], to type: ElementType) throws(OnyxError) -> [Double] {
  type == .float64 ? values : try Tensor(floating: values, as: type, shape: try Shape([values.count])).doubles()
}
