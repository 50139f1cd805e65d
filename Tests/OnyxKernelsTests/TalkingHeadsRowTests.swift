import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Attention whose heads talk against the scalar reference: each instruction set, one thread and several, bit for bit between them.
@Suite("Talking heads equal the reference")
struct TalkingHeadsRowTests {
  static let axes = TransformerRowTests.axes("b h s d", "b h t d", "b h t e", "b s h e")

  static func operands(_ heads: Int, _ queries: Int, _ keys: Int, _ depth: Int, _ features: Int, batch: Int = 2) -> [NodeCase.Input] {
    [
      .float([batch, heads, queries, depth] as Shape), .float([batch, heads, keys, depth] as Shape),
      .float([batch, heads, keys, features] as Shape), .none,
    ]
  }

  static func test(_ inputs: [NodeCase.Input], _ mixtures: [NodeCase.Input], _ axes: [String: Attribute] = axes) -> NodeCase {
    NodeCase("FusedAttention", inputs + mixtures, axes, domain: "onyx")
  }

  static func mixtures(_ heads: Int) -> [NodeCase.Input] {
    [.weight([heads, heads] as Shape), .weight([heads] as Shape), .weight([heads, heads] as Shape), .weight([heads] as Shape)]
  }

  static let cases: [NodeCase] =
    [(1, 5, 7), (2, 33, 20), (4, 49, 49), (5, 3, 9), (6, 17, 31), (8, 40, 16), (9, 2, 3), (16, 7, 5), (32, 3, 4)].map {
      heads, queries, keys in test(operands(heads, queries, keys, 8, 6), mixtures(heads))
    } + [
      // Scores or weights alone, without biases; more keys than a block of the product with the values; matrices of the run.
      test(operands(4, 20, 11, 8, 8), [.weight([4, 4])]),
      test(operands(4, 20, 11, 8, 8), [.none, .none, .weight([4, 4])]),
      test(operands(4, 3, 600, 3, 5, batch: 1), mixtures(4)),
      test(operands(3, 9, 5, 70, 33), [.float([3, 3]), .float([3]), .float([3, 3])]),
      // One projection, read piece by piece, and keys that are packed.
      test(
        [.float([2, 17, 3, 4, 8]), .float([2, 17, 3, 4, 8]), .float([2, 17, 3, 4, 8]), .none], mixtures(4),
        TransformerRowTests.axes("b s 0 h d", "b t 1 h d", "b t 2 h e", "b s h e")),
      test(
        [.float([3, 16, 35]), .float([3, 16, 40]), .float([3, 9, 40]), .none], mixtures(3),
        TransformerRowTests.axes("h d s", "h d t", "h e t", "h e s")),
      test(
        [.float([2, 4, 9, 8]), .float([2, 4, 10, 8]), .float([2, 4, 10, 6]), .float([9, 10])], mixtures(4),
        TransformerRowTests.axes("b h s d", "b h t d", "b h t e", "b s h e", mask: "s t")),
    ]

  @Test(arguments: cases) func equalsTheReference(_ test: NodeCase) throws { try KernelRowTests.expectReference(test) }

  /// More heads than a mixture takes run as the reference.
  @Test func manyHeads() throws {
    let test = Self.test(Self.operands(33, 2, 3, 2, 2), Self.mixtures(33))
    #expect(try test.run(KernelTable()).rows == ["reference"])
  }
}
