import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// GroupQueryAttention against the scalar reference.
@Suite("Attention with a cache equals the reference")
struct GroupQueryRowTests {
  struct Step {
    var batch = 2, sequence = 1, past = 9, features = 8, queryHeads = 6, keyHeads = 2
    /// Tokens of each sequence after the step; nil: all are full.
    var lengths: [Int32]?
    var rotates = false, isPacked = false, hasPositions = false, hasBias = false, hasSinks = false, isNormalized = false
    var attributes: [String: Attribute] = [:]

    func test(outputs: Int = 3) throws -> NodeCase {
      func floats(_ shape: Shape, _ seed: UInt64) throws -> NodeCase.Input {
        .given(try Tensor.random(.float32, shape, in: -1.5...1.5, seed: seed))
      }
      let total = past + sequence
      let (q, k) = (queryHeads * features, keyHeads * features)
      let cache: Shape = [batch, keyHeads, past, features]
      let angles: Shape = [total + 4, features / 2]
      var inputs: [NodeCase.Input] = [
        try floats([batch, sequence, isPacked ? q + 2 * k : q], 1), isPacked ? .none : try floats([batch, sequence, k], 2),
        isPacked ? .none : try floats([batch, sequence, k], 3), past > 0 ? try floats(cache, 4) : .none,
        past > 0 ? try floats(cache, 5) : .none,
        .given(try Tensor(lengths?.map { $0 - 1 } ?? Array(repeating: Int32(total - 1), count: batch))),
        .constant(try Tensor([Int32(total)])),
        rotates ? try floats(angles, 6) : .none, rotates ? try floats(angles, 7) : .none,
        hasPositions
          ? .given(try Tensor((0..<batch * sequence).map { Int64($0 * 5 % (total + 4)) }).reshaped(to: [batch, sequence])) : .none,
        hasBias ? try floats([batch, 1, sequence, total], 8) : .none, hasSinks ? try floats([queryHeads], 9) : .none, .none, .none,
        isNormalized ? try floats([features], 10) : .none, isNormalized ? try floats([features], 11) : .none,
      ]
      while case .none? = inputs.last { inputs.removeLast() }
      var all = attributes
      all["num_heads"] = .int(Int64(queryHeads))
      all["kv_num_heads"] = .int(Int64(keyHeads))
      if rotates { all["do_rotary"] = .int(1) }
      return NodeCase("GroupQueryAttention", inputs, all, domain: "com.microsoft", outputs: outputs)
    }
  }

  static let steps: [Step] = [
    Step(), Step(lengths: [10, 4], rotates: true), Step(sequence: 5, past: 0, rotates: true, isPacked: true),
    Step(sequence: 6, past: 0, lengths: [6, 2], attributes: ["rotary_interleaved": .int(1)]),
    Step(sequence: 3, past: 20, rotates: true, hasPositions: true, attributes: ["rotary_interleaved": .int(1)]),
    Step(sequence: 4, lengths: [13, 11], hasBias: true, hasSinks: true, attributes: ["local_window_size": .int(3)]),
    Step(sequence: 3, isNormalized: true, attributes: ["softcap": .float(2), "scale": .float(0.7)]),
    Step(sequence: 2, rotates: true, isNormalized: true, attributes: ["smooth_softmax": .int(1)]),
    Step(sequence: 3, attributes: ["causal": .int(0)]), Step(features: 16, queryHeads: 3, keyHeads: 3),
    Step(batch: 1, queryHeads: 4, keyHeads: 1),
    Step(batch: 1, sequence: 200, past: 700, features: 4, queryHeads: 4, keyHeads: 2, rotates: true),
  ]

  @Test func equalsTheReference() throws {
    for step in Self.steps { try KernelRowTests.expectReference(step.test()) }
  }

  @Test func refusesLengthsAndPositions() throws {
    for step in [Step(lengths: [11, 3]), Step(lengths: [0, 3]), Step(sequence: 3, lengths: [2, 12])] {
      #expect(throws: OnyxError.self) { _ = try step.test().run(KernelTable()) }
    }
    let test = try Step(rotates: true, hasPositions: true).test()
    var inputs = test.inputs
    for position in [-1, 14, Int64.max] {
      inputs[9] = .given(try Tensor([0, position]).reshaped(to: [2, 1]))
      #expect(throws: OnyxError.self) {
        _ = try NodeCase("GroupQueryAttention", inputs, test.attributes, domain: "com.microsoft", outputs: 3).run(KernelTable())
      }
    }
  }

  @Test func leavesOthersToTheReference() throws {
    #expect(try Step().test(outputs: 1).run(KernelTable()).rows == ["reference"])
  }
}
