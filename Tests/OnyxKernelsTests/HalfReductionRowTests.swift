import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Reductions of 16-bit floats, and of short lines of every type, against the reference.
@Suite("Reductions of 16-bit floats equal the reference")
struct HalfReductionRowTests {
  /// Lines, columns, several columns, both, blocks of 16 lanes, all, one long line.
  static let layouts: [(Shape, [Int])] = [
    ([100, 37], [1]), ([5, 16], [1]), ([37, 300], [0]), ([4, 19, 70], [1]), ([6, 5, 41], [0, 2]), ([2, 50, 16], [1]), ([7, 11], [0, 1]),
    ([3, 5000], [1]), ([33, 1], [1]), ([9001], [0]), ([2, 3, 4, 5], [1, 3]),
  ]

  static func check(_ op: String, _ type: ElementType, _ shape: Shape, _ axes: [Int], relative: Double) throws {
    let bounds = op == "ReduceLogSum" || op == "ReduceProd" ? 0.9...1.1 : -2...2
    let x = NodeCase.Input.given(try Tensor.random(type, shape, in: bounds, seed: 5))
    if op == "ReduceProd" && shape.elementCount > 4000 { return }
    let test = NodeCase(op, [x, .constant(try Tensor(axes))], ["keepdims": .int(0)])
    let expected = try test.run(.referenceOnly).results[0]
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [KernelRow.name(of: op, type == .float32 ? "f32" : "half")])
      #expect(single.results[0].shape == expected.shape && single.results[0].elementType == type)
      let (a, e) = (try single.results[0].doubles(), try expected.doubles())
      let count = Double(shape.elementCount / max(1, expected.elementCount))
      for index in e.indices where !((a[index] - e[index]).magnitude <= relative * max(e[index].magnitude, 1) + 1e-7 * count) {
        Issue.record("\(isa.name): element \(index) of \(op) of \(type) over \(shape) \(axes) is \(a[index]), not \(e[index])")
        return
      }
      for threads in [2, 3] { #expect(try test.run(KernelTable(), isa: isa, threads: threads).results == single.results) }
    }
  }

  static let operators = [
    "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum",
    "ReduceLogSumExp",
  ]

  @Test(arguments: operators) func halves(_ op: String) throws {
    for (type, unit) in [(ElementType.float16, 0x1p-10), (.bfloat16, 0x1p-7)] {
      for (shape, axes) in Self.layouts { try Self.check(op, type, shape, axes, relative: unit) }
    }
  }

  @Test(arguments: operators) func floats(_ op: String) throws {
    for (shape, axes) in Self.layouts { try Self.check(op, .float32, shape, axes, relative: 4e-6) }
  }

  /// NaN wins wherever it stands in a line or a column, and infinities are ordered.
  @Test(arguments: [ElementType.float16, .bfloat16, .float32], ["ReduceMax", "ReduceMin", "ReduceLogSumExp"])
  func specialNumbers(_ type: ElementType, _ op: String) throws {
    for special in [Double.nan, .infinity, -.infinity] {
      for axis in [0, 1] {
        var values = (0..<40 * 19).map { Double($0 % 7) - 3 }
        for row in 0..<19 { values[row * 19 + (row * 5) % 19] = special }
        let x = NodeCase.Input.given(try Tensor(floating: values, as: type, shape: [40, 19]))
        let test = NodeCase(op, [x, .constant(try Tensor([axis]))])
        let expected = try test.run(.referenceOnly).results[0].doubles()
        for isa in ISA.tiers {
          for (a, e) in zip(try test.run(KernelTable(), isa: isa).results[0].doubles(), expected) {
            #expect(a.isNaN && e.isNaN || a == e || (a - e).magnitude < 0x1p-7 * e.magnitude, "\(op) of \(special), \(isa.name)")
          }
        }
      }
    }
  }

  /// Short lines of the other types: fewer elements than a vector has lanes, and a few more.
  @Test(arguments: FoldRowTests.extremes) func shortLines(_ type: ElementType) throws {
    for length in [1, 3, 8, 15, 56, 65, 130] {
      for op in ["ReduceMax", "ReduceMin"] { try FoldRowTests.check(op, type, [21, length], [1]) }
      guard FoldRowTests.wide.contains(type) else { continue }
      for op in ["ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare"] { try FoldRowTests.check(op, type, [21, length], [1]) }
    }
  }
}
