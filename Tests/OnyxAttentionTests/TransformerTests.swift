import Foundation
import OnyxAttention
import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTestSupport
import Testing

/// Transformers and networks like them without weights: what `attention.json` says of the modules that they were built with is found,
/// with heads, masks and biases, and nothing else.
struct TransformerTests {
  struct Block: Decodable, Equatable, CustomStringConvertible {
    let module: String
    let kind: String
    let heads: Int?
    let mask: String
    let causal: Bool
    let bias: String

    var description: String { "\(module): \(kind) heads=\(heads ?? -1) mask=\(mask) causal=\(causal) bias=\(bias)" }
  }

  struct Network: Decodable {
    let exporters: [String]
    let blocks: [Block]
  }

  static let folder = Repository.models.appending(path: "skeletons/attention").path(percentEncoded: false)

  static let networks: [String: Network] = {
    let data = FileManager.default.contents(atPath: "\(folder)/attention.json") ?? Data()
    return (try? JSONDecoder().decode([String: Network].self, from: data)) ?? [:]
  }()

  static let files = networks.keys.sorted().flatMap { name in (networks[name]?.exporters ?? []).map { [name, $0] } }

  @Test func networksAreThere() {
    #expect(Self.networks.count >= 45)
    #expect(Self.networks.values.count(where: \.blocks.isEmpty) >= 2)
    // Kinds that networks are built with.
    #expect(Set(Self.networks.values.flatMap(\.blocks).map(\.kind)).count >= 12)
  }

  private static func block(_ match: AttentionMatch, _ label: String?) -> Block? {
    guard let query = match.query else { return nil }
    return Block(
      module: label ?? "", kind: match.kind.rawValue, heads: match.heads?.known, mask: query.mask.rawValue, causal: query.isCausal,
      bias: query.bias.rawValue)
  }

  @Test(arguments: files) func blocks(_ file: [String]) throws {
    let expected = try #require(Self.networks[file[0]]).blocks
    let graph = try ModelLoader.load(contentsOf: "\(Self.folder)/\(file[0])-\(file[1]).onnx").graph
    let structure = GraphStructure(InferredGraph(graph, try GraphInference(graph, passesUnsupported: true)))
    let found = structure.blocks.indices.compactMap { Self.block(structure.blocks[$0], structure.labels[$0]?.name) }
    func sorted(_ blocks: [Block]) -> [String] { blocks.map(\.description).sorted() }
    #expect(sorted(found) == sorted(expected))
  }
}
