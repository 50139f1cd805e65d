import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows that arrange, repeat, surround or mask elements give exactly the reference's elements, for every element width.
@Suite("Pattern rows equal the reference")
struct PatternRowTests {
  static let types = MovementRowTests.types

  static func counting(_ type: ElementType, _ shape: Shape) throws -> NodeCase.Input { try IndexingRowTests.counting(type, shape) }
  static func constant(_ values: Int...) throws -> NodeCase.Input { .constant(try Tensor(values)) }

  @Test(arguments: types) func repeats(_ type: ElementType) throws {
    for (shape, repeats) in [([3], [7]), ([2, 3], [1, 50]), ([2, 3], [4, 1]), ([2, 1, 5], [1, 3, 1]), ([2, 3, 4], [2, 3, 2])]
      as [(Shape, [Int])]
    {
      try IndexingRowTests.check(NodeCase("Tile", [try Self.counting(type, shape), .constant(try Tensor(repeats))]), "tile_strided")
    }
    try IndexingRowTests.check(NodeCase("Tile", [try Self.counting(type, [2, 3]), try Self.constant(0, 2)]), "tile_strided")
    for mode in ["DCR", "CRD"] {
      let attributes: [String: Attribute] = ["blocksize": .int(2), "mode": .text(mode)]
      try IndexingRowTests.check(NodeCase("DepthToSpace", [try Self.counting(type, [2, 12, 3, 5])], attributes), "depth_to_space_strided")
      try IndexingRowTests.check(NodeCase("SpaceToDepth", [try Self.counting(type, [2, 3, 6, 34])], attributes), "space_to_depth_strided")
    }
  }

  @Test(arguments: types, ["constant", "reflect", "edge", "wrap"]) func surrounds(_ type: ElementType, _ mode: String) throws {
    let x = try Self.counting(type, [3, 4, 5])
    let attributes: [String: Attribute] = ["mode": .text(mode)]
    for pads in [
      [0, 0, 1, 0, 0, 2], [0, 1, 0, 0, 2, 0], [2, 0, 0, 1, 0, 0], [1, 2, 3, 2, 1, 4], [-1, 1, -2, 0, -1, 7], [0, 0, 0, 0, 0, 0],
    ] {
      let given = NodeCase.Input.constant(try Tensor(pads))
      try IndexingRowTests.check(NodeCase("Pad", [x, given], attributes), "pad_rows")
      try IndexingRowTests.check(NodeCase("Pad", [x, given, try Self.counting(type, [])], attributes), "pad_rows")
    }
    let some = [x, try Self.constant(2, 3), .none, try Self.constant(-1)]
    try IndexingRowTests.check(NodeCase("Pad", some, attributes), "pad_rows")
    try IndexingRowTests.check(NodeCase("Pad", [try Self.counting(type, [2]), try Self.constant(9, 14)], attributes), "pad_rows")
    for target in [[3, 4, 5], [2, 7, 5], [6, 1, 8]] {
      try IndexingRowTests.check(NodeCase("CenterCropPad", [x, .constant(try Tensor(target))]), "center_crop_pad_rows")
    }
  }

  @Test(arguments: types) func reverses(_ type: ElementType) throws {
    for (time, batch, lengths) in [(0, 1, [0, 1, 4, 3]), (1, 0, [4, 2, 0, 3, 1])] {
      let x = try Self.counting(type, time == 0 ? [5, 4, 3] : [5, 4])
      let attributes: [String: Attribute] = ["time_axis": .int(Int64(time)), "batch_axis": .int(Int64(batch))]
      let given = NodeCase.Input.given(try Tensor(lengths))
      try IndexingRowTests.check(NodeCase("ReverseSequence", [x, given], attributes), "reverse_sequence_rows")
    }
    for length in [-1, 6, Int.max] {
      IndexingRowTests.refuse(NodeCase("ReverseSequence", [try Self.counting(type, [5, 1]), .given(try Tensor([length]))]))
    }
  }

  @Test(arguments: types) func masks(_ type: ElementType) throws {
    for upper in [0, 1] {
      for diagonal in [0, 1, -2, 9, -9, Int.max, Int.min] {
        let k = NodeCase.Input.given(try Tensor(scalar: Int64(diagonal)))
        let attributes: [String: Attribute] = ["upper": .int(Int64(upper))]
        for shape in [[5, 5], [2, 3, 7], [2, 7, 3]] as [Shape] {
          try IndexingRowTests.check(NodeCase("Trilu", [try Self.counting(type, shape), k], attributes), "trilu_rows")
        }
      }
      try IndexingRowTests.check(NodeCase("Trilu", [try Self.counting(type, [4, 4])], ["upper": .int(Int64(upper))]), "trilu_rows")
    }
    guard type != .complex128 else { return }
    for k in [0, 2, -1, 99] {
      let attributes: [String: Attribute] = ["k": .int(Int64(k)), "dtype": .int(Int64(type.rawValue))]
      try IndexingRowTests.check(NodeCase("EyeLike", [try Self.counting(.float32, [5, 7])], attributes), "eye_like_fill")
    }
  }

  /// Rows of a run-time shape are bound in the run.
  @Test func fillsShapesOfTheRun() throws {
    let value = try Tensor([7] as [Int32], shape: [1])
    try IndexingRowTests.check(
      NodeCase("ConstantOfShape", [.given(try Tensor([3, 41]))], ["value": .tensor(value)]), nil)
  }

  /// Planes of every form: transposed, with short and long sides, broadcast, backwards, with steps, and large enough for threads.
  @Test(arguments: [1, 2, 4, 8, 16]) func planes(_ width: Int) {
    let type: ElementType = [1: .uint8, 2: .float16, 4: .float32, 8: .int64][width] ?? .complex128
    for (extents, strides) in [
      ([67, 45], [1, 67]), ([3, 300], [1, 3]), ([300, 3], [1, 300]), ([5, 33, 18], [594, 1, 33]), ([7, 9], [0, 1]), ([9, 7], [1, 0]),
      ([40, 30], [-30, -1]), ([20, 11], [44, 2]), ([2, 3, 4, 5], [60, 5, 15, 1]), ([257, 130], [1, 257]), ([130, 300], [300, 1]),
    ] {
      check(extents, strides, type, width)
    }
  }

  private func check(_ extents: [Int], _ strides: [Int], _ type: ElementType, _ width: Int) {
    let lowest = zip(extents, strides).reduce(0) { $0 + min(0, ($1.0 - 1) * $1.1) }
    let highest = zip(extents, strides).reduce(0) { $0 + max(0, ($1.0 - 1) * $1.1) }
    let source = (0..<(highest - lowest + 1) * width).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 253) }
    let count = extents.reduce(1, *)
    var expected = [UInt8](repeating: 0, count: count * width)
    for element in 0..<count {
      var (rest, from) = (element, -lowest)
      for axis in extents.indices.reversed() {
        from += rest % extents[axis] * strides[axis]
        rest /= extents[axis]
      }
      for byte in 0..<width { expected[element * width + byte] = source[from * width + byte] }
    }
    var target = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() { target[axis] = target[axis + 1] * extents[axis + 1] }
    let copy = StridedCopy(width: width, extents: extents, sourceOffset: -lowest, sourceStrides: strides, targetStrides: target)
    for threads in [1, 3] {
      var result = [UInt8](repeating: 0xaa, count: count * width)
      unsafe source.withUnsafeBytes { from in
        unsafe result.withUnsafeMutableBytes { to in
          unsafe copy.run(from: from.baseAddress!, to: to.baseAddress!, pool: ThreadPool(threads: threads))
        }
      }
      #expect(result == expected, "\(extents) by \(strides) of \(width) bytes on \(threads) threads")
    }
  }
}
