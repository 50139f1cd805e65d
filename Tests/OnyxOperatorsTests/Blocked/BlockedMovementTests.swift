import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Movement and normalization in channel blocks: the definitions, and the plain operators.
struct BlockedMovementTests {
  typealias Blocks = BlockedOperatorTests

  @Test func channelsAreThoseOfAConcatenation() throws {
    let (a, b) = (ramp(.float32, [2, 18, 3, 2]), ramp(.float32, [2, 5, 3, 2], 7))
    let joined = try Tensor.concatenated([a, b], axis: 1)
    let lanes = (0..<18).map(Int64.init) + (32..<37).map(Int64.init)
    let y = try Blocks.run("GatherChannels", [ChannelBlocks.block(a), ChannelBlocks.block(b)], ["channels": .ints(lanes)])
    #expect(try y.doubles() == ChannelBlocks.block(joined).doubles())
  }

  @Test func phasesGoByTurns() throws {
    let phases = (0..<2).map { ramp(.float32, [1, 16, 2, 3], $0 * 10) }
    let y = try Blocks.run(
      "InterleavedPhases", phases.map { try ChannelBlocks.block($0) }, ["strides": .ints([1, 2]), "crops": .ints([1, 1, 0, 0])])
    #expect(y.shape == [1, 1, 1, 5, 16])
    let (values, sources) = (try ChannelBlocks.unblock(y, channels: 16).doubles(), try phases.map { try $0.doubles() })
    for channel in 0..<16 {
      for column in 0..<5 {
        #expect(values[channel * 5 + column] == sources[(column + 1) % 2][channel * 6 + 3 + (column + 1) / 2])
      }
    }
  }

  @Test(arguments: [1, 3, 18]) func normalizationIsThePlainOne(_ groups: Int) throws {
    let (x, scale, bias) = (ramp(.float32, [2, 18, 3, 2]), ramp(.float32, [18], 1), ramp(.float32, [18], 5))
    let expected =
      groups == 18
      ? try Blocks.plain("InstanceNormalization", [x, scale, bias], ["epsilon": .float(0.1)])
      : try Blocks.plain("GroupNormalization", [x, scale, bias], ["epsilon": .float(0.1), "num_groups": .int(Int64(groups))])
    let y = try Blocks.run(
      "BlockedGroupNormalization", [ChannelBlocks.block(x), scale, bias],
      ["channels": .int(18), "groups": .int(Int64(groups)), "epsilon": .float(0.1)])
    #expect(try y.doubles() == ChannelBlocks.block(expected).doubles())
  }

  @Test func refusesWhatIsNotThere() throws {
    let x = try ChannelBlocks.block(ramp(.float32, [1, 18, 2, 2]))
    #expect(throws: OnyxError.self) { try Blocks.run("GatherChannels", [x], ["channels": .ints([0, 32])]) }
    #expect(throws: OnyxError.self) { try Blocks.run("GatherChannels", [x], ["channels": .ints([-1])]) }
    #expect(throws: OnyxError.self) { try Blocks.run("GatherChannels", [ramp(.float32, [1, 18, 2, 2])], ["channels": .ints([0])]) }
    #expect(throws: OnyxError.self) { try Blocks.run("InterleavedPhases", [x], ["strides": .ints([2, 1])]) }
    #expect(throws: OnyxError.self) {
      try Blocks.run("InterleavedPhases", [x], ["strides": .ints([1, 1]), "crops": .ints([1, 0, 2, 0])])
    }
    #expect(throws: OnyxError.self) { try Blocks.run("InterleavedPhases", [x], ["strides": .ints([0, 1])]) }
    let vector = ramp(.float32, [18])
    #expect(throws: OnyxError.self) {
      try Blocks.run("BlockedGroupNormalization", [x, vector, vector], ["channels": .int(18), "groups": .int(4)])
    }
  }
}
