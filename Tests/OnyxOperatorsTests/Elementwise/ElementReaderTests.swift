import OnyxTensor
import OnyxTestSupport
import Testing

/// Walks over operands, and tensors made by pieces.
struct ElementReaderTests {
  /// Positions by their definition: the element of the operand with the same coordinates, 0 along repeated axes.
  private static func positions(_ operand: Shape, in result: Shape) -> [Int] {
    (0..<result.elementCount).map { index in
      zip(result.indices, result.strides).reduce(0) { sum, place in
        let axis = place.0 - (result.rank - operand.rank)
        guard axis >= 0, operand[axis] != 1 else { return sum }
        return sum + index / place.1 % result[place.0] * operand.strides[axis]
      }
    }
  }

  private static func walked(_ walk: any ElementWalk, count: Int, atMost limit: Int) -> [Int] {
    var positions: [Int] = []
    while positions.count < count {
      let run = walk.run(at: positions.count, atMost: min(limit, count - positions.count))
      #expect(run.count >= 1 && run.count <= limit)
      positions += (0..<run.count).map { run.position + $0 * run.stride }
    }
    return positions
  }

  @Test func walksVisitWhatBroadcastingRepeats() throws {
    let pairs: [(Shape, Shape)] = [
      ([], []), ([], [3]), ([1], [2, 3]), ([3], [2, 3]), ([2, 1], [2, 3]), ([2, 3], [2, 3]), ([1, 4, 1, 1], [2, 4, 3, 2]),
      ([4, 1, 2], [5, 4, 3, 2]), ([3, 1, 2, 1], [3, 4, 2, 5]), ([1, 1, 1], [1, 1, 1]), ([2, 1, 3, 1, 2], [2, 2, 3, 2, 2]),
      ([7, 1], [7, 300]), ([300], [7, 300]),
    ]
    for (operand, result) in pairs {
      let walk = BroadcastWalk(operand, in: result)
      for limit in [1, 2, 5, 512] {
        #expect(Self.walked(walk, count: result.elementCount, atMost: limit) == Self.positions(operand, in: result), "\(operand) \(result)")
      }
    }
  }

  /// Numbers of tensors around the length of a piece, of every type, read as they lie and repeated.
  @Test(arguments: ElementType.allCases.filter { $0.floatingElement != nil || $0.integralElement != nil })
  func readsEachType(_ type: ElementType) throws {
    for count in [0, 1, Tensor.pieceLength - 1, Tensor.pieceLength, Tensor.pieceLength + 1, 2 * Tensor.pieceLength + 3] {
      let x =
        type.isFloating
        ? try Tensor(floating: (0..<count).map { Double($0 % 7) - 3 }, as: type, shape: Shape([count]))
        : try Tensor(integral: (0..<count).map { Int64($0 % 300) - 150 }, as: type, shape: Shape([count]))
      let shape = try Shape([2, count])
      if type.isFloating {
        #expect(try x.mapFloats(as: .float64) { $0 + 1 }.elements(as: Double.self) == x.doubles().map { $0 + 1 })
        let sums = try Tensor.foldFloats([x, x], in: shape, as: .float64, +, finish: { -$0 })
        #expect(try sums.elements(as: Double.self) == (try x.doubles() + x.doubles()).map { -2 * $0 })
        #expect(try x.mapFloats { $0 }.doubles() == x.doubles())
      } else {
        #expect(try x.mapIntegers(as: .int64) { $0 &+ 1 }.elements(as: Int64.self) == x.integers().map { $0 &+ 1 })
        #expect(try x.mapIntegers { $0 }.integers() == x.integers())
        #expect(try Tensor.foldFloats([x], in: shape, as: .float64, +).elements(as: Double.self) == x.doubles() + x.doubles())
        let equal = try Tensor.foldIntegers([x, x], in: shape, as: .bool) { $0 == $1 ? 1 : 0 }
        #expect(try equal.booleans() == [Bool](repeating: true, count: 2 * count))
      }
    }
  }

  @Test func unsignedNumbersAreReadAsWhatTheyAre() throws {
    let x = try Tensor([UInt64.max, 1])
    #expect(try x.mapIntegers { ~$0 }.elements(as: UInt64.self) == [0, UInt64.max - 1])
    #expect(try Tensor.foldFloats([x], in: [2], as: .float64, +).elements(as: Double.self) == [0x1p64, 1])
  }

  @Test func otherTypesAreRefused() throws {
    let texts = try Tensor(["a"])
    #expect(throws: OnyxError.self) { try texts.mapFloats(as: .float32) { $0 } }
    #expect(throws: OnyxError.self) { try texts.mapIntegers(as: .int8) { $0 } }
    #expect(throws: OnyxError.self) { try Tensor([1] as [Float]).mapIntegers(as: .int8) { $0 } }
  }
}
