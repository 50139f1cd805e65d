import OnyxTensor
import OnyxTestSupport
import Testing

/// SAFETY: pointers stay in their closures.
@Suite struct TensorBytesTests {
  private static func tensor(_ bytes: [UInt8], _ type: ElementType, _ shape: Shape) throws(OnyxError) -> Tensor {
    // One byte before them keeps the elements from being aligned.
    let shifted = [0] + bytes
    let result = unsafe shifted.withUnsafeBytes { all in
      Result { () throws(OnyxError) in
        try unsafe Tensor(copying: UnsafeRawBufferPointer(rebasing: all[1...]), of: type, shape: shape)
      }
    }
    return try result.get()
  }

  @Test func bytesAreElementsOfAnyAlignment() throws {
    let tensor = try Self.tensor([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], .float32, [2])
    #expect(try tensor.elements(as: Float.self) == [1, -2])
    #expect(unsafe tensor.withUnsafeBytes { unsafe Array($0) } == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    #expect(try Self.tensor([], .int64, [0, 3]).elementCount == 0)
  }

  @Test func bytesThatAreNoElementsAreRefused() throws {
    for (bytes, type) in [([UInt8](repeating: 0, count: 7), ElementType.float32), ([2], .bool), ([8], .int4), ([1], .string)] {
      let error = failure { () throws(OnyxError) in try Self.tensor(bytes, type, [type == .float32 ? 2 : 1]) }
      #expect(error?.code == .usage, "\(type)")
    }
  }

  @Test func rowsAreJoinedInOrder() throws {
    let (a, b) = (try Tensor([1, 2] as [Float], shape: [1, 2]), try Tensor([3, 4, 5, 6] as [Float], shape: [2, 2]))
    let joined = try Tensor(joining: [a, b, a])
    #expect(joined.shape == [4, 2])
    #expect(try joined.elements(as: Float.self) == [1, 2, 3, 4, 5, 6, 1, 2])
    let words = try Tensor(joining: [try Tensor(["a"]), try Tensor(["b", "c"])])
    #expect(try words.strings() == ["a", "b", "c"])
    #expect(words.shape == [3])
  }

  @Test func rowsThatDifferAreNotJoined() throws {
    let row = try Tensor([1, 2] as [Float], shape: [1, 2])
    for others in [
      [try Tensor([1, 2, 3] as [Float], shape: [1, 3])], [try Tensor([1, 2] as [Int32], shape: [1, 2])], [try Tensor(scalar: Float(1))],
    ] {
      #expect(failure { () throws(OnyxError) in try Tensor(joining: [row] + others) }?.code == .usage)
    }
    #expect(failure { () throws(OnyxError) in try Tensor(joining: []) }?.code == .usage)
    #expect(failure { () throws(OnyxError) in try Tensor(joining: [try Tensor(scalar: Float(1))]) }?.code == .usage)
  }
}
