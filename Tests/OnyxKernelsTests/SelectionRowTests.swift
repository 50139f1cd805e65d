import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// TopK, ArgMax, ArgMin, CumSum and CumProd give exactly the references' numbers.
@Suite("Selection and cumulative rows equal the reference")
struct SelectionRowTests {
  static let types: [ElementType] = [
    .float32, .float64, .float16, .bfloat16, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]

  /// Few values, so that many are equal; the extremes of the type, zeros of both signs, infinities and NaN among them.
  static func tied(_ type: ElementType, _ shape: Shape, seed: UInt64 = 5) throws -> NodeCase.Input {
    var generator = SeededGenerator(seed: seed)
    let count = shape.elementCount
    if type.isFloating {
      let special: [Double] = [.nan, .infinity, -.infinity, -0.0, 0, 1e-40]
      let values = (0..<count).map { index in
        index % 11 == 3 ? special[Int(generator.next() % 6)] : generator.uniform(in: -9...9).rounded() / 2
      }
      return .given(try Tensor(floating: values, as: type, shape: shape))
    }
    let values = (0..<count).map { index -> Int64 in
      switch index % 13 {
      case 3: .min
      case 5: .max
      case 7: -1
      default: Int64(generator.next() % 23) - 11
      }
    }
    return .given(try Tensor(integral: values, as: type, shape: shape))
  }

  /// Numbers without ties, of all magnitudes.
  static func spread(_ type: ElementType, _ shape: Shape) throws -> NodeCase.Input {
    var generator = SeededGenerator(seed: 9)
    let bits = (0..<shape.elementCount).map { _ in generator.next() }
    if type.isFloating {
      return .given(try Tensor(floating: bits.map { Double(Int64(bitPattern: $0) >> 20) * 1e-9 }, as: type, shape: shape))
    }
    return .given(try Tensor(integral: bits.map { Int64(bitPattern: $0) }, as: type, shape: shape))
  }

  static func expectEqual(_ test: NodeCase, _ what: String) throws {
    let expected = try test.run(.referenceOnly).results
    for isa in ISA.tiers {
      for threads in [1, 2, 3] {
        let actual = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(actual.rows != ["reference"], "no row serves \(what)")
        for (a, e) in zip(actual.results, expected) {
          #expect(a.shape == e.shape && a.elementType == e.elementType)
          if a.elementType.isFloating {
            #expect(try bits(a) == bits(e), "\(what) on \(threads) threads")
          } else {
            #expect(try a.integers() == e.integers(), "\(what) on \(threads) threads")
          }
        }
      }
    }
  }

  private static func bits(_ tensor: Tensor) throws -> [UInt64] {
    try tensor.doubles().map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }

  /// Shapes, axes, and numbers of elements that each way of selection serves.
  private static let selections: [(Shape, Int64, [Int])] = [
    ([3, 70], -1, [1, 5, 20, 70]), ([2, 9, 21], 1, [3, 9]), ([300, 3], 0, [2, 17, 40, 300]), ([1], 0, [1]),
  ]

  @Test(arguments: types) func topK(_ type: ElementType) throws {
    for largest in [1, 0] as [Int64] {
      for (shape, axis, counts) in Self.selections {
        for k in counts {
          for x in [try Self.tied(type, shape), try Self.spread(type, shape)] {
            let test = NodeCase(
              "TopK", [x, .constant(try Tensor([k]))], ["axis": .int(axis), "largest": .int(largest)], outputs: 2)
            try Self.expectEqual(test, "TopK \(k) of \(type) \(shape)")
          }
        }
      }
    }
  }

  @Test func topKOfLongLines() throws {
    for k in [3, 100, 300, 1200, 5000] {
      for x in [try Self.tied(.float32, [2, 5000]), try Self.spread(.float32, [2, 5000]), try Self.spread(.int64, [2, 5000])] {
        try Self.expectEqual(NodeCase("TopK", [x, .constant(try Tensor([k]))], outputs: 2), "TopK \(k) of 5000")
      }
    }
  }

  /// The bound that a sample suggests may be one that few keys reach, or all.
  @Test func topKOfMisleadingSamples() throws {
    let (count, distance) = (5000, 5000 / 256)
    var values = [Float](repeating: 1, count: count)
    for sample in 0..<256 { values[sample * distance + sample * 40503 % distance] = Float(1000 + sample) }
    for turned in [values, values.map { -$0 }] {
      let x = NodeCase.Input.given(try Tensor(turned, shape: [1, count]))
      try Self.expectEqual(NodeCase("TopK", [x, .constant(try Tensor([1000]))], outputs: 2), "TopK of a misleading sample")
    }
  }

  @Test(arguments: types) func argExtremes(_ type: ElementType) throws {
    for op in ["ArgMax", "ArgMin"] {
      for last in [0, 1] as [Int64] {
        for (shape, axis) in [([5, 67], 1), ([3, 7, 300], 1), ([4, 5, 3], 0), ([2, 700], -1), ([1, 1], 0)] as [(Shape, Int64)] {
          for x in [try Self.tied(type, shape), try Self.spread(type, shape)] {
            let attributes: [String: Attribute] = ["axis": .int(axis), "select_last_index": .int(last), "keepdims": .int(last)]
            try Self.expectEqual(NodeCase(op, [x], attributes), "\(op) of \(type) \(shape) \(last)")
          }
        }
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16, .int32, .int64, .uint32, .uint64])
  func cumulative(_ type: ElementType) throws {
    for op in ["CumSum", "CumProd"] {
      for isExclusive in [0, 1] as [Int64] {
        for isReversed in [0, 1] as [Int64] {
          for (shape, axis) in [([7, 33], 1), ([3, 5, 300], 1), ([9, 4], 0), ([40], -1)] as [(Shape, Int)] {
            for x in [try Self.tied(type, shape), try Self.spread(type, shape)] {
              let attributes: [String: Attribute] = ["exclusive": .int(isExclusive), "reverse": .int(isReversed)]
              let test = NodeCase(op, [x, .constant(try Tensor([Int64(axis)], shape: []))], attributes)
              try Self.expectEqual(test, "\(op) of \(type) \(shape) \(isExclusive) \(isReversed)")
            }
          }
        }
      }
    }
  }

  /// CumSum reads its axis before it has elements to add.
  @Test func anAxisOutsideIsRefused() throws {
    let x = try Self.tied(.float32, [2, 3])
    #expect(throws: OnyxError.self) { try NodeCase("CumSum", [x, .constant(try Tensor([Int64(2)], shape: []))]).run(KernelTable()) }
    #expect(throws: OnyxError.self) { try NodeCase("TopK", [x, .constant(try Tensor([4]))], outputs: 2).run(KernelTable()) }
  }
}
