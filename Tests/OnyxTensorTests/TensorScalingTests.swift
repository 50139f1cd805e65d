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

  @Test(arguments: [1, 60, 1200]) func manyProductsAreComputedWhenTheyAreNeeded(run: Int) throws {
    let values = (0..<2400).map { Float($0) * 0.37 }
    let factors = (0..<20).map { 0.1 + Double($0) * 1.7 }
    let count = 2400 / run % 20 == 0 ? 20 : 2
    let expected = values.indices.map { Float(Double(values[$0]) * factors[$0 / run % count]) }
    let scaled = try Tensor(values, shape: [2, 1200]).scaled(by: Array(factors[..<count]), run: run)
    scaled.releasePages()
    #expect(scaled.heldByteCount == 0)
    #expect(try scaled.reshaped(to: [2400]).elements(as: Float.self) == expected && scaled.heldByteCount == 0)
    #expect(try scaled.slice(at: 1).element(at: [5], as: Float.self) == expected[1205])
    try scaled.withElements(of: Float.self) { elements in
      for index in expected.indices where elements[index] != expected[index] { Issue.record("\(index)") }
    }
    #expect(scaled.heldByteCount == 9600)
  }

  @Test func whatIsScaledAgainHoldsOneTensor() throws {
    let half = try Tensor((0..<2400).map { Float16($0 % 1000) }).widened()
    let once = try half.scaled(by: [3], run: 2400)
    let twice = try once.scaled(by: [2, 0.5], run: 1)
    #expect(once.heldByteCount == 0 && twice.heldByteCount == 9600)
    let expected = (0..<2400).map { index -> Float in
      let factor: Float = index % 2 == 0 ? 2 : 0.5
      return Float(index % 1000 * 3) * factor
    }
    #expect(try twice.elements(as: Float.self) == expected)
    var many = half
    for _ in 0..<50_000 { many = try many.scaled(by: [1], run: 2400) }
    #expect(try many.elements(as: Float.self) == (0..<2400).map { Float($0 % 1000) })
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
