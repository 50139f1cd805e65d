import OnyxTesting
import Testing

@Suite struct MismatchTests {
  private func mismatch(_ a: Tensor, _ b: Tensor, rtol: Double = 0, atol: Double = 0) throws -> Mismatch.Elements {
    let mismatch = try #require(Mismatch(a, b, rtol: rtol, atol: atol))
    return try #require(mismatch.elements)
  }

  @Test func floats() throws {
    let expected = try Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]])
    let elements = try mismatch(try Tensor([[1, 2, 3.25], [4, 8, .nan]] as [[Float]]), expected)
    #expect(elements.count == 3 && elements.total == 6 && elements.first == [0, 2])
    #expect(elements.actual == "3.25" && elements.expected == "3.0")
    #expect(elements.largestDifference == 3 && elements.largest == [1, 1])
    // 0.25 ≤ 0.1 + 0.05 · 3, but not with less.
    #expect(Mismatch(try Tensor([3.25] as [Float]), try Tensor([3] as [Float]), rtol: 0.05, atol: 0.1) == nil)
    #expect(Mismatch(try Tensor([3.25] as [Float]), try Tensor([3] as [Float]), rtol: 0.05, atol: 0.0999) != nil)
    // A float32 is written as such, not as the double nearest to it.
    #expect(try mismatch(try Tensor([0.1] as [Float]), try Tensor([0.2] as [Float])).actual == "0.1")
  }

  @Test func nanAndInfinity() throws {
    let (nan, one) = (try Tensor([Float.nan]), try Tensor([1] as [Float]))
    let (plus, minus) = (try Tensor([Float.infinity]), try Tensor([-Float.infinity]))
    #expect(Mismatch(nan, nan) == nil && Mismatch(plus, plus) == nil)
    for (a, b) in [(nan, one), (one, nan), (nan, plus), (plus, minus), (plus, one), (one, plus)] {
      let elements = try mismatch(a, b, rtol: 1, atol: 9)
      #expect(elements.count == 1 && elements.largestDifference == nil && elements.largest == nil)
    }
  }

  @Test func tolerancesThatAreNoNumbers() throws {
    let (a, b) = (try Tensor([1, 2] as [Float]), try Tensor([1, 3] as [Float]))
    #expect(Mismatch(a, a, rtol: .nan) == nil && Mismatch(a, a, atol: -1) == nil)
    #expect(try mismatch(a, b, rtol: .nan).count == 1 && mismatch(a, b, atol: -1).count == 1)
  }

  @Test func integers() throws {
    let elements = try mismatch(try Tensor([Int64.min, 5, 7]), try Tensor([Int64.max, 5, 6]))
    // 2^64 − 1 rounds to 2^64.
    #expect(elements.count == 2 && elements.largestDifference == 0x1p64 && elements.first == [0])
    let large = try mismatch(try Tensor([UInt64.max]), try Tensor([UInt64.max - 1]))
    #expect(large.actual == "18446744073709551615" && large.expected == "18446744073709551614" && large.largestDifference == 1)
    #expect(Mismatch(try Tensor([5] as [UInt8]), try Tensor([6] as [UInt8]), atol: 1) == nil)
    #expect(Mismatch(try Tensor([0] as [UInt64]), try Tensor([UInt64.max]), rtol: 0.5, atol: 0) != nil)
  }

  @Test func otherTypes() throws {
    let texts = try mismatch(try Tensor(["a", "b\n"]), try Tensor(["a", "b"]))
    #expect(texts.actual == #""b\n""# && texts.first == [1] && texts.largestDifference == nil)
    #expect(try mismatch(try Tensor([true]), try Tensor([false]), atol: 9).actual == "true")
    let numbers = try mismatch(try Tensor([Complex64(1, 2)]), try Tensor([Complex64(1, 4)]))
    #expect(numbers.actual == "(1.0, 2.0)" && numbers.expected == "(1.0, 4.0)" && numbers.largestDifference == 2)
  }

  @Test func typesAndShapes() throws {
    let row = try Tensor([[1, 2]] as [[Float]])
    let other = try #require(Mismatch(row, try Tensor([1, 2] as [Float])))
    #expect(other.elements == nil && other.description == "the tensor is float32[1,2], expected float32[2]")
    #expect(Mismatch(row, try Tensor([[1, 2]] as [[Double]]))?.description == "the tensor is float32[1,2], expected float64[1,2]")
    let empty = try Tensor([] as [Float])
    #expect(Mismatch(empty, empty) == nil)
  }
}
