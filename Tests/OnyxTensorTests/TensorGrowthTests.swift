import OnyxTensor
import Testing

@Suite("Small tensors are joined, and grow in their own memory")
struct TensorGrowthTests {
  static func address(of tensor: Tensor) -> UInt? {
    guard case .bytes(let buffer, let offset) = tensor.storage else { return nil }
    return unsafe UInt(bitPattern: buffer.pointer) + UInt(offset)
  }

  @Test func isTheSameAsConcatenated() throws {
    let cases: [([[Int]], Int)] = [
      ([[2, 3], [2, 1], [2, 4]], 1), ([[1, 3], [4, 3]], 0), ([[2, 2, 2], [2, 2, 2]], -1), ([[0, 2], [1, 2]], 0),
    ]
    for (shapes, axis) in cases {
      var next: Float = 0
      let tensors = try shapes.map { dimensions in
        let shape = try Shape(dimensions)
        return try Tensor(
          (0..<shape.elementCount).map { _ in
            next += 1
            return next
          }, shape: shape)
      }
      var given: [Tensor?] = tensors
      let joined = try #require(Tensor.joinedSmall(&given, axis: axis))
      #expect(joined == (try Tensor.concatenated(tensors, axis: axis < 0 ? axis + tensors[0].shape.rank : axis)))
    }
  }

  @Test func growsInPlaceWhenNobodyElseHoldsIt() throws {
    let row = try Tensor([9, 8, 7, 6] as [Float])
    var tensor = try Tensor([1, 2, 3, 4] as [Float])
    var (expected, moves): ([Float], Int) = ([1, 2, 3, 4], 0)
    for _ in 0..<20_000 {
      let before = Self.address(of: tensor)
      var given: [Tensor?] = [tensor, row]
      tensor = row
      tensor = try #require(Tensor.joinedSmall(&given, axis: 0))
      expected += [9, 8, 7, 6]
      if Self.address(of: tensor) != before { moves += 1 }
    }
    #expect(moves < 40)
    #expect(try tensor.elements(as: Float.self) == expected)
  }

  @Test func whatSomebodyHoldsStaysAsItIs() throws {
    let row = try Tensor([3] as [Int64])
    var given: [Tensor?] = [try Tensor([1, 2] as [Int64]), row]
    let first = try #require(Tensor.joinedSmall(&given, axis: 0))
    var (one, two): ([Tensor?], [Tensor?]) = ([first, row], [first, try Tensor([4] as [Int64])])
    let (a, b) = (try #require(Tensor.joinedSmall(&one, axis: 0)), try #require(Tensor.joinedSmall(&two, axis: 0)))
    #expect(try first.elements(as: Int64.self) == [1, 2, 3])
    #expect(try a.elements(as: Int64.self) == [1, 2, 3, 3])
    #expect(try b.elements(as: Int64.self) == [1, 2, 3, 4])
  }

  @Test func leavesAloneWhatItCannotJoin() throws {
    let large = try Tensor.zeros(.float32, shape: [1 << 15])
    let cases: [([Tensor?], Int)] = [
      ([try Tensor([1] as [Float]), try Tensor([1] as [Int64])], 0), ([try Tensor(["a"], shape: [1]), try Tensor(["b"], shape: [1])], 0),
      ([try Tensor([1, 2] as [Float]), try Tensor([1, 2] as [Float], shape: [1, 2])], 0), ([try Tensor([1] as [Float])], 1),
      ([try Tensor([1, 2] as [Float], shape: [1, 2]), try Tensor([1] as [Float], shape: [1, 1])], 0), ([large, large], 0),
      ([nil], 0), ([], 0),
      ([try Tensor.zeros(.float32, shape: [0]), try Tensor.zeros(.float32, shape: [0])], 0),
    ]
    for (tensors, axis) in cases {
      var given = tensors
      #expect(Tensor.joinedSmall(&given, axis: axis) == nil)
      #expect(given.count == tensors.count)
      for (left, right) in zip(given, tensors) { #expect(left == right) }
    }
  }
}
