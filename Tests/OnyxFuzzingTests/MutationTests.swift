import OnyxFiles
import OnyxFuzzing
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct MutationTests {
  /// protobuf writes fields as this does, so nothing of a model is lost on the way.
  @Test func modelsSurviveTheTree() throws {
    let seeds = try Seeds.models()
    #expect(seeds.count > 80)
    for seed in seeds { #expect(WireTree(seed[...], as: .model)?.encoded == seed) }
  }

  @Test func structuralChangesStayReadable() throws {
    let seeds = try Seeds.models().compactMap { WireTree($0[...], as: .model) }
    var mutator = ModelMutator(SeededGenerator(seed: 1))
    var changed = 0
    for round in 0..<300 {
      let seed = seeds[round % seeds.count]
      let mutated = mutator.mutated(seed, others: seeds)
      #expect(WireTree(mutated.encoded[...], as: .model) != nil)
      if mutated != seed { changed += 1 }
    }
    #expect(changed > 200)
  }

  @Test func reductionsAreSmaller() throws {
    let target = try ModelStructure()
    let reductions = target.reductions(of: Onnx.good)
    #expect(reductions.count > 10)
    for reduction in reductions { #expect(reduction.count < Onnx.good.count) }
  }

  /// A changed element of an archive is read as such, not refused for the sum that guards it.
  @Test func checksumsOfArchivesAreRepaired() throws {
    let tensor = try Tensor([1, 2, 3] as [UInt8], shape: [3])
    var bytes = try Npz.encode([("a", tensor)])
    let place = try #require(bytes.indices.dropLast(3).first { Array(bytes[$0..<$0 + 3]) == [1, 2, 3] })
    bytes[place + 1] = 9
    #expect(throws: OnyxError.self) { try Npz.decode(bytes[...]) }
    #expect(try Npz.decode(Checksums.repaired(bytes)[...]).first?.tensor.elements(as: UInt8.self) == [1, 9, 3])
  }

  /// The size of a picture, which its header's sum guards.
  @Test func checksumsOfPicturesAreRepaired() throws {
    var bytes = try Codecs.encodePNG(Pixels(width: 2, height: 2, channels: 1, bytes: [1, 2, 3, 4]))
    bytes[19] = 1
    #expect(throws: OnyxError.self) { try Codecs.decodePNG(bytes) }
    #expect(try Codecs.decodePNG(Checksums.repaired(bytes)).width == 1)
  }
}
