import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// The kernel of attention over branches against its scalar reference, and bit for bit between numbers of threads.
@Suite("Split attention equals the reference")
struct SplitAttentionRowTests {
  /// Batch, channels, height, width, branches, hidden units.
  static let sizes = [
    [2, 1, 1, 1, 2, 1], [1, 3, 7, 7, 3, 4], [3, 17, 7, 5, 2, 33], [2, 64, 14, 14, 4, 32], [1, 40, 33, 26, 2, 16], [1, 130, 41, 43, 3, 5],
    [5, 16, 26, 26, 2, 8],
  ]

  static func node(_ size: [Int], blocked: Bool, biased: Bool, _ activation: FusedActivation) throws -> NodeCase {
    let (n, c, h, w, m, units) = (size[0], size[1], size[2], size[3], size[4], size[5])
    func weights(_ shape: Shape, _ seed: Int) throws -> NodeCase.Input { .constant(try AttentionBlockRowTests.small(shape, seed)) }
    let x: Shape = blocked ? [n, (c + 15) / 16, h, w, 16] : [n, c, h, w]
    var inputs = [
      try weights([units, c], 2), biased ? try weights([units], 3) : .none, try weights([m * c, units], 4),
      biased ? try weights([m * c], 5) : .none,
    ]
    for branch in 0..<m { inputs.append(.given(try AttentionBlockRowTests.small(x, 10 + branch, limit: 2))) }
    let op = SplitAttention(hiddenActivation: activation, channels: blocked ? c : nil)
    return NodeCase("SplitAttention", inputs, op.attributes, domain: "onyx")
  }

  @Test(arguments: sizes, [true, false]) func equalsTheReference(_ size: [Int], _ blocked: Bool) throws {
    for (biased, activation) in [(true, FusedActivation.relu), (false, .none), (true, .swish)] {
      let test = try Self.node(size, blocked: blocked, biased: biased, activation)
      let layout: AttentionBlockRowTests.Layout = blocked ? .blocked : .first
      let expected = try AttentionBlockRowTests.real(try test.run(.referenceOnly).results[0], channels: size[1], layout)
      for isa in ISA.tiers {
        let single = try test.run(KernelTable(), isa: isa)
        #expect(single.rows == ["split_attention_f32"], "\(size) \(isa.name)")
        let actual = try AttentionBlockRowTests.real(single.results[0], channels: size[1], layout)
        if let worst = expected.indices.first(where: { !((actual[$0] - expected[$0]).magnitude <= 4e-6) }) {
          Issue.record("\(size) \(isa.name): element \(worst) is \(actual[worst]), expected \(expected[worst])")
        }
        #expect(try single.results[0].elements(as: Float.self).allSatisfy(\.isFinite), "\(size) \(isa.name)")
        for threads in [2, 3] {
          let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results[0]
          #expect(
            try AttentionBlockRowTests.real(parallel, channels: size[1], layout).map(\.bitPattern) == actual.map(\.bitPattern),
            "\(threads) threads")
        }
      }
    }
  }
}
