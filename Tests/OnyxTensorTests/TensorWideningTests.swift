import OnyxTensor
import Testing

/// Tensors of 16-bit floats that are float32 when they are read.
struct TensorWideningTests {
  @Test func everyFloat16() throws {
    let codes = (0...UInt16.max).map { Float16(bitPattern: $0) }
    let widened = try Tensor(codes).widened()
    #expect(widened.elementType == .float32 && widened.shape == [65536] && widened.heldByteCount == 0)
    let found = try widened.elements(as: Float.self)
    #expect(widened.heldByteCount == 0)
    for (code, float) in zip(codes, found) where !(Float(code) == float || code.isNaN && float.isNaN) || code.sign != float.sign {
      Issue.record("\(code.bitPattern) became \(float)")
    }
    try widened.withElements(of: Float.self) { elements in
      #expect(elements.count == 65536)
      for index in found.indices where elements[index].bitPattern != found[index].bitPattern { Issue.record("\(index)") }
    }
    #expect(widened.heldByteCount == 4 * 65536)
    #expect(try widened.elements(as: Float.self).map(\.bitPattern) == found.map(\.bitPattern))
  }

  @Test func everyBFloat16() throws {
    let codes = (0...UInt16.max).map { BFloat16(bits: $0) }
    #expect(try Tensor(codes).widened().elements(as: Float.self).map(\.bitPattern) == codes.map(\.float.bitPattern))
  }

  @Test func partsAndReshapedTensors() throws {
    let tensor = try Tensor((0..<2400).map { Float16($0) }, shape: [2, 1200])
    let part = try tensor.slice(at: 1).widened()
    part.releasePages()
    #expect(try part.reshaped(to: [3, 400]).element(at: [1, 2], as: Float.self) == 1602)
    #expect(try tensor.slice(at: 0).slice(at: 7).widened().element(at: [], as: Float.self) == 7)
    #expect(try Tensor([] as [Float16]).widened().elements(as: Float.self) == [])
  }

  @Test func otherTypesCannot() throws {
    #expect(throws: OnyxError.self) { try Tensor([1, 2] as [Float]).widened() }
    #expect(throws: OnyxError.self) { try Tensor(["1"]).widened() }
  }
}
