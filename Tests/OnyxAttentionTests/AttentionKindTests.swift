import Foundation
import OnyxAttention
import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxOptimizer
import OnyxTestSupport
import Testing

/// The table of kinds against itself, the documentation, the recogniser and the optimizer.
struct AttentionKindTests {
  @Test func namesAreUnique() {
    let names = AttentionKind.allCases.flatMap { [$0.rawValue] + $0.row.otherNames }
    #expect(Set(names).count == names.count)
    // Those that reports were designed to tell.
    let designed: Set = ["SE", "ECA", "CBAM-channel", "CBAM-spatial", "CBAM", "cSE", "sSE", "scSE", "SK", "GC", "self-attention"]
    #expect(designed.isSubset(of: names))
  }

  @Test func sentencesAreSentences() {
    #expect(Set(AttentionKind.allCases.map(\.row.sentence)).count == AttentionKind.allCases.count)
    for kind in AttentionKind.allCases {
      let sentence = kind.row.sentence
      #expect(sentence.count > 20 && sentence.hasSuffix(".") && sentence.first?.isUppercase == true && !sentence.contains("|"), "\(kind)")
    }
  }

  /// What parts hold the whole holds too, and nothing else but in turned form; where the whole is one node each part can be one.
  @Test(arguments: AttentionKind.allCases) func parts(_ kind: AttentionKind) {
    let row = kind.row
    #expect(row.gates != .none || row.maps != .none)
    for part in row.parts {
      #expect(part != kind && part.row.parts.isEmpty)
      if let op = row.fusion.op { #expect(part.row.fusion.op == op) }
      #expect(part.row.gates == .none || part.row.gates == row.gates)
      #expect(part.row.maps == .none || part.row.maps == row.maps || row.maps == .turned)
    }
    guard !row.parts.isEmpty else { return }
    #expect(Set(row.parts).count == row.parts.count)
    #expect((row.gates == .none) == row.parts.allSatisfy { $0.row.gates == .none })
    #expect((row.maps == .none) == row.parts.allSatisfy { $0.row.maps == .none })
  }

  @Test func compositions() {
    #expect(AttentionKind.cbam.row.parts == [.cbamChannel, .cbamSpatial] && AttentionKind.scse.row.parts == [.se, .sse])
    #expect(AttentionKind.allCases.filter { !$0.row.parts.isEmpty } == [.scse, .cbam, .triplet, .parnet])
  }

  /// Every AttentionBlock that the operator's description allows is of one kind, and others are of none.
  @Test func everyFormIsOneKind() {
    for gate in AttentionBlock.Gate.allCases {
      for pooling in AttentionBlock.Pooling.allCases {
        for spatial in AttentionBlock.Spatial.allCases {
          for join in AttentionBlock.Join.allCases {
            let hasBoth = gate != .none && spatial != .none
            let isBlock = (gate == .none) == (pooling == .none) && (gate != .none || spatial != .none) && (join == .sequential || hasBoth)
            let kinds = AttentionKind.allCases.filter { $0.row.fusion.form?.admits(gate, pooling, spatial, join) == true }
            #expect(kinds.count == (isBlock ? 1 : 0), "\(gate) \(pooling) \(spatial) \(join): \(kinds)")
            #expect(AttentionKind(gate, pooling, spatial, join) == kinds.first)
          }
        }
      }
    }
  }

  @Test(arguments: [
    (AttentionKind.se, AttentionBlock.Gate.mlp, AttentionBlock.Pooling.max, AttentionBlock.Spatial.none, AttentionBlock.Join.sequential),
    (.eca, .conv1d, .avg, .none, .sequential), (.ese, .fc, .avg, .none, .sequential), (.cbamChannel, .conv1d, .both, .none, .sequential),
    (.cbamSpatial, .none, .none, .conv, .sequential), (.sse, .none, .none, .point, .sequential), (.cbam, .mlp, .avg, .conv, .sequential),
    (.scse, .mlp, .avg, .point, .parallel),
  ])
  func forms(
    _ kind: AttentionKind, _ gate: AttentionBlock.Gate, _ pooling: AttentionBlock.Pooling, _ spatial: AttentionBlock.Spatial,
    _ join: AttentionBlock.Join
  ) {
    #expect(AttentionKind(gate, pooling, spatial, join) == kind)
  }

  /// The line of a kind in docs/attention.md.
  private static func line(_ kind: AttentionKind) -> String {
    let row = kind.row
    let name = ([kind.rawValue] + row.otherNames).joined(separator: ", ")
    func list(_ words: [String], _ separator: String = ", ") -> String { words.isEmpty ? "–" : words.joined(separator: separator) }
    let cells = [
      name, row.sentence, list(row.parts.map(\.rawValue), " + "), row.gates.rawValue, row.maps.rawValue, list(row.numbers.map(\.rawValue)),
      row.fusion.op?.name ?? "–",
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  @Test func documentationHasTheTable() throws {
    let text = try String(contentsOf: Repository.root.appending(path: "docs/attention.md"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    for kind in AttentionKind.allCases { #expect(lines.contains(Self.line(kind)), "docs/attention.md lacks: \(Self.line(kind))") }
    let first = try #require(lines.firstIndex(of: Self.line(.se)))
    let rows = lines[first...].prefix { $0.hasPrefix("|") }
    #expect(rows.count == AttentionKind.allCases.count)
  }
}

/// What rows say of blocks that exporters make.
struct AttentionKindExportTests {
  /// Whole networks with kinds that no single block of models/ is.
  private static let networks: [AttentionKind: String] = [.ese: "ese_vovnet19b_dw-dynamo", .gc: "gcresnet33ts-dynamo"]

  /// Graphs with blocks of the kind: one for each export of models/, or made by hand for kinds that none has.
  private static func examples(_ kind: AttentionKind) throws -> [Graph] {
    let rows = Set(ModelRecognitionTests.expected.filter { $0.value == [kind] }.keys)
    let models = ModelRecognitionTests.models.filter { rows.contains(ModelRecognitionTests.row($0)) && !$0.name.hasSuffix("-static") }
    var graphs = try models.map { try ModelLoader.load(contentsOf: $0.path).graph }
    if let network = networks[kind] { graphs.append(try ModelLoader.load(contentsOf: "\(NetworkTests.folder)/\(network).onnx").graph) }
    graphs += try made(kind)
    guard graphs.isEmpty else { return graphs }
    return try KindNetworkTests.files(of: kind).map { try ModelLoader.load(contentsOf: KindNetworkTests.path($0)).graph }
  }

  private static func made(_ kind: AttentionKind) throws -> [Graph] {
    var f = BlockFactory()
    let x = f.map()
    let y: ValueID
    switch kind {
    case .coordinate: y = try f.coordinate(x)
    case .triplet: y = try f.triplet(x)
    case .scse:
      let weighed = f.node("Mul", x, try f.channelConvolution(x))
      y = f.node("Add", weighed, f.node("Mul", x, f.node("Sigmoid", try f.conv(x, 16, 1))))
    default:
      var other = BlockFactory()
      guard let made = try other.tokens(kind) else { return [] }
      (f, y) = (other, made)
    }
    f.builder.output(y)
    try f.builder.graph.validate()
    return [f.builder.graph]
  }

  /// Blocks have the tensors that their row says, and its numbers: all of them in some example, others in none.
  @Test(arguments: AttentionKind.allCases) func tensorsAndNumbers(_ kind: AttentionKind) throws {
    let row = kind.row
    var seen: Set<AttentionKind.Number> = []
    var count = 0
    for graph in try Self.examples(kind) {
      let view = try InferredGraph(graph)
      for match in AttentionRecogniser(view).matches() where match.kind == kind {
        count += 1
        #expect(match.gates.isEmpty == (row.gates == .none) && match.maps.isEmpty == (row.maps == .none), "\(graph.name)")
        if row.gates == .sides { #expect(match.gates.count == 2) }
        if row.isSoftmax { #expect(match.activation(in: view) == "softmax") }
        if let pooling = row.pooling { #expect(match.pooling == pooling.rawValue) }
        if match.channels != nil { seen.insert(.channels) }
        if match.reduction != nil { seen.insert(.reduction) }
        if !match.kernel.isEmpty { seen.insert(.kernel) }
        if match.heads != nil { seen.insert(.heads) }
      }
    }
    #expect(count > 0)
    #expect(seen == Set(row.numbers))
  }

  /// What says that it is fused is, in every export; of what does not, only the parts are.
  @Test(arguments: AttentionKind.allCases) func fusion(_ kind: AttentionKind) throws {
    let row = kind.row
    let wanted = Set(row.fusion.op.map { [$0] } ?? row.parts.compactMap(\.row.fusion.op))
    let fused = Set(AttentionKind.allCases.compactMap(\.row.fusion.op))
    #expect(fused.count == 3)
    for graph in try Self.examples(kind) {
      let nodes = try Optimizer.optimize(graph).graph.nodes
      #expect(Set(nodes.map(\.op)).intersection(fused) == wanted, "\(graph.name)")
      if row.fusion.form != nil, row.parts.count > 1 { #expect(nodes.count { fused.contains($0.op) } == 1, "\(graph.name)") }
    }
  }
}
