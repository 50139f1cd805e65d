import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Which convolutions the Winograd rows take, and that they compute what the operator's reference does.
@Suite("Winograd rows")
struct WinogradRowTests {
  static func conv(_ x: Shape, _ w: Shape, z: Shape? = nil, _ attributes: [String: Attribute] = [:], s: Shape? = nil, pads: Int64 = 1)
    -> NodeCase
  {
    NodeCase(
      "BlockedConv", [.float(x), .weight(w), .weight([w[0]]), z.map { .float($0) } ?? .none, s.map { .float($0) } ?? .none],
      ["pads": .ints([pads, pads, pads, pads])].merging(attributes) { $1 }, domain: "onyx")
  }

  static let served: [(NodeCase, String)] = [
    (conv([1, 2, 12, 12, 16], [32, 32, 3, 3], ["activation": .text("relu")]), "blocked_conv_f32_winograd4"),
    (conv([2, 2, 9, 15, 16], [40, 24, 3, 3], z: [2, 3, 9, 15, 16], ["activation": .text("hardSwish")]), "blocked_conv_f32_winograd4"),
    (conv([1, 1, 20, 21, 16], [17, 16, 3, 3], z: [1, 2, 18, 19, 16], pads: 0), "blocked_conv_f32_winograd4"),
    (
      conv([1, 4, 6, 6, 16], [64, 64, 3, 3], ["activation": .text("clip"), "activation_params": .floats([0, 60])]),
      "blocked_conv_f32_winograd2"
    ),
  ]

  static let declined: [NodeCase] = [
    conv([1, 2, 12, 12, 16], [32, 32, 3, 3], ["strides": .ints([2, 2])]),
    conv([1, 2, 12, 12, 16], [32, 32, 3, 3], ["dilations": .ints([2, 2])]),
    conv([1, 2, 12, 12, 16], [32, 16, 3, 3], ["group": .int(2)]), conv([1, 2, 12, 12, 16], [32, 32, 5, 5], pads: 2),
    conv([1, 2, 12, 12, 16], [32, 32, 3, 3], s: [1, 2, 1, 1, 16]), conv([1, 3, 12, 12], [32, 3, 3, 3]),
    conv([1, 2, 1, 1, 16], [32, 32, 3, 3]),
    conv([1, 2, 12, 12, 16], [32, 32, 3, 3], pads: 3),
  ]

  @Test(arguments: served) func equalsTheReference(_ test: NodeCase, _ row: String) throws {
    let expected = try test.run(.referenceOnly).results[0].doubles()
    let scale = expected.reduce(1e-30) { max($0, $1.magnitude) }
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [row])
      let values = try single.results[0].doubles()
      // Lanes past the last filter are nobody's.
      let filters = try channels(of: test)
      let plane = single.results[0].shape[2...].reduce(1, *)
      for index in expected.indices {
        let channel = index / plane % single.results[0].shape[1] * 16 + index % 16
        guard channel < filters, (values[index] - expected[index]).magnitude > 5e-6 * scale else { continue }
        Issue.record("\(isa.name): element \(index) of \(test) is \(values[index]), expected \(expected[index])")
        break
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results[0]
        #expect(try parallel.elements(as: Float.self).map(\.bitPattern) == single.results[0].elements(as: Float.self).map(\.bitPattern))
      }
    }
  }

  private func channels(of test: NodeCase) throws -> Int {
    guard case .weight(let shape) = test.inputs[1] else { return 0 }
    return shape[0]
  }

  @Test(arguments: declined) func leavesOthersAlone(_ test: NodeCase) throws {
    #expect(try test.run(KernelTable()).rows.allSatisfy { !$0.contains("winograd") })
  }

  @Test func eachRowCanBeSwitchedOff() throws {
    let (test, row) = Self.served[0]
    #expect(try test.run(KernelTable(disabled: [row])).rows == ["blocked_conv_f32_winograd2"])
    let rows = try test.run(KernelTable(disabled: [row, "blocked_conv_f32_winograd2"])).rows
    #expect(rows.allSatisfy { !$0.contains("winograd") })
  }
}
