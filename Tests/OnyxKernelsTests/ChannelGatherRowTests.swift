import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Channels and pixels of channel-blocked values in another order, and their normalization, against the scalar references: each
/// instruction set, one and several threads.
@Suite("Channel-blocked movement and normalization equal the reference")
struct ChannelGatherRowTests {
  static func gather(_ inputs: [Shape], _ channels: [Int]) -> NodeCase {
    NodeCase(
      "GatherChannels", inputs.map { .float($0) }, ["channels": .ints(channels.map(Int64.init))], domain: "onyx")
  }

  static let gathers: [NodeCase] = {
    // A torn concatenation, a shuffle, parts, a reversal and repetitions.
    let concat = Array(0..<24) + Array(32..<50) + Array(64..<67)
    let shuffle = (0..<58).flatMap { [$0, 64 + $0] }
    var cases = [
      gather([[2, 2, 7, 9, 16], [2, 2, 7, 9, 16], [2, 1, 7, 9, 16]], concat), gather([[1, 4, 5, 3, 16], [1, 4, 5, 3, 16]], shuffle),
      gather([[1, 3, 40, 41, 16]], Array(16..<48)), gather([[1, 3, 2, 2, 16]], Array(17..<48)),
      gather([[3, 2, 1, 5, 16]], Array((0..<32).reversed())), gather([[1, 1, 3, 3, 16]], (0..<100).map { $0 % 7 }),
      gather([[1, 16, 4, 4, 16]], (0..<16).map { $0 * 16 + 3 }), gather([[1, 2, 6, 16]], [31, 0, 5]), gather([[1, 1, 1, 1, 16]], [15]),
    ]
    for pixels in 1...9 { cases.append(gather([[1, 1, 1, pixels, 16], [1, 1, 1, pixels, 16]], [3, 17, 5])) }
    return cases
  }()

  static func phases(_ shape: Shape, _ strides: (Int, Int), _ crops: [Int64]) -> NodeCase {
    NodeCase(
      "InterleavedPhases", Array(repeating: .float(shape), count: strides.0 * strides.1),
      ["strides": .ints([Int64(strides.0), Int64(strides.1)]), "crops": .ints(crops)], domain: "onyx")
  }

  static let interleaved: [NodeCase] = [
    phases([2, 3, 7, 9, 16], (2, 2), [0, 0, 0, 0]), phases([1, 1, 8, 5, 16], (2, 2), [1, 1, 1, 1]),
    phases([1, 2, 4, 4, 16], (3, 1), [2, 0, 1, 0]), phases([1, 1, 3, 3, 16], (4, 4), [5, 3, 0, 2]),
    phases([1, 1, 1, 1, 16], (2, 3), [0, 2, 1, 0]), phases([1, 2, 5, 6, 16], (1, 1), [1, 2, 0, 1]),
  ]

  static func normalized(_ shape: Shape, channels: Int, groups: Int) throws -> NodeCase {
    NodeCase(
      BlockedGroupNormalization.name.name, [.float(shape), .weight(try Shape([channels])), .weight(try Shape([channels]))],
      ["channels": .int(Int64(channels)), "groups": .int(Int64(groups))], domain: "onyx")
  }

  static let normalizations: [NodeCase] = try! [
    normalized([2, 2, 9, 7, 16], channels: 32, groups: 8), normalized([1, 2, 5, 5, 16], channels: 20, groups: 20),
    normalized([1, 3, 33, 31, 16], channels: 48, groups: 3), normalized([1, 3, 4, 4, 16], channels: 36, groups: 3),
    normalized([2, 1, 1, 3, 16], channels: 6, groups: 2), normalized([1, 1, 40, 16], channels: 10, groups: 1),
    normalized([1, 8, 20, 20, 16], channels: 128, groups: 32),
  ]

  @Test(arguments: gathers + interleaved) func movesTheSameBits(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.tiers {
      for threads in [1, 2, 3] {
        let found = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(found.rows != ["reference"], "no row serves \(test)")
        #expect(found.results[0].shape == expected.results[0].shape)
        #expect(
          try found.results.map(BlockedWindowRowTests.bits) == expected.results.map(BlockedWindowRowTests.bits), "\(isa.name): \(test)")
      }
    }
  }

  @Test(arguments: normalizations) func normalizesAsTheReference(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly).results[0].doubles()
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == ["blocked_group_normalization_f32"])
      let found = try single.results[0].doubles()
      let scale = expected.reduce(1e-30) { max($0, $1.magnitude) }
      for index in expected.indices where !((found[index] - expected[index]).magnitude <= 4e-6 * scale) {
        Issue.record("\(isa.name): element \(index) of \(test) is \(found[index]), expected \(expected[index])")
        break
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(try parallel.results.map(BlockedWindowRowTests.bits) == single.results.map(BlockedWindowRowTests.bits))
      }
    }
  }

  /// A large mean does not cancel the deviation, equal elements become the bias, and NaN stays in its group.
  @Test func normalizationOfUnusualNumbers() throws {
    var values = [Float](repeating: 0, count: 2 * 600 * 16)
    for index in values.indices {
      let channel = index / (600 * 16) * 16 + index % 16
      values[index] = channel < 8 ? 5000 + Float(index / 16 % 2) : channel < 16 ? 3 : 1
    }
    values[(600 + 7) * 16 + 3] = .nan
    let (scale, bias) = (
      try Tensor([Float](repeating: 1, count: 32), shape: [32]), try Tensor([Float](repeating: 0.5, count: 32), shape: [32])
    )
    let test = NodeCase(
      BlockedGroupNormalization.name.name, [.given(try Tensor(values, shape: [1, 2, 30, 20, 16])), .given(scale), .given(bias)],
      ["channels": .int(32), "groups": .int(4)], domain: "onyx")
    for isa in ISA.tiers {
      let y = try test.run(KernelTable(), isa: isa).results[0].elements(as: Float.self)
      for index in y.indices {
        let channel = index / (600 * 16) * 16 + index % 16
        switch channel {
        case ..<8: #expect(abs(abs(y[index] - 0.5) - 1) < 1e-3)
        case ..<16, 24...: #expect(y[index] == 0.5)
        default: #expect(y[index].isNaN)
        }
        if channel < 16 && y[index].isNaN { break }
      }
    }
  }
}
