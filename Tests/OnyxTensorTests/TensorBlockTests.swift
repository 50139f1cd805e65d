import OnyxTensor
import OnyxTestSupport
import Testing

/// Rows, slices and joins along an axis.
@Suite struct TensorBlockTests {
  private static func ramp(_ shape: Shape) throws -> Tensor { try Tensor((0..<Int64(shape.elementCount)).map { $0 }, shape: shape) }

  @Test func stacksKeepTheirRows() throws {
    for capacity in [nil, 1, 100] {
      var stack = try TensorStack(like: try Self.ramp([2, 1]), capacity: capacity)
      for number in 0..<70 { try stack.append(try Tensor([Int64(number), -1], shape: [2, 1])) }
      let result = try stack.tensor()
      #expect(result.shape == [70, 2, 1])
      #expect(try result.elements(as: Int64.self) == (0..<70).flatMap { [$0, -1] })
    }
  }

  @Test func stacksRefuseOtherRows() throws {
    var stack = try TensorStack(like: try Self.ramp([2]), capacity: nil)
    try stack.append(try Self.ramp([2]))
    #expect(throws: OnyxError.self) { try stack.append(try Self.ramp([3])) }
  }

  @Test func stacksOfTexts() throws {
    var stack = try TensorStack(like: try Tensor(["a", "b"]), capacity: 2)
    try stack.append(try Tensor(["a", "b"]))
    try stack.append(try Tensor(["c", "d"]))
    #expect(try stack.tensor().strings() == ["a", "b", "c", "d"])
  }

  @Test func rowsAreThoseOfTheFirstAxis() throws {
    let x = try Self.ramp([3, 2, 2])
    #expect(try x.row(1).elements(as: Int64.self) == [4, 5, 6, 7])
    #expect(try x.row(2).shape == [2, 2])
    #expect(throws: OnyxError.self) { try x.row(3) }
  }

  @Test func slicesAlongEveryAxis() throws {
    let x = try Self.ramp([2, 3, 2])
    #expect(try x.slice(axis: 0, from: 1, count: 1).elements(as: Int64.self) == [6, 7, 8, 9, 10, 11])
    #expect(try x.slice(axis: 1, from: 1, count: 2).elements(as: Int64.self) == [2, 3, 4, 5, 8, 9, 10, 11])
    #expect(try x.slice(axis: 2, from: 0, count: 1).elements(as: Int64.self) == [0, 2, 4, 6, 8, 10])
    #expect(try x.slice(axis: 1, from: 3, count: 0).shape == [2, 0, 2])
    #expect(throws: OnyxError.self) { try x.slice(axis: 1, from: 2, count: 2) }
    #expect(throws: OnyxError.self) { try x.slice(axis: 3, from: 0, count: 0) }
  }

  @Test func slicesAndJoinsUndoEachOther() throws {
    let x = try Self.ramp([2, 5, 3])
    for axis in 0..<3 {
      let parts = [try x.slice(axis: axis, from: 0, count: 1), try x.slice(axis: axis, from: 1, count: x.shape[axis] - 1)]
      #expect(try Tensor.concatenated(parts, axis: axis) == x)
    }
    let texts = try Tensor(["a", "b", "c", "d"], shape: [2, 2])
    #expect(try Tensor.concatenated([texts, texts], axis: 1).strings() == ["a", "b", "a", "b", "c", "d", "c", "d"])
  }

  @Test func joinsRefuseWhatDoesNotFit() throws {
    #expect(throws: OnyxError.self) { try Tensor.concatenated([try Self.ramp([2, 2]), try Self.ramp([2, 3])], axis: 0) }
    #expect(throws: OnyxError.self) { try Tensor.concatenated([try Self.ramp([2]), try Tensor([1] as [Float])], axis: 0) }
  }
}
