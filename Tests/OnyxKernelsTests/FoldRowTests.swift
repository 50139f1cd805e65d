import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Reductions of types other than float32: integers give the reference's bits, float64 its numbers to the last places of a sum.
@Suite("Typed reductions equal the reference")
struct FoldRowTests {
  static let wide: [ElementType] = [.float64, .int32, .int64, .uint32, .uint64]
  static let extremes = wide + [.int8, .uint8, .bool]

  /// Shapes and axes: inner, outer, both, middle, all, one long run, one long column, many short ones.
  static let layouts: [(Shape, [Int])] = [
    ([3, 37], [1]), ([3, 37], [0]), ([3, 4, 5, 6], [1, 3]), ([3, 4, 5, 6], [0, 2]), ([3, 4, 5, 6], [2]), ([7, 11], [0, 1]),
    ([70_001], [0]), ([9001, 9], [0]), ([3, 2000, 7, 5], [0, 2]), ([2, 3, 70_000], [2]), ([5000, 3], [1]), ([40, 3, 41, 10], [0, 2]),
    ([1, 1, 1], [1]),
  ]

  static func input(_ type: ElementType, _ shape: Shape) throws -> Tensor {
    if type.isFloating { return try Tensor.random(type, shape, in: -2...2, seed: 5) }
    let values = (0..<shape.elementCount).map { Int64(truncatingIfNeeded: ($0 &* 2_654_435_761) % 1_000_003 &- 500_000) }
    return type == .bool ? try Tensor(values.map { $0 % 3 == 0 }, shape: shape) : try Tensor(integral: values, as: type, shape: shape)
  }

  static func check(_ op: String, _ type: ElementType, _ shape: Shape, _ axes: [Int]) throws {
    let inputs = [NodeCase.Input.given(try input(type, shape)), .constant(try Tensor(axes))]
    let test = NodeCase(op, inputs, ["keepdims": .int(0)])
    let expected = try test.run(.referenceOnly).results[0]
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [KernelRow.name(of: op, "typed")])
      #expect(single.results[0].shape == expected.shape)
      if type.isFloating {
        let (a, e) = (try single.results[0].doubles(), try expected.doubles())
        let scale = max(1, e.reduce(0) { max($0, $1.magnitude) })
        let wrong = e.indices.first { (a[$0] - e[$0]).magnitude > 1e-12 * scale }
        if let wrong { Issue.record("\(isa.name): element \(wrong) of \(op) over \(shape) \(axes) is \(a[wrong]), not \(e[wrong])") }
      } else {
        #expect(single.results[0] == expected, "\(isa.name): \(op) of \(type) over \(shape) \(axes)")
      }
      for threads in [2, 3] { #expect(try test.run(KernelTable(), isa: isa, threads: threads).results == single.results) }
    }
  }

  @Test(arguments: ["ReduceSum", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"], wide) func sums(
    _ op: String, _ type: ElementType
  ) throws {
    for (shape, axes) in Self.layouts { try Self.check(op, type, shape, axes) }
  }

  @Test(arguments: ["ReduceMax", "ReduceMin"], extremes) func bounds(_ op: String, _ type: ElementType) throws {
    for (shape, axes) in Self.layouts { try Self.check(op, type, shape, axes) }
  }

  @Test func logarithms() throws {
    for (shape, axes) in Self.layouts where shape.elementCount < 50_000 { try Self.check("ReduceLogSumExp", .float64, shape, axes) }
    let x = NodeCase.Input.given(try Tensor.random(.float64, [5, 33], in: 0.5...2, seed: 5))
    let test = NodeCase("ReduceLogSum", [x, .constant(try Tensor([1]))])
    let (a, e) = (try test.run(KernelTable()), try test.run(.referenceOnly))
    #expect(a.rows == ["reduce_log_sum_typed"])
    for (a, e) in zip(try a.results[0].doubles(), try e.results[0].doubles()) { #expect((a - e).magnitude < 1e-13) }
  }

  /// NaN wins wherever it stands, infinities are ordered, and sums of them are NaN.
  @Test(arguments: ["ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd", "ReduceLogSumExp"]) func specialNumbers(_ op: String) throws {
    for place in [0, 1, 40, 69, 70] {
      for special in [Double.nan, .infinity, -.infinity] {
        var values = (0..<142).map { Double($0 % 7) - 3 }
        values[place] = special
        for axis in [0, 1] {
          let x = NodeCase.Input.given(try Tensor(values, shape: [2, 71]))
          let test = NodeCase(op, [x, .constant(try Tensor([axis]))])
          let (actual, expected) = (try test.run(KernelTable()).results[0], try test.run(.referenceOnly).results[0])
          for (a, e) in zip(try actual.doubles(), try expected.doubles()) {
            #expect(a.isNaN && e.isNaN || a == e || (a - e).magnitude < 1e-12 * e.magnitude, "\(op) of \(special) at \(place)")
          }
        }
      }
    }
  }

  /// Integer means and norms of bounds, and sums that wrap.
  @Test(
    arguments: ["ReduceSum", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceMax", "ReduceMin"],
    [
      ElementType.int32, .int64, .uint32, .uint64,
    ]) func boundsOfIntegers(_ op: String, _ type: ElementType) throws
  {
    for axis in [0, 1] {
      let x = NodeCase.Input.given(try GenericRowTests.mixed(type, [9, 83], seed: axis))
      let test = NodeCase(op, [x, .constant(try Tensor([axis]))])
      let (actual, expected) = (try test.run(KernelTable()), try test.run(.referenceOnly))
      #expect(actual.rows == [KernelRow.name(of: op, "typed")])
      #expect(actual.results == expected.results, "\(op) of \(type)")
    }
  }
}
