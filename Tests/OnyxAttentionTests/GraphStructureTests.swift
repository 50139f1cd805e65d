import OnyxAttention
import OnyxGraph
import OnyxTensor
import Testing

/// What blocks are called.
struct GraphStructureTests {
  /// A Relu named `stem` and two SE blocks in a row; `rename` gets the number of each block and the operator of each of its nodes.
  private static func structure(stem: String = "", _ rename: (Int, String) -> String) throws -> GraphStructure {
    var f = BlockFactory()
    var x = f.node("Relu", f.map())
    var ends = [1]
    for _ in 0..<2 {
      let hidden = f.node("Relu", try f.conv(f.node("GlobalAveragePool", x), 16, 4))
      x = f.node("Mul", x, f.node("Sigmoid", try f.conv(hidden, 4, 16)))
      ends.append(f.builder.graph.nodes.count)
    }
    var graph = f.builder.graph
    graph.outputs = [x]
    graph.nodes[0].name = stem
    for block in 0..<2 {
      for index in ends[block]..<ends[block + 1] { graph.nodes[index].name = rename(block, graph.nodes[index].op.name) }
    }
    return GraphStructure(try InferredGraph(graph))
  }

  @Test func modulesLabelBlocks() throws {
    let structure = try Self.structure { "/stages/stages.\($0)/se/\($1)" }
    #expect(structure.blockNames == ["stages.0.se", "stages.1.se"])
    #expect(structure.labels.map { $0?.depth } == [3, 3])
    #expect(structure.title(ofBlock: 1) == "SE stages.1.se")
    #expect(structure.blockOfNode == [nil, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
  }

  @Test func numbersWithoutModules() throws {
    let structure = try Self.structure { "node\($0)_\($1)" }
    #expect(structure.blockNames == ["SE 1", "SE 2"] && structure.labels.allSatisfy { $0 == nil })
    #expect(structure.title(ofBlock: 0) == "SE 1")
  }

  /// A module around the whole network says nothing about its blocks.
  @Test func wholeNetworkIsNoLabel() throws {
    #expect(try Self.structure { _, op in "net/\(op)" }.blockNames == ["SE 1", "SE 2"])
    #expect(try Self.structure { block, op in block == 0 ? "net/se/\(op)" : "net/\(op)" }.blockNames == ["net.se", "SE 1"])
  }

  @Test func blocksOfOneModuleAreNumbered() throws {
    #expect(try Self.structure(stem: "/stem/Relu") { "/gate/\($1)_\($0)" }.blockNames == ["gate", "gate (2)"])
    #expect(try Self.structure(stem: "/Relu") { "/gate/\($1)_\($0)" }.blockNames == ["gate", "gate (2)"])
  }
}
