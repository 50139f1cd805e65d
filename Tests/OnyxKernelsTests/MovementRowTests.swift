import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows that move elements give exactly the reference's elements, for every element width.
@Suite("Movement rows equal the reference")
struct MovementRowTests {
  static func counting(_ type: ElementType, _ shape: Shape) throws -> Tensor {
    let values = (0..<shape.elementCount).map { Int64($0 + 1) }
    switch type.domain {
    case .floating: return try Tensor(floating: values.map(Double.init), as: type, shape: shape)
    case .complex: return try Tensor(complex: values.map { Complex128(Double($0), -Double($0)) }, as: type, shape: shape)
    default: return try Tensor(integral: values, as: type, shape: shape)
    }
  }

  static func constant(_ values: Int...) throws -> NodeCase.Input { .constant(try Tensor(values)) }

  /// One type for each element width.
  static let types: [ElementType] = [.uint8, .float16, .float32, .int64, .complex128]

  static func cases(_ type: ElementType) throws -> [NodeCase] {
    let x = NodeCase.Input.given(try counting(type, [2, 3, 4, 5]))
    return [
      NodeCase("Transpose", [x], ["perm": .ints([0, 2, 3, 1])]), NodeCase("Transpose", [x], ["perm": .ints([3, 0, 1, 2])]),
      NodeCase("Transpose", [x]),
      NodeCase("Expand", [.given(try counting(type, [3, 1, 5])), try constant(2, 3, 4, 5)]),
      NodeCase("Concat", [x, .given(try counting(type, [2, 1, 4, 5]))], ["axis": .int(1)]), NodeCase("Concat", [x, x], ["axis": .int(-1)]),
      NodeCase("Split", [x, try constant(1, 2)], ["axis": .int(1)], outputs: 2),
      NodeCase("Split", [x], ["axis": .int(3), "num_outputs": .int(2)], outputs: 2),
      NodeCase("Slice", [x, try constant(0, 1), try constant(9999, 3), try constant(-1, 2), try constant(2, 1)]),
      NodeCase("Slice", [x, try constant(-1), try constant(-99), try constant(3), try constant(-2)]),
      NodeCase("Slice", [x, try constant(Int.max), try constant(Int.min), try constant(1), try constant(Int.min)]),
      NodeCase("Slice", [x, try constant(3), try constant(1), try constant(2)]),
      NodeCase("Gather", [x, .given(try Tensor([2, 0, -1] as [Int64], shape: [3, 1]))], ["axis": .int(1)]),
      NodeCase("Gather", [x, .given(try Tensor([4, -5] as [Int32], shape: [2]))], ["axis": .int(3)]),
      NodeCase("Reshape", [x, try constant(0, -1)]), NodeCase("Flatten", [x], ["axis": .int(2)]),
      NodeCase("Unsqueeze", [x, try constant(0, -1)]),
      NodeCase("Squeeze", [.given(try counting(type, [1, 3, 1])), try constant(0)]), NodeCase("Identity", [x]),
    ]
  }

  @Test(arguments: types) func equalsTheReference(_ type: ElementType) throws {
    for test in try Self.cases(type) {
      let expected = try test.run(.referenceOnly)
      for threads in [1, 3] {
        let actual = try test.run(KernelTable(), threads: threads)
        #expect(actual.rows != ["reference"], "no row serves \(test)")
        for (a, e) in zip(actual.results, expected.results) {
          #expect(a.shape == e.shape, "\(test)")
          #expect(try a.complexes() == e.complexes(), "\(test)")
        }
      }
    }
  }

  @Test func gatherRefusesAnIndexOutside() throws {
    let x = NodeCase.Input.given(try Self.counting(.float32, [3]))
    for index in [3, -4, Int64.min, Int64.max] {
      #expect(throws: OnyxError.self) { try NodeCase("Gather", [x, .given(try Tensor([index], shape: [1]))]).run(KernelTable()) }
    }
  }

  @Test func stridedCopyReadsBroadcastAndBackwards() {
    let source: [Int32] = [1, 2, 3]
    var target = [Int32](repeating: 0, count: 6)
    let copy = StridedCopy(width: 4, extents: [2, 3], sourceOffset: 2, sourceStrides: [0, -1], targetStrides: [3, 1])
    unsafe source.withUnsafeBytes { from in
      unsafe target.withUnsafeMutableBytes { to in
        unsafe copy.run(from: from.baseAddress!, to: to.baseAddress!, pool: ThreadPool(threads: 1))
      }
    }
    #expect(target == [3, 2, 1, 3, 2, 1])
  }
}
