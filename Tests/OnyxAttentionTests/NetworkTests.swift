import Foundation
import OnyxAttention
import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// Whole networks without weights, from both exporters: as many blocks of each kind as the networks were built with, in the
/// modules that hold them.
struct NetworkTests {
  static let expected: [String: [AttentionMatch.Kind: Int]] = [
    "seresnet50": [.se: 16], "ecaresnet50d": [.eca: 16], "cbamresnet50": [.cbam: 16], "mobilenetv3_large_100": [.se: 8],
    "efficientnet_b0": [.se: 16],
    "skresnet18": [.sk: 8], "ese_vovnet19b_dw": [.ese: 4], "ghostnet_100": [.se: 7], "gcresnet33ts": [.gc: 10],
    "vit_tiny_patch16_224": [.selfAttention: 12],
    "lraspp_mobilenet_v3_large": [.se: 8, .lraspp: 1], "pan_resnet18": [.gau: 3, .fpa: 1],
    "manet_resnet18": [.mfab: 4, .pab: 1],
    "resnet18": [:], "resnet50": [:], "vgg11": [:], "mobilenetv2_100": [:], "densenet121": [:], "regnetx_002": [:], "convnext_atto": [:],
    "inception_v3": [:],
    "squeezenet1_1": [:], "shufflenet_v2_x1_0": [:], "googlenet": [:], "mnasnet0_5": [:],
  ]

  private static let libraries: Set = ["timm", "torchvision", "segmentation_models_pytorch"]

  static let folder = Repository.models.appending(path: "skeletons").path(percentEncoded: false)
  static let files = expected.keys.sorted().flatMap { ["\($0)-torchscript", "\($0)-dynamo"] }

  /// Kind → names of modules, as the export counted them in PyTorch.
  static let built: [String: [String: [String]]] = {
    let data = FileManager.default.contents(atPath: "\(folder)/blocks.json") ?? Data()
    return (try? JSONDecoder().decode([String: [String: [String]]].self, from: data)) ?? [:]
  }()

  @Test func everyNetworkIsThere() {
    #expect(Set(Self.built.keys) == Set(Self.expected.keys))
    #expect(Self.expected.values.count(where: \.isEmpty) >= 10)
  }

  @Test(arguments: files) func blocks(_ file: String) throws {
    let name = String(file.prefix { $0 != "-" })
    let graph = try ModelLoader.load(contentsOf: "\(Self.folder)/\(file).onnx").graph
    let structure = GraphStructure(try InferredGraph(graph))
    let matches = structure.blocks
    let counts = Dictionary(grouping: matches, by: \.kind).mapValues(\.count)
    #expect(counts == Self.expected[name])
    var places: [String: [String]] = [:]
    for (match, label) in zip(matches, structure.labels) {
      let module = try #require(label)
      places[match.kind.rawValue, default: []].append(module.name)
      let library = module.moduleClass?.prefix { $0 != "." }
      if file.hasSuffix("dynamo") { #expect(library.map { Self.libraries.contains(String($0)) } == true) }
      #expect(
        !(match.gates + match.maps).isEmpty
          && match.weights.allSatisfy { graph.initializers[$0] != nil || graph.values.indices.contains($0.index) })
    }
    #expect(Set(structure.blockNames).count == matches.count)
    #expect(places.mapValues { $0.sorted() } == Self.built[name]?.mapValues { $0.sorted() })
  }
}
