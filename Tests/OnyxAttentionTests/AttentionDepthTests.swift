import Foundation
import Onyx
import OnyxAttention
import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// Rollout, entropy and distance of a small vision transformer are those that PyTorch computes of its modules' weights.
struct AttentionDepthTests {
  private static func values(_ file: String) throws -> [String: Tensor] {
    let stored = try TensorFile.read("\(KindNetworkTests.folder)/\(file).npz")
    return Dictionary(stored.compactMap { entry in entry.name.map { ($0, entry.tensor) } }, uniquingKeysWith: { first, _ in first })
  }

  private static func expectClose(_ got: [Double], _ want: Tensor?) throws {
    let want = try #require(want).doubles()
    try #require(got.count == want.count)
    #expect(zip(got, want).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test(arguments: ["torchscript", "dynamo"]) func ofAVisionTransformer(_ exporter: String) throws {
    let x = try #require(try Self.values("vit")["x"])
    let expected = try Self.values("vit-depth")
    let found = try Session(path: KindNetworkTests.path(["vit", exporter])).attention(["x": x])
    let rollout = try #require(try found.rollout())
    #expect(rollout.blocks == found.map(\.block.name) && rollout.tokens == 17 && rollout.weights.count == 2)
    try Self.expectClose(rollout.weights.flatMap { $0 }, expected["rollout"])
    #expect(try rollout.tensor.shape == Shape([2, 17, 17]))
    let places = HeadStatistics.Places(width: 4, height: 4, extra: 1)
    let heads = try found.flatMap { try HeadStatistics.of($0.maps[0], heads: $0.block.heads, places: places) }
    try Self.expectClose(heads.map(\.entropy), expected["entropy"])
    try Self.expectClose(heads.compactMap(\.distance), expected["distance"])
  }

  /// Without places there are no distances; places of another picture are none.
  @Test func withoutPlaces() throws {
    let weights = try Tensor([Float](repeating: 0.25, count: 2 * 4 * 4), shape: Shape([1, 2, 4, 4]))
    for places in [nil, HeadStatistics.Places(width: 3, height: 1, extra: 0)] {
      let heads = try HeadStatistics.of(weights, heads: nil, places: places)
      #expect(heads.map(\.distance) == [nil, nil] && heads.allSatisfy { abs($0.entropy - 1) < 1e-12 })
    }
    #expect(try HeadStatistics.of(try Tensor([1, 2, 3]), heads: 1).isEmpty)
  }

  /// One block, or windows, are not rolled out.
  @Test(arguments: ["swin", "pvt", "bam"]) func notOf(_ name: String) throws {
    let x = try #require(try Self.values(name)["x"])
    #expect(try Session(path: KindNetworkTests.path([name, "dynamo"])).attention(["x": x]).rollout() == nil)
  }
}
