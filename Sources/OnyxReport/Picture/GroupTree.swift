import OnyxAttention
import OnyxGraph

/// The boxes that a picture can have: the modules of the graph, and in the innermost one around each attention block the block.
///
/// A module that reaches over a block's border gives two boxes, one inside the block. A box of one node is none, nor is one that a
/// path leaves and enters again, a module that is called twice: as one node it would be a cycle. Of boxes that hold the same
/// nodes the outermost is left, as a block when one of them is.
struct GroupTree {
  struct Group {
    var title: String
    var parent: Int?
    /// "SE" for an attention block.
    var block: String?
    /// Drawn nodes of the graph inside, inner boxes included.
    var members: [Int] = []
    var depth = 0
  }

  private(set) var groups: [Group] = []
  /// The innermost box of each node.
  private var ofNode: [Int?]
  private let isDrawn: [Bool]

  private enum Step: Hashable {
    case module(Int)
    case block(Int)
  }

  private struct Key: Hashable {
    let parent: Int?
    let step: Step
  }

  init(_ structure: GraphStructure, _ graph: Graph, order: [Int], isDrawn: [Bool]) {
    self.isDrawn = isDrawn
    ofNode = Array(repeating: nil, count: graph.nodes.count)
    var known: [Key: Int] = [:]
    for node in graph.nodes.indices where isDrawn[node] {
      var innermost: Int?
      for step in Self.steps(to: node, structure) {
        let key = Key(parent: innermost, step: step)
        let group = known[key] ?? add(step, innermost, structure)
        known[key] = group
        groups[group].members.append(node)
        innermost = group
      }
      ofNode[node] = innermost
    }
    var paths = GraphPaths(graph, order: order)
    simplify { paths.areConvex($0) }
  }

  private static func steps(to node: Int, _ structure: GraphStructure) -> [Step] {
    let modules = structure.modules.path(ofNode: node)
    var steps = modules.map { Step.module($0) }
    if let block = structure.blockOfNode[node] {
      // Nodes that the exporter left without a module belong to the block all the same.
      let around = structure.modules.path(to: structure.moduleOfBlock[block])
      steps = around.map { Step.module($0) } + [.block(block)] + modules.dropFirst(around.count).map { Step.module($0) }
    }
    return steps
  }

  private mutating func add(_ step: Step, _ parent: Int?, _ structure: GraphStructure) -> Int {
    switch step {
    case .module(let index):
      let module = structure.modules.modules[index]
      // Inner boxes stand inside their outer ones: the last two parts of a name are enough.
      let name = module.name.split(separator: ".").suffix(2).joined(separator: ".")
      groups.append(Group(title: module.type.isEmpty ? name : "\(name) · \(module.type)", parent: parent))
    case .block(let index):
      let kind = structure.blocks[index].kind.rawValue
      groups.append(Group(title: structure.title(ofBlock: index, separator: " · "), parent: parent, block: kind))
    }
    return groups.count - 1
  }

  /// Outer boxes have lower indices than the inner ones, before and after.
  private mutating func simplify(_ isConvex: ([Int]) -> Bool) {
    var standIn: [Int?] = []
    var kept: [Group] = []
    for group in groups {
      var group = group
      group.parent = group.parent.flatMap { standIn[$0] }
      if let parent = group.parent, kept[parent].members.count == group.members.count {
        if let block = group.block, kept[parent].block == nil { (kept[parent].block, kept[parent].title) = (block, group.title) }
        standIn.append(parent)
      } else if group.members.count < 2 || !isConvex(group.members) {
        standIn.append(group.parent)
      } else {
        group.depth = (group.parent.map { kept[$0].depth } ?? 0) + 1
        standIn.append(kept.count)
        kept.append(group)
      }
    }
    groups = kept
    ofNode = ofNode.map { $0.flatMap { standIn[$0] } }
  }

  /// The boxes around a node, outermost first.
  func path(ofNode node: Int) -> [Int] {
    var path: [Int] = []
    var next = ofNode[node]
    while let group = next {
      path.append(group)
      next = groups[group].parent
    }
    return path.reversed()
  }

  /// The boxes to be drawn as one node each, the outermost of each nest.
  func folded(depth: Int?, foldsAttention: Bool, nodeLimit: Int?) -> Set<Int> {
    var candidates: Set<Int> = foldsAttention ? Set(groups.indices.filter { groups[$0].block != nil }) : []
    if let depth {
      candidates.formUnion(groups.indices.filter { groups[$0].depth > depth })
    } else if let nodeLimit {
      var level = groups.map(\.depth).max() ?? 0
      while level > 0, count(folding: candidates) > nodeLimit {
        candidates.formUnion(groups.indices.filter { groups[$0].depth == level })
        level -= 1
      }
    }
    return candidates
  }

  /// Nodes that are left to draw.
  func count(folding folded: Set<Int>) -> Int {
    var hidden = 0
    var isInside = Array(repeating: false, count: groups.count)
    for (index, group) in groups.enumerated() {
      isInside[index] = group.parent.map { isInside[$0] || folded.contains($0) } ?? false
      if folded.contains(index), !isInside[index] { hidden += group.members.count - 1 }
    }
    return isDrawn.count { $0 } - hidden
  }
}
