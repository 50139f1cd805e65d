import OnyxTensor
import Testing

struct ElementTests {
  /// `onnx.TensorProto.DataType` of onnx 1.23.2 and the item sizes of `onnx.helper.tensor_dtype_to_np_dtype`.
  @Test func numbersAndWidthsAreThoseOfTensorProto() {
    let expected: [ElementType: (Int32, Int)] = [
      .float32: (1, 4), .uint8: (2, 1), .int8: (3, 1), .uint16: (4, 2), .int16: (5, 2), .int32: (6, 4), .int64: (7, 8), .string: (8, 0),
      .bool: (9, 1),
      .float16: (10, 2), .float64: (11, 8), .uint32: (12, 4), .uint64: (13, 8), .complex64: (14, 8), .complex128: (15, 16),
      .bfloat16: (16, 2),
      .float8e4m3fn: (17, 1), .float8e4m3fnuz: (18, 1), .float8e5m2: (19, 1), .float8e5m2fnuz: (20, 1), .uint4: (21, 1), .int4: (22, 1),
      .float4e2m1: (23, 1), .float8e8m0: (24, 1), .uint2: (25, 1), .int2: (26, 1), .float6e2m3: (27, 1), .float6e3m2: (28, 1),
    ]
    for type in ElementType.allCases {
      #expect(expected[type]?.0 == type.rawValue, "\(type)")
      #expect(expected[type]?.1 == type.byteWidth, "\(type)")
    }
    #expect(
      ElementType.int4.bitsInFiles == 4 && ElementType.uint2.bitsInFiles == 2 && ElementType.float6e3m2.bitsInFiles == 6
        && ElementType.complex128.bitsInFiles == 128)
  }

  @Test func everyTypeHasItsStorageType() {
    for type in ElementType.allCases {
      let found = [type.floatingElement.map { $0.elementType }, type.integralElement.map { $0.elementType }].compactMap { $0 }
      switch type.domain {
      case .complex, .string: #expect(found.isEmpty)
      default: #expect(found == [type])
      }
    }
  }

  /// Typed views step by the stride of the Swift type over memory of the ONNX type's width.
  @Test func everySwiftTypeIsAsWideAsItsElementType() {
    func check<T: TensorElement>(_ type: T.Type, _ element: ElementType) {
      #expect(T.storage.elementType == element && T.elementType == element)
      #expect(MemoryLayout<T>.size == element.byteWidth && MemoryLayout<T>.stride == element.byteWidth)
    }
    for element in ElementType.allCases {
      if let type = element.floatingElement { check(type, element) }
      if let type = element.integralElement { check(type, element) }
    }
    check(Complex64.self, .complex64)
    check(Complex128.self, .complex128)
  }

  /// Double to bfloat16 with one rounding: exact rational arithmetic in Python.
  @Test(
    arguments: [
      (0x1.01p0, 0x3F80), (0x1.01p0 + 0x1p-40, 0x3F81), (0x1.03p0, 0x3F82), (0x1.03p0 - 0x1p-40, 0x3F81), (-0x1.01p0 - 0x1p-40, 0xBF81),
      (3.3895313892515355e38, 0x7F7F), (3.39617752923046e38, 0x7F80), (3.396177529230459e38, 0x7F7F), (1e300, 0x7F80), (0x1p-133, 1),
      (0x1p-134, 0),
      (0x1p-134 + 0x1p-150, 1), (0x1p-1074, 0), (0.1, 0x3DCD), (-0.0, 0x8000), (-.infinity, 0xFF80),
    ] as [(Double, UInt16)])
  func bfloat16RoundsOnce(_ value: Double, _ bits: UInt16) {
    #expect(BFloat16(rounding: value).bits == bits)
  }

  @Test func everyBFloat16ComesBack() {
    for bits in UInt16.min...UInt16.max {
      let element = BFloat16(bits: bits)
      #expect(element.float.bitPattern == UInt32(bits) << 16)
      if element.float.isNaN {
        #expect(BFloat16(element.float).float.isNaN && BFloat16(rounding: .nan).float.isNaN)
      } else {
        #expect(BFloat16(element.float).bits == bits && BFloat16(rounding: element.wide).bits == bits)
      }
    }
    // A NaN whose payload is only in the bits that are cut off.
    #expect(BFloat16(Float(bitPattern: 0x7F80_0001)).float.isNaN)
  }

  @Test func float16RoundsOnce() {
    #expect(Float16(rounding: 65519.99) == 65504)
    #expect(Float16(rounding: 65520) == .infinity)
    #expect(Float16(rounding: 1 + 0x1p-11 + 0x1p-40).bitPattern == 15361)
    #expect(Float16(rounding: 0x1p-25) == 0)
    #expect(Float16(rounding: 0x1p-25 + 0x1p-60).bitPattern == 1)
  }

  @Test func narrowIntegersKeepTheirLowBits() {
    #expect((Int8.min...Int8.max).allSatisfy { (-8...7).contains(Int4($0).value) && (Int4($0).value &- $0) & 15 == 0 })
    #expect((Int8.min...Int8.max).allSatisfy { (-2...1).contains(Int2($0).value) && (Int2($0).value &- $0) & 3 == 0 })
    #expect((UInt8.min...UInt8.max).allSatisfy { UInt4($0).value == $0 % 16 && UInt2($0).value == $0 % 4 })
    #expect([Int4(wrapping: 200).value, Int4(wrapping: -9).value] == [-8, 7])
    #expect([UInt4(wrapping: -1).value, UInt2(wrapping: .min).value] == [15, 0])
    #expect(Int2(wrapping: .max).value == -1)
    #expect(Bool(wrapping: 2) && !Bool(wrapping: 0) && true.wide == 1)
    #expect(Int16(wrapping: 200_000) == 3392)
  }
}
