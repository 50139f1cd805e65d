import OnyxAttention
import Testing

/// How many networks without weights the tests of this folder hold, of how many families: what they find is worth as much.
struct NetworkFamilyTests {
  private struct Network {
    let name: String
    let exporters: Int
    let kinds: Set<String>

    /// The name without sizes and patches; residual networks with any attention are one family.
    var family: String {
      let stem = String(name.prefix { $0.isLetter })
      return stem.hasSuffix("resnet") ? "resnet" : stem
    }
  }

  private static let networks: [Network] = {
    let convolutional = NetworkTests.expected.map { Network(name: $0.key, exporters: 2, kinds: Set($0.value.keys.map(\.rawValue))) }
    let others = TransformerTests.networks.map { name, network in
      Network(name: name, exporters: network.exporters.count, kinds: Set(network.blocks.map(\.kind)))
    }
    return convolutional + others
  }()

  @Test func networks() {
    let attending = Self.networks.filter { !$0.kinds.isEmpty && $0.exporters == 2 }
    #expect(attending.count >= 60)
    #expect(Set(attending.map(\.family)).count >= 40, "\(Set(attending.map(\.family)).sorted())")
    #expect(attending.reduce(into: Set()) { $0.formUnion($1.kinds) }.count >= 22)
    #expect(Self.networks.count { $0.kinds.isEmpty } >= 14)
  }
}
