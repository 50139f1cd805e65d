import OnyxTensor
import OnyxTestSupport
import Testing

struct TensorDescriptionTests {
  @Test func smallTensorsAreWhole() throws {
    #expect("\(try Tensor([[1, 2.5], [-0.0, .nan]] as [[Float]]))" == "float32[2,2] [1.0, 2.5, -0.0, nan]")
    #expect("\(try Tensor(scalar: 0.1))" == "float64[] [0.1]")
    #expect("\(try Tensor([0.1, -.infinity] as [Float16]))" == "float16[2] [0.1, -inf]")
    #expect("\(try Tensor([BFloat16(0.5)]))" == "bfloat16[1] [0.5]")
    #expect("\(try Tensor([Float8E4M3FN(bits: 0x7E)]))" == "float8e4m3fn[1] [448.0]")
    #expect("\(try Tensor([.max, 1] as [UInt64]))" == "uint64[2] [18446744073709551615, 1]")
    #expect("\(try Tensor([Int4(-8), Int4(7)]))" == "int4[2] [-8, 7]")
    #expect("\(try Tensor([true, false]))" == "bool[2] [true, false]")
    #expect("\(try Tensor([Complex64(1, -2), Complex64(0, .nan)]))" == "complex64[2] [1.0-2.0i, 0.0+nani]")
    #expect("\(try Tensor([Complex128(0.5, 1)]))" == "complex128[1] [0.5+1.0i]")
    #expect("\(try Tensor([] as [Int32], shape: [0, 4]))" == "int32[0,4] []")
  }

  @Test func bigTensorsShowBothEnds() throws {
    #expect("\(try Tensor(Array(0..<8)))" == "int64[8] [0, 1, 2, 3, 4, 5, 6, 7]")
    #expect("\(try Tensor(Array(0..<10)).reshaped(to: [2, 5]))" == "int64[2,5] [0, 1, 2, 3, 4, …, 7, 8, 9]")
    #expect("\(try Tensor.zeros(.uint8, shape: [1 << 20]))" == "uint8[1048576] [0, 0, 0, 0, 0, …, 0, 0, 0]")
  }

  @Test func textsAreEscapedAndCut() throws {
    let text = try Tensor(["a\"\n\u{0}", "é", String(repeating: "x", count: 25)]).description
    #expect(text == #"string[3] ["a\"\n\0", "é", "xxxxxxxxxxxxxxxxxxxxxxxx"…]"#)
  }

  @Test(arguments: ElementType.allCases) func everyTypeIsWritten(_ type: ElementType) throws {
    let text = try Tensor.random(type, [20], in: 0...3, seed: 5).description
    #expect(text.hasPrefix("\(type)[20] [") && text.contains("…"))
    #expect(type == .string || text.split(separator: ", ").count == 9)
  }

  @Test func debuggingShowsNoMemory() throws {
    let tensor = try Tensor([1, 2] as [Float])
    #expect(String(reflecting: tensor) == "Tensor(float32[2] [1.0, 2.0])")
    var text = ""
    dump(tensor, to: &text)
    #expect(!text.contains("Buffer") && text.contains("elementType"))
  }
}

struct TensorEqualityTests {
  @Test func typeShapeAndElementsCount() throws {
    let tensor = try Tensor([1, 2] as [Float])
    #expect(try tensor == Tensor([1, 2] as [Float]))
    #expect(try tensor != Tensor([1, 3] as [Float]))
    #expect(try tensor != Tensor([1, 2] as [Double]))
    #expect(try tensor != Tensor([[1, 2]] as [[Float]]))
    #expect(try Tensor(["a"]) == Tensor(["a"]))
    #expect(try Tensor(["a"]) != Tensor(["b"]))
    #expect(try Tensor([Int8(-1)]) != Tensor([UInt8(255)]))
  }

  @Test func floatsAreComparedAsNumbers() throws {
    func same<T: TensorElement>(_ a: T, _ b: T) throws -> [Bool] {
      let (a, b) = (try Tensor([a]), try Tensor([b]))
      return [a == b, a.hasEqualBits(to: b)]
    }
    #expect(try same(0.0 as Float, -0.0) == [true, false] && same(0.0 as Double, -0.0) == [true, false])
    #expect(try same(0.0 as Float16, -0.0) == [true, false] && same(BFloat16(bits: 0), BFloat16(bits: 0x8000)) == [true, false])
    #expect(try same(Float8E5M2(bits: 0), Float8E5M2(bits: 0x80)) == [true, false])
    #expect(try same(Complex64(0, 1), Complex64(-0.0, 1)) == [true, false])
    #expect(try same(Complex128(1, 0), Complex128(1, -0.0)) == [true, false])
    #expect(try same(Float.nan, .nan) == [false, true] && same(Float16.nan, .nan) == [false, true])
    #expect(try same(Float8E4M3FN(bits: 0x7F), Float8E4M3FN(bits: 0x7F)) == [false, true])
    #expect(try same(Complex64(.nan, 0), Complex64(.nan, 0)) == [false, true])
  }

  /// é as one scalar, and as a letter with an accent.
  @Test func textsAreComparedAsSwiftDoes() throws {
    let (one, two) = (try Tensor(["\u{E9}"]), try Tensor(["e\u{301}"]))
    #expect(one == two && !one.hasEqualBits(to: two) && one.hasEqualBits(to: one))
  }

  @Test(arguments: ElementType.allCases) func copiesAreEqual(_ type: ElementType) throws {
    let tensor = try Tensor.random(type, [5], in: 0...3, seed: 8)
    #expect(try tensor == tensor.copied() && tensor.hasEqualBits(to: tensor.copied()))
    #expect(try tensor != tensor.reshaped(to: [5, 1]) && !tensor.hasEqualBits(to: tensor.reshaped(to: [1, 5])))
  }

  @Test func emptyTensorsAreEqual() throws {
    #expect(try Tensor([] as [Float]) == Tensor([] as [Float]))
    #expect(try Tensor.zeros(.float32, shape: [0, 2]) != Tensor.zeros(.float32, shape: [2, 0]))
  }
}
