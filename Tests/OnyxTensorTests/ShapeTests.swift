import OnyxTensor
import Testing

struct ShapeTests {
  @Test func countsElements() throws {
    #expect(Shape.scalar.elementCount == 1 && Shape.scalar.rank == 0)
    #expect(try Shape([2, 3, 4]).elementCount == 24)
    #expect(try Shape([2, 0, 4]).elementCount == 0)
    #expect(try Shape([2, 3, 4]).strides == [12, 4, 1])
    #expect(try Shape([]).strides == [])
    #expect(try Shape([0, 5]).strides == [5, 1])
    #expect(try Shape([2, 3]).description == "[2,3]")
  }

  @Test(arguments: [[-1], [0, -1], [Int.max, 2], [1 << 32, 1 << 32], [0, 1 << 40, 1 << 40], [Int.min]])
  func refusesImpossibleShapes(_ dimensions: [Int]) {
    let error = #expect(throws: OnyxError.self) { try Shape(dimensions) }
    #expect(error?.code == .invalidModel)
  }

  @Test func theLargestShapeFits() throws {
    #expect(try Shape([Int.max]).elementCount == .max)
    #expect(try Shape([Int.max, 1, 0]).elementCount == 0)
  }

  @Test func axesCountFromBothEnds() throws {
    #expect(try (-3...2).map { try Shape.normalize(axis: $0, rank: 3) } == [0, 1, 2, 0, 1, 2])
    for axis in [3, -4, .max, .min] { #expect(throws: OnyxError.self) { try Shape.normalize(axis: axis, rank: 3) } }
    #expect(throws: OnyxError.self) { try Shape.normalize(axis: 0, rank: 0) }
  }

  /// numpy.broadcast_shapes.
  @Test(
    arguments: [
      ([[2, 3], [3]], [2, 3]), ([[2, 1], [1, 3]], [2, 3]), ([[], [4]], [4]), ([[0, 1], [5]], [0, 5]), ([[1], [0]], [0]), ([], []),
      ([[2, 1, 4], [3, 1], [4]], [2, 3, 4]),
    ] as [([[Int]], [Int])])
  func broadcasts(_ shapes: [[Int]], _ expected: [Int]) throws {
    #expect(try Shape.broadcast(try shapes.map { try Shape($0) }).dimensions == expected)
  }

  @Test(arguments: [[[2], [3]], [[2, 3], [2]], [[0], [2]]])
  func refusesToBroadcast(_ shapes: [[Int]]) {
    #expect(throws: OnyxError.self) { try Shape.broadcast(try shapes.map { try Shape($0) }) }
  }

  @Test func refusesABroadcastThatOverflows() {
    #expect(throws: OnyxError.self) { try Shape.broadcast([try Shape([1 << 40, 1]), try Shape([1 << 40])]) }
  }
}
