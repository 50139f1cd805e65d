import Foundation
import Onyx
import OnyxAttention
import OnyxFiles
import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// Small networks with every kind of block, from both exporters: the blocks are those of the modules that they were built with, and what
/// a session finds inside equals what PyTorch's modules computed.
struct KindNetworkTests {
  struct Block: Decodable, Hashable {
    let module: String
    let kind: String
  }

  struct Network: Decodable {
    let exporters: [String]
    let blocks: [Block]
  }

  static let folder = Repository.models.appending(path: "kinds").path(percentEncoded: false)

  static let networks: [String: Network] = {
    let data = FileManager.default.contents(atPath: "\(folder)/kinds.json") ?? Data()
    return (try? JSONDecoder().decode([String: Network].self, from: data)) ?? [:]
  }()

  static let files = networks.keys.sorted().flatMap { name in (networks[name]?.exporters ?? []).map { [name, $0] } }

  static func path(_ file: [String]) -> String { "\(folder)/\(file[0])-\(file[1]).onnx" }

  /// Files whose blocks are all of one kind.
  static func files(of kind: AttentionKind) -> [[String]] {
    files.filter { file in
      let blocks = networks[file[0]]?.blocks ?? []
      return !blocks.isEmpty && blocks.allSatisfy { $0.kind == kind.rawValue }
    }
  }

  /// Rows of models/attention with what PyTorch's hooks or Keras's layers saw, by kind; `AttentionGateTests` compares these.
  private static let rows: [AttentionKind: [String]] = {
    var rows: [AttentionKind: [String]] = [:]
    for (row, kinds) in ModelRecognitionTests.expected {
      let stored = Repository.models.appending(path: "attention/\(row)/gates.npz").path(percentEncoded: false)
      guard let tensors = try? TensorFile.read(stored), !tensors.isEmpty else { continue }
      for kind in kinds { rows[kind, default: []].append(row) }
    }
    return rows
  }()

  /// Every kind has a network whose gates and maps are compared with those of the framework that made it.
  @Test(arguments: AttentionKind.allCases) func everyKindHasValues(_ kind: AttentionKind) throws {
    var compared = Self.rows[kind] ?? []
    for (name, network) in Self.networks {
      let modules = network.blocks.filter { $0.kind == kind.rawValue }.map(\.module)
      guard !modules.isEmpty, !network.exporters.isEmpty else { continue }
      let stored = try Self.observed(name).keys
      let tensors = modules.flatMap { module in stored.filter { $0.hasPrefix("\(module)/") } }
      // As many tensors as the kind has, of every block.
      let row = kind.row
      let fewest = row.gates == .sides ? 2 : (row.gates == .none ? 0 : 1) + (row.maps == .turned ? 3 : row.maps == .none ? 0 : 1)
      #expect(tensors.count >= modules.count * fewest, "\(name): \(tensors.sorted())")
      compared.append(name)
    }
    #expect(!compared.isEmpty)
  }

  @Test func everyNetworkIsThere() {
    let kinds = Set(AttentionKind.allCases.map(\.rawValue))
    #expect(Self.networks.values.flatMap(\.blocks).allSatisfy { kinds.contains($0.kind) })
    #expect(Self.networks["lookalikes"]?.blocks.isEmpty == true)
    // The TorchScript exporter cannot write the surroundings of HaloNet and of outlook attention.
    #expect(Self.networks.allSatisfy { ["halo", "outlook"].contains($0.key) || $0.value.exporters.count == 2 })
  }

  @Test(arguments: files) func blocks(_ file: [String]) throws {
    let expected = try #require(Self.networks[file[0]]).blocks
    let structure = GraphStructure(try InferredGraph(try ModelLoader.load(contentsOf: Self.path(file)).graph))
    let found = zip(structure.blocks, structure.labels).map { Block(module: $1?.name ?? "", kind: $0.kind.rawValue) }
    #expect(Set(found) == Set(expected) && found.count == expected.count, "\(found)")
  }

  /// The input and, by block and `gate` or `map`, what PyTorch's modules gave.
  private static func observed(_ name: String) throws -> [String: Tensor] {
    let stored = try TensorFile.read("\(folder)/\(name).npz")
    return Dictionary(stored.compactMap { entry in entry.name.map { ($0, entry.tensor) } }, uniquingKeysWith: { first, _ in first })
  }

  /// The largest difference as a share of the largest expected magnitude; shapes may differ by axes of one element and by how heads,
  /// groups and images are folded.
  private static func error(_ actual: Tensor, _ expected: Tensor) throws -> Double {
    let (got, want) = (try actual.doubles(), try expected.doubles())
    try #require(got.count == want.count)
    let scale = want.map(\.magnitude).max() ?? 1
    return (zip(got, want).map { ($0 - $1).magnitude }.max() ?? .infinity) / scale
  }

  @Test(arguments: files) func values(_ file: [String]) throws {
    var expected = try Self.observed(file[0])
    let input = expected.removeValue(forKey: "x")
    let x = try #require(input)
    let session = try Session(path: Self.path(file))
    for found in try session.attention(["x": x]) {
      let label = try #require(found.block.label)
      #expect(found.gates.count == found.block.gates.count && found.maps.count == found.block.maps.count)
      let named = [("gate", found.gates), ("map", found.maps)].flatMap { name, tensors in
        tensors.enumerated().map { ("\(label)/\(name)" + ($0.offset > 0 ? "-\($0.offset + 1)" : ""), $0.element) }
      }
      for (name, tensor) in named {
        // Factorised attention has no features of the queries but the queries.
        guard let wanted = expected.removeValue(forKey: name) else {
          #expect(found.block.kind == AttentionKind.factorised.rawValue, "\(name)")
          continue
        }
        #expect(try Self.error(tensor, wanted) < 1e-5, "\(name)")
      }
    }
    #expect(expected.isEmpty, "\(expected.keys.sorted())")
  }

  /// The values say what the model says without a run, but for sizes.
  @Test func valuesNameTheBlocks() throws {
    let path = Self.path(["shuffle", "dynamo"])
    let x = try #require(try Self.observed("shuffle")["x"])
    let blocks = try Model(path: path).attentionBlocks()
    let found = try Session(path: path).attention(["x": x])
    #expect(found.map(\.block.name) == blocks.map(\.name) && found.map(\.block) == blocks)
    #expect(throws: OnyxError.self) { try Session(path: path).attention([:]) }
  }
}
