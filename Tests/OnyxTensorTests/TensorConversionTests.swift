import OnyxTensor
import Testing

/// ONNX Cast (28); the numbers are the standard's text or numpy's `astype`.
struct TensorConversionTests {
  @Test func floatsRoundOnce() throws {
    let half = try Tensor([0.1, 65504, 65519.99, 65520, 1e-8, -.infinity] as [Float]).converted(to: .float16)
    #expect(try half.elements(as: Float16.self) == [0.0999755859375, 65504, 65504, .infinity, 0, -.infinity])
    #expect(try Tensor([16_777_217, -3] as [Int64]).converted(to: .float32).elements(as: Float.self) == [16_777_216, -3])
    #expect(try Tensor([.nan] as [Float]).converted(to: .float64).doubles()[0].isNaN)
  }

  @Test func saturationIsForNarrowFloats() throws {
    let x = try Tensor([1e9, -.infinity] as [Float])
    #expect(try x.converted(to: .float8e4m3fn).doubles() == [448, -448])
    #expect(try x.converted(to: .float8e4m3fn, saturates: false).doubles().allSatisfy(\.isNaN))
    #expect(try x.converted(to: .float8e5m2, saturates: false).doubles() == [.infinity, -.infinity])
    #expect(try x.converted(to: .float4e2m1, saturates: false).doubles() == [6, -6])
  }

  @Test func floatsAreCutToIntegers() throws {
    let x = try Tensor([2.9, -2.9, 1e30, -1e30, .nan] as [Float])
    #expect(try x.converted(to: .int32).elements(as: Int32.self) == [2, -2, .max, .min, 0])
    #expect(try x.converted(to: .uint8).elements(as: UInt8.self) == [2, 0, 255, 0, 0])
    #expect(try x.converted(to: .bool).elements(as: Bool.self) == [true, true, true, true, true])
  }

  @Test func integersKeepTheirLowBits() throws {
    let x = try Tensor([300, -1, 127])
    #expect(try x.converted(to: .uint8).elements(as: UInt8.self) == [44, 255, 127])
    #expect(try Tensor([true, false]).converted(to: .float32).elements(as: Float.self) == [1, 0])
    #expect(try Tensor([UInt64.max]).converted(to: .float64).doubles() == [0x1p64])
  }

  @Test func texts() throws {
    #expect(try Tensor([1.5, .nan, -.infinity] as [Float]).converted(to: .string).strings() == ["1.5", "NaN", "-INF"])
    #expect(try Tensor(["3.14", "1e-5", "-7"]).converted(to: .float64).doubles() == [3.14, 1e-5, -7])
  }

  @Test func aTypeIsItself() throws {
    let x = try Tensor([[1, 2]] as [[Float]])
    #expect(try x.converted(to: .float32) == x)
    #expect(try x.converted(to: .float16).shape == [1, 2])
  }

  @Test func whatHasNoMeaningIsTheCallersError() throws {
    let complex = try Tensor([Complex64(1, 0)])
    for body in [
      { try complex.converted(to: .float32) }, { try Tensor([1]).converted(to: .complex64) }, { try Tensor(["one"]).converted(to: .int8) },
    ]
      as [() throws -> Tensor]
    {
      let error = #expect(throws: OnyxError.self) { try body() }
      #expect(error?.code == .usage)
    }
  }
}
