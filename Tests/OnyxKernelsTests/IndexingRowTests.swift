import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows that move elements where indices, lengths or conditions say give exactly the reference's elements, and refuse what it refuses.
@Suite("Indexing rows equal the reference")
struct IndexingRowTests {
  static func counting(_ type: ElementType, _ shape: Shape) throws -> NodeCase.Input {
    .given(try MovementRowTests.counting(type, shape))
  }

  /// Indices of an axis, from both ends.
  static func indices(_ shape: Shape, extent: Int, seed: Int, _ type: ElementType = .int64) throws -> NodeCase.Input {
    var generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let values = (0..<shape.elementCount).map { _ in Int64.random(in: Int64(-extent)..<Int64(extent), using: &generator) }
    return .given(try Tensor(integral: values, as: type, shape: shape))
  }

  static func ints(_ values: Int...) throws -> NodeCase.Input { .given(try Tensor(values)) }

  /// Equal bits on 1, 2 and 3 threads, by the row; nil where sizes are found in the run, which chooses the row then.
  static func check(_ test: NodeCase, _ row: String?) throws {
    let expected = try test.run(.referenceOnly)
    for threads in [1, 2, 3] {
      let actual = try test.run(KernelTable(), threads: threads)
      if let row { #expect(actual.rows == [row], "\(test.op)") }
      for (a, e) in zip(actual.results, expected.results) {
        #expect(a.elementType == e.elementType && a.shape == e.shape, "\(test.op)")
        #expect(a == e, "\(test.op) on \(threads) threads: \(a.typeDescription)")
      }
    }
  }

  static let types = MovementRowTests.types

  @Test(arguments: types) func gathers(_ type: ElementType) throws {
    let x = try Self.counting(type, [3, 5, 7])
    for axis in 0..<3 {
      let extent = [3, 5, 7][axis]
      for shape in [[4], [2, 3], [], [0]] as [Shape] {
        let picked = try Self.indices(shape, extent: extent, seed: axis, .int32)
        try Self.check(NodeCase("Gather", [x, picked], ["axis": .int(Int64(axis))]), "gather_rows")
      }
      for shape in [[3, 5, 7], [2, 4, 3], [1, 1, 6], [2, 1, 1], [0, 2, 2]] as [Shape] {
        var full = Array(shape)
        full[axis] = shape[axis] * 2
        for index in [ElementType.int64, .int32] {
          let picked = try Self.indices(try Shape(full), extent: extent, seed: axis, index)
          try Self.check(NodeCase("GatherElements", [x, picked], ["axis": .int(Int64(axis))]), "gather_elements_width")
        }
      }
    }
    let wide = try Self.counting(type, [3, 20_000])
    try Self.check(
      NodeCase("GatherElements", [wide, try Self.indices([5, 20_000], extent: 3, seed: 5)], ["axis": .int(0)]), "gather_elements_width")
    try Self.check(
      NodeCase("GatherElements", [wide, try Self.indices([2, 30_000], extent: 20_000, seed: 6)], ["axis": .int(1)]), "gather_elements_width"
    )
  }

  @Test(arguments: types) func gathersTuples(_ type: ElementType) throws {
    let x = try Self.counting(type, [3, 5, 7])
    for width in 1...3 {
      let picked = try Self.indices(try Shape([2, 3, width]), extent: 3, seed: width)
      try Self.check(NodeCase("GatherND", [x, picked]), "gather_nd_rows")
    }
    for width in 1...2 {
      let picked = try Self.indices(try Shape([3, 4, width]), extent: 5, seed: width)
      try Self.check(NodeCase("GatherND", [x, picked], ["batch_dims": .int(1)]), "gather_nd_rows")
    }
    try Self.check(NodeCase("GatherND", [x, try Self.indices([9000, 2], extent: 3, seed: 7)]), "gather_nd_rows")
  }

  @Test(arguments: types) func scatters(_ type: ElementType) throws {
    let x = try Self.counting(type, [3, 5, 7])
    for axis in 0..<3 {
      for shape in [[3, 5, 7], [2, 4, 3], [1, 1, 6], [2, 1, 1]] as [Shape] {
        let picked = try Self.indices(shape, extent: [3, 5, 7][axis], seed: axis)
        try Self.check(
          NodeCase("ScatterElements", [x, picked, try Self.counting(type, shape)], ["axis": .int(Int64(axis))]), "scatter_elements_width")
      }
    }
    for width in 1...3 {
      let tail = Array([3, 5, 7][width...])
      let picked = try Self.indices(try Shape([2, 4, width]), extent: 3, seed: width)
      try Self.check(NodeCase("ScatterND", [x, picked, try Self.counting(type, try Shape([2, 4] + tail))]), "scatter_nd_rows")
    }
    let wide = try Self.counting(type, [4, 6000])
    let many = try Self.indices([9, 1], extent: 4, seed: 1)
    try Self.check(NodeCase("ScatterND", [wide, many, try Self.counting(type, [9, 6000])]), "scatter_nd_rows")
    try Self.check(
      NodeCase("ScatterElements", [wide, try Self.indices([4, 5000], extent: 4, seed: 2), try Self.counting(type, [4, 5000])]),
      "scatter_elements_width")
  }

  static let numbers: [ElementType] = [
    .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
  ]

  /// Whole numbers, so that no order of sums is rounded.
  @Test(arguments: numbers, ["add", "mul", "max", "min"]) func combines(_ type: ElementType, _ reduction: String) throws {
    let attributes: [String: Attribute] = ["reduction": .text(reduction), "axis": .int(1)]
    let x = try Self.counting(type, [3, 11, 4])
    for index in [ElementType.int64, .int32] {
      let picked = try Self.indices([3, 9, 2], extent: 11, seed: 3, index)
      try Self.check(NodeCase("ScatterElements", [x, picked, try Self.counting(type, [3, 9, 2])], attributes), "scatter_elements_reduced")
    }
    let tuples = try Self.indices([5, 2], extent: 3, seed: 4)
    try Self.check(
      NodeCase("ScatterND", [x, tuples, try Self.counting(type, [5, 4])], ["reduction": .text(reduction)]), "scatter_nd_reduced")
  }

  @Test(arguments: ["max", "min"]) func nanWins(_ reduction: String) throws {
    let x = NodeCase.Input.given(try Tensor([1, .nan, -0.0, .infinity] as [Float], shape: [4]))
    let updates = NodeCase.Input.given(try Tensor([.nan, 2, 3, -.infinity] as [Float], shape: [4]))
    let test = NodeCase("ScatterElements", [x, try Self.ints(0, 1, 2, 3), updates], ["reduction": .text(reduction)])
    let (actual, expected) = (try test.run(KernelTable()), try test.run(.referenceOnly))
    try GenericRowTests.expectIdentical(actual.results[0], expected.results[0], reduction)
  }

  @Test func writesCaches() throws {
    for mode in ["linear", "circular"] {
      let x = try Self.counting(.float16, [2, 3, 6, 4])
      let update = try Self.counting(.float16, [2, 3, 2, 4])
      let places = mode == "linear" ? try Self.ints(0, 4) : try Self.ints(5, -7)
      try Self.check(NodeCase("TensorScatter", [x, update, places], ["mode": .text(mode)]), "tensor_scatter_rows")
      try Self.check(NodeCase("TensorScatter", [x, update], ["mode": .text(mode)]), "tensor_scatter_rows")
    }
    let test = NodeCase(
      "TensorScatter", [try Self.counting(.float32, [1, 6, 4]), try Self.counting(.float32, [1, 2, 4]), try Self.ints(5)])
    Self.refuse(test)
  }

  /// The row throws what the reference throws.
  static func refuse(_ test: NodeCase) {
    func failure(_ table: KernelTable) -> String? {
      do { _ = try test.run(table, threads: 2) } catch { return "\(error)" }
      return nil
    }
    let expected = failure(.referenceOnly)
    #expect(expected != nil && failure(KernelTable()) == expected, "\(test)")
  }

  @Test(arguments: [3, -4, Int.min, Int.max]) func indicesOutsideAreRefused(_ index: Int) throws {
    let x = try Self.counting(.float32, [3, 2])
    let one = NodeCase.Input.given(try Tensor([0, index].map { Int64($0) }, shape: [2, 1]))
    for axis in 0..<2 {
      let attributes: [String: Attribute] = ["axis": .int(Int64(axis))]
      Self.refuse(NodeCase("Gather", [x, one], attributes))
      Self.refuse(NodeCase("GatherElements", [x, one], attributes))
      Self.refuse(NodeCase("ScatterElements", [x, one, try Self.counting(.float32, [2, 1])], attributes))
      Self.refuse(
        NodeCase("ScatterElements", [x, one, try Self.counting(.float32, [2, 1])], attributes.merging(["reduction": .text("add")]) { $1 }))
    }
    let pair = NodeCase.Input.given(try Tensor([0, 0, 1, index].map { Int64($0) }, shape: [2, 2]))
    Self.refuse(NodeCase("GatherND", [x, pair]))
    for reduction in ["none", "max"] {
      Self.refuse(NodeCase("ScatterND", [x, pair, try Self.counting(.float32, [2])], ["reduction": .text(reduction)]))
    }
  }

  @Test(arguments: types) func selects(_ type: ElementType) throws {
    let x = try Self.counting(type, [3, 5, 7])
    for (axis, condition) in [(0, [true, false, true]), (1, [false, true, true, false, true]), (2, [true]), (-1, [false, false])] {
      let test = NodeCase("Compress", [x, .given(try Tensor(condition, shape: try Shape([condition.count])))], ["axis": .int(Int64(axis))])
      try Self.check(test, nil)
    }
    let long = try Tensor((0..<40_000).map { $0 % 3 == 1 }, shape: [40_000])
    try Self.check(NodeCase("Compress", [try Self.counting(type, [200, 200]), .given(long)]), nil)
    for axis in [0, 1, -1] {
      let values = try Self.counting(type, [2])
      let picked = NodeCase.Input.given(try Tensor([0, 3, -4, 9, 2, .min] as [Int64], shape: [2, 3]))
      try Self.check(NodeCase("OneHot", [picked, try Self.ints(4), values], ["axis": .int(Int64(axis))]), nil)
      let real = NodeCase.Input.given(try Tensor([0.5, 3, -4, 9, .nan, -.infinity] as [Float], shape: [2, 3]))
      try Self.check(NodeCase("OneHot", [real, try Self.ints(4), values], ["axis": .int(Int64(axis))]), nil)
    }
  }

  @Test(arguments: [ElementType.bool, .int8, .uint8, .int32, .int64, .float32, .float64, .float16]) func findsWhatIsNotZero(
    _ type: ElementType
  ) throws {
    for shape in [[7], [3, 5, 7], [2, 20_000], [40_000], [5, 1], [], [0, 3]] as [Shape] {
      let values = (0..<shape.elementCount).map { index -> Double in
        if index % 3 == 0 { return 0 }
        return index % 7 == 1 ? -0.0 : Double(index % 5)
      }
      let x: Tensor
      if type.isFloating {
        x = try Tensor(floating: values, as: type, shape: shape)
      } else {
        x = try Tensor(integral: values.map { type == .bool ? min(1, Int64($0)) : Int64($0) }, as: type, shape: shape)
      }
      try Self.check(NodeCase("NonZero", [.given(x)]), nil)
    }
  }
}
