import OnyxTensor
import Testing

@Suite("Constants times factors")
struct TensorScalingTests {
  static let values: [Double] = [1, -2, 0.1, 4.75, .infinity, -0.0, 7, 1e-30, -1.5, 3, 11, 0.3]

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16], [(3, 4), (3, 1), (3, 2), (12, 1), (1, 12), (1, 1)])
  func everyRunTakesItsFactor(type: ElementType, _ form: (factors: Int, run: Int)) throws {
    let factors = (0..<form.factors).map { 0.1 + Double($0) * 1.7 }
    let tensor = try Tensor(floating: Self.values, as: type, shape: [3, 4])
    let given = try tensor.doubles()
    let expected = given.indices.map { given[$0] * factors[$0 / form.run % form.factors] }
    #expect(try tensor.scaled(by: factors, run: form.run) == (try Tensor(floating: expected, as: type, shape: [3, 4])))
  }

  @Test func factorsMustFit() throws {
    let tensor = try Tensor([1, 2, 3, 4] as [Float])
    #expect(throws: OnyxError.self) { try tensor.scaled(by: [1, 2, 3], run: 1) }
    #expect(throws: OnyxError.self) { try tensor.scaled(by: [1], run: 3) }
    #expect(throws: OnyxError.self) { try tensor.scaled(by: [1], run: 0) }
    #expect(throws: OnyxError.self) { try tensor.scaled(by: [], run: 1) }
    #expect(throws: OnyxError.self) { try Tensor([1, 2] as [Int64]).scaled(by: [1], run: 1) }
    #expect(try Tensor.zeros(.float32, shape: [0, 3]).scaled(by: [], run: 0).shape == [0, 3])
  }
}
