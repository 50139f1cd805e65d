import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Kernels of the channel-blocked layout against the scalar references.
@Suite("Blocked kernel rows equal the reference")
struct BlockedRowTests {
  static func ints(_ values: Int64...) -> Attribute { .ints(values) }

  static func conv(_ inputs: [NodeCase.Input], _ attributes: [String: Attribute] = [:]) -> NodeCase {
    NodeCase("BlockedConv", inputs, attributes, domain: "onyx")
  }

  /// Zeros past the last channel, as every blocked value may have there.
  /// Inlined into the initial values below, Swift 6.3's optimizer merges the error slots of its calls into invalid code.
  @inline(never) static func blocked(_ shape: Shape, seed: Int) -> NodeCase.Input {
    .given(try! ChannelBlocks.block(NodeCase.noise(shape, seed: seed)))
  }

  static let pads = ["pads": ints(1, 1, 1, 1)]
  static let reorders: [NodeCase] =
    [[1, 16, 2, 2], [2, 17, 5, 7], [1, 3, 1, 1], [2, 40, 23, 23], [1, 33, 9]].flatMap { (shape: Shape) in
      [
        NodeCase("BlockChannels", [.float(shape)], domain: "onyx"),
        NodeCase("UnblockChannels", [blocked(shape, seed: 3)], ["channels": .int(Int64(shape[1]))], domain: "onyx"),
      ]
    }

  static let pointwise: [NodeCase] = [
    conv([blocked([1, 16, 7, 7], seed: 1), .weight([32, 16, 1, 1]), .weight([32])]),
    conv([blocked([2, 40, 5, 3], seed: 1), .weight([24, 40, 1, 1])]),
    conv([blocked([1, 530, 3, 5], seed: 1), .weight([50, 530, 1, 1]), .weight([50])], ["activation": .text("relu")]),
    conv([blocked([1, 64, 29, 29], seed: 1), .weight([80, 64, 1, 1]), .weight([80])], ["activation": .text("hardSwish")]),
    conv([blocked([1, 24, 15, 14], seed: 1), .weight([48, 24, 1, 1])], ["strides": ints(2, 2)]),
    conv([blocked([1, 24, 15, 14], seed: 1), .weight([48, 24, 1, 1])], ["strides": ints(3, 3)]),
    conv(
      [blocked([2, 20, 5, 6], seed: 1), .weight([17, 20, 1, 1]), .none, blocked([2, 17, 5, 6], seed: 4)], ["activation": .text("relu")]),
    conv([blocked([2, 600, 4, 4], seed: 1), .weight([17, 600, 1, 1]), .weight([17]), blocked([2, 17, 4, 4], seed: 4)]),
    conv([blocked([2, 20, 5, 6], seed: 1), .weight([17, 20, 1, 1]), .none, .none, blocked([2, 20, 1, 1], seed: 4)]),
  ]

  /// Windows that mostly meet padding.
  static let dilated: [NodeCase] = [(6, [1, 40, 9, 8], 20), (4, [2, 17, 7, 5], 40), (3, [1, 530, 4, 5], 17)].flatMap {
    (dilation: Int64, shape: Shape, filters: Int) in
    let attributes: [String: Attribute] = [
      "dilations": ints(dilation, dilation), "pads": ints(dilation, dilation, dilation, dilation),
    ]
    let weights = NodeCase.Input.weight([filters, shape[1], 3, 3])
    let z = blocked([shape[0], filters, shape[2], shape[3]], seed: 5)
    return [
      conv([blocked(shape, seed: 1), weights, .weight([filters])], attributes.merging(["activation": .text("relu")]) { $1 }),
      conv([blocked(shape, seed: 1), weights, .none, z], attributes.merging(["activation": .text("swish")]) { $1 }),
      conv(
        [blocked(shape, seed: 1), weights],
        ["dilations": ints(dilation, 1), "pads": ints(dilation - 1, 0, dilation + 1, 2), "activation": .text("none")]),
    ]
  }

  static let windows: [NodeCase] = [
    conv([blocked([1, 16, 7, 7], seed: 1), .weight([16, 16, 3, 3]), .weight([16])], pads),
    conv(
      [blocked([2, 17, 13, 9], seed: 1), .weight([33, 17, 3, 3]), .weight([33])], pads.merging(["activation": .text("swish")]) { $1 }),
    conv([blocked([1, 32, 15, 17], seed: 1), .weight([20, 32, 3, 3])], pads.merging(["strides": ints(2, 2)]) { $1 }),
    conv([blocked([1, 64, 30, 30], seed: 1), .weight([40, 64, 3, 3]), .weight([40])], pads),
    conv([blocked([1, 18, 9, 9], seed: 1), .weight([16, 18, 5, 3])], ["pads": ints(3, 0, 1, 2), "dilations": ints(2, 1)]),
    conv([blocked([1, 18, 4, 4], seed: 1), .weight([16, 18, 2, 2])], ["strides": ints(2, 2)]),
    conv([blocked([1, 18, 4, 4], seed: 1), .weight([16, 18, 3, 3]), .none, .none, blocked([1, 18, 1, 1], seed: 9)], pads),
    conv([blocked([2, 18, 6, 6], seed: 1), .weight([24, 18, 3, 3]), .weight([24]), blocked([2, 24, 6, 6], seed: 4)], pads),
    conv([blocked([1, 16, 1, 1], seed: 1), .weight([16, 16, 3, 3])], pads),
    conv([blocked([1, 16, 3, 3], seed: 1), .weight([16, 16, 1, 1])], ["pads": ints(4, 4, 4, 4)]),
    // Lines that stand upright.
    conv(
      [blocked([2, 40, 70, 1], seed: 1), .weight([33, 40, 5, 1]), .weight([33]), blocked([2, 33, 35, 1], seed: 4)],
      ["pads": ints(2, 0, 2, 0), "strides": ints(2, 1), "activation": .text("relu")]),
    conv([blocked([1, 530, 31, 1], seed: 1), .weight([17, 530, 3, 1])], ["dilations": ints(2, 3)]),
    conv([blocked([1, 24, 40, 1], seed: 1), .weight([48, 24, 1, 1]), .none, .none, blocked([1, 24, 1, 1], seed: 9)]),
    // Staged in strips: whole and half blocks, unequal strides, dilation, pads past the image, an addend.
    conv([blocked([2, 40, 49, 45], seed: 1), .weight([20, 40, 3, 3]), .weight([20])], pads.merging(["strides": ints(2, 2)]) { $1 }),
    conv(
      [blocked([1, 24, 43, 47], seed: 1), .weight([33, 24, 5, 3]), .none, blocked([1, 33, 45, 24], seed: 4)],
      ["pads": ints(5, 0, 5, 2), "dilations": ints(2, 1), "strides": ints(1, 2), "activation": .text("swish")]),
    conv([blocked([1, 33, 12, 80], seed: 1), .weight([16, 33, 4, 4])], ["pads": ints(11, 2, 14, 1)]),
  ]

  static let firstLayers: [NodeCase] = [
    conv(
      [.float([1, 3, 30, 33]), .weight([24, 3, 7, 7]), .weight([24])],
      ["strides": ints(2, 2), "pads": ints(3, 3, 3, 3), "activation": .text("relu")]),
    conv([.float([2, 3, 16, 16]), .weight([16, 3, 4, 4])], ["strides": ints(4, 4)]),
    conv([.float([1, 1, 9, 10]), .weight([32, 1, 3, 3])], pads),
    conv([.float([1, 20, 9, 10]), .weight([16, 20, 3, 3]), .none, blocked([1, 16, 9, 10], seed: 4)], pads),
    conv([.float([1, 3, 61, 1]), .weight([20, 3, 7, 1]), .weight([20])], ["strides": ints(2, 1), "pads": ints(3, 0, 3, 0)]),
  ]

  @Test(arguments: dilated.indices) func windowsThatMostlyMeetPaddingGoTapByTap(_ index: Int) throws {
    let isWhole = index % 3 < 2
    #expect(try Self.dilated[index].run(KernelTable()).rows == [isWhole ? "blocked_conv_f32_tapwise" : "blocked_conv_f32_direct"])
  }

  @Test(arguments: reorders + pointwise + windows + dilated + firstLayers) func equalsTheReference(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly)
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows != ["reference"], "no row serves \(test)")
      let (actual, wanted) = (single.results[0], expected.results[0])
      #expect(actual.shape == wanted.shape)
      let (a, e) = (try actual.doubles(), try wanted.doubles())
      let scale = e.reduce(1e-30) { max($0, $1.magnitude) }
      for index in e.indices where !((a[index] - e[index]).magnitude <= 2e-6 * scale) {
        Issue.record("\(isa.name) \(single.rows): element \(index) of \(test) is \(a[index]), expected \(e[index])")
        break
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results[0]
        #expect(
          try parallel.elements(as: Float.self).map(\.bitPattern) == actual.elements(as: Float.self).map(\.bitPattern),
          "\(isa.name), \(threads) threads")
      }
    }
  }

  /// Padding lanes of the input are garbage, never read.
  @Test func paddingLanesDoNotCount() throws {
    try Self.expectPaddingLanesIgnored { try $0.run(KernelTable()).results[0] }
  }

  static func expectPaddingLanesIgnored(_ run: (NodeCase) throws -> Tensor) throws {
    let x = try ChannelBlocks.block(NodeCase.noise([1, 5, 4, 4], seed: 2))
    var values = try x.elements(as: Float.self)
    for index in values.indices where index % 16 >= 5 { values[index] = 1e30 }
    let dirty = try Tensor(values, shape: x.shape)
    let weights = [NodeCase.Input.weight([16, 5, 3, 3])]
    let (clean, result) = (try run(conv([.given(x)] + weights, pads)), try run(conv([.given(dirty)] + weights, pads)))
    #expect(try result.elements(as: Float.self) == clean.elements(as: Float.self))
  }
}
