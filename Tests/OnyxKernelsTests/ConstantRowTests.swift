import OnyxGraph
import OnyxKernels
import OnyxTensor
import OnyxTestSupport
import Testing

/// Rows of equal numbers, which a normalization makes its bias: x − mean is 0.
@Suite("Normalizations of equal numbers")
struct ConstantRowTests {
  private static func equal(_ value: Float, _ shape: Shape) throws -> NodeCase.Input {
    .given(try Tensor([Float](repeating: value, count: shape.elementCount), shape: shape))
  }

  private static func bias(_ count: Int) throws -> NodeCase.Input {
    .constant(try Tensor([Float](repeating: 0.3, count: count), shape: try Shape([count])))
  }

  @Test(arguments: [0.7, -1234.1, 3e-6, 1e20] as [Float], [5, 768, 4096, 10_000])
  func giveTheBias(_ value: Float, _ count: Int) throws {
    let plane = try Shape([1, 2, count])
    let two: NodeCase.Input = .weight([2])
    let tests = [
      NodeCase("LayerNormalization", [try Self.equal(value, try Shape([2, count])), .weight(try Shape([count])), try Self.bias(count)]),
      NodeCase("InstanceNormalization", [try Self.equal(value, plane), two, try Self.bias(2)]),
      NodeCase("GroupNormalization", [try Self.equal(value, plane), two, try Self.bias(2)], ["num_groups": .int(1)]),
      NodeCase("GroupNormalization", [try Self.equal(value, plane), two, try Self.bias(2)], ["num_groups": .int(2)]),
    ]
    try withEvery(tests, ISA.tiers) { test, isa in
      let (results, rows) = try test.run(KernelTable(), isa: isa, threads: 2)
      #expect(rows.allSatisfy { $0.hasSuffix("normalization_f32") }, "\(rows)")
      let expected = [Float](repeating: 0.3, count: results[0].shape.elementCount)
      #expect(try results[0].elements(as: Float.self) == expected, "\(test.op) on \(isa.name)")
    }
  }

  @Test func aMillionOfThemGiveTheBias() throws {
    let plane = try Self.equal(0.7, [1, 1, 1_000_000])
    for isa in ISA.tiers {
      let results = try NodeCase("InstanceNormalization", [plane, .weight([1]), try Self.bias(1)]).run(KernelTable(), isa: isa).results
      #expect(try results[0].elements(as: Float.self) == [Float](repeating: 0.3, count: 1_000_000), "\(isa.name)")
    }
  }

  /// An outlier takes nothing from the mean of the others.
  @Test func anOutlierKeepsItsPlace() throws {
    let values = (0..<10_001).map { $0 == 0 ? Float(1e6) : Float($0 % 7) }
    let test = NodeCase(
      "LayerNormalization",
      [.given(try Tensor(values, shape: [1, 10_001])), .constant(try Tensor([Float](repeating: 1, count: 10_001), shape: [10_001]))])
    let expected = try test.run(.referenceOnly).results[0].doubles()
    for isa in ISA.tiers {
      let actual = try test.run(KernelTable(), isa: isa).results[0].doubles()
      #expect(zip(actual, expected).allSatisfy { ($0 - $1).magnitude < 1e-6 + 1e-6 * $1.magnitude }, "\(isa.name)")
    }
  }
}
