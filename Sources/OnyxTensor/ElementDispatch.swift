extension ElementType {
  /// The storage type of a floating element; nil for other domains.
  package var floatingElement: (any FloatingElement.Type)? {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .float16: Float16.self
    case .bfloat16: BFloat16.self
    case .float8e4m3fn: Float8E4M3FN.self
    case .float8e4m3fnuz: Float8E4M3FNUZ.self
    case .float8e5m2: Float8E5M2.self
    case .float8e5m2fnuz: Float8E5M2FNUZ.self
    case .float8e8m0: Float8E8M0.self
    case .float4e2m1: Float4E2M1.self
    case .float6e2m3: Float6E2M3.self
    case .float6e3m2: Float6E3M2.self
    default: nil
    }
  }

  /// The storage type of an integer or bool element; nil for other domains.
  package var integralElement: (any IntegralElement.Type)? {
    switch self {
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint8: UInt8.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .bool: Bool.self
    case .int4: Int4.self
    case .uint4: UInt4.self
    case .int2: Int2.self
    case .uint2: UInt2.self
    default: nil
    }
  }
}
