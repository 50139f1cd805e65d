extension GraphPicture {
  /// The picture in the language of Graphviz, with names, shapes on the edges and colors by cost.
  package var dot: String { DOTWriter(self, isForLayout: false).text }

  /// What Graphviz needs to know to place everything: sizes and no text but that of the boxes' titles.
  package var layoutRequest: String { DOTWriter(self, isForLayout: true).text }
}

extension GraphPicture.Node {
  /// In pixels, with room for the widest usual fonts.
  var width: Double {
    let text = max(8.8 * Double(shownTitle.count), 6.8 * Double(shownSubtitle.count))
    return max(((text + 34) / 4).rounded(.up) * 4, 84)
  }

  var height: Double { subtitle.isEmpty ? 30 : 44 }

  /// Long names keep their end, which tells most.
  var shownTitle: String { title.count > 36 ? "…" + title.suffix(35) : title }
  var shownSubtitle: String { Markup.cut(subtitle, to: 40) }
}

extension GraphPicture.Group {
  var shownTitle: String { Markup.cut(title, to: 56) }

  /// A text about as wide as the box when it is drawn as one node, for Graphviz to leave room.
  var widthMark: String { String(repeating: "n", count: (shownTitle.count * 86 + 500) / 78) }
}

private struct DOTWriter {
  private(set) var text: String
  private let picture: GraphPicture
  private let isForLayout: Bool
  private var readers: [Int: Int] = [:]
  private var sources: [Int: Int] = [:]
  private var nodesOfGroup: [Int?: [Int]] = [:]
  private var groupsOfGroup: [Int?: [Int]] = [:]

  init(_ picture: GraphPicture, isForLayout: Bool) {
    self.picture = picture
    self.isForLayout = isForLayout
    for edge in picture.edges {
      readers[edge.from, default: 0] += 1
      sources[edge.to, default: 0] += 1
    }
    for (index, node) in picture.nodes.enumerated() { nodesOfGroup[node.group, default: []].append(index) }
    for (index, group) in picture.groups.enumerated() { groupsOfGroup[group.parent, default: []].append(index) }
    text = "digraph \(Markup.dot(picture.name)) {\n"
    text +=
      "  graph [rankdir=TB, nodesep=0.35, ranksep=\(isForLayout ? 0.6 : 0.4), fontname=\"Helvetica\", "
      + "fontsize=\(isForLayout ? 14 : 11), labeljust=l, margin=14, color=\"#dcdfe4\", fontcolor=\"#6a737d\"]\n"
    text +=
      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=13, fixedsize=true, color=\"#c9ccd1\", "
      + "fillcolor=white]\n"
    text += "  edge [fontname=\"Helvetica\", fontsize=10, color=\"#9aa1aa\", fontcolor=\"#6a737d\", arrowsize=0.6]\n"
    write(inside: nil, indentation: "  ")
    for (index, edge) in picture.edges.enumerated() { text += line(edge, index) }
    text += "}\n"
  }

  /// The boxes nest at most as deep as `ScopePath.deepest` and a block.
  private mutating func write(inside group: Int?, indentation: String) {
    for node in nodesOfGroup[group] ?? [] { text += indentation + line(picture.nodes[node], node) }
    for inner in groupsOfGroup[group] ?? [] {
      let box = picture.groups[inner]
      text +=
        "\(indentation)subgraph cluster_\(inner) {\n"
        + "\(indentation)  label=\(Markup.dot(isForLayout ? box.widthMark : box.shownTitle)); style=rounded"
      text += (box.block == nil ? "" : "; color=\"#9db7f5\"; fontcolor=\"#3b5bdb\"") + "\n"
      write(inside: inner, indentation: indentation + "  ")
      text += "\(indentation)}\n"
    }
  }

  private func line(_ node: GraphPicture.Node, _ index: Int) -> String {
    let size = "width=\(node.width / 72), height=\(node.height / 72)"
    if isForLayout { return "n\(index) [label=\"\", \(size)]\n" }
    let label = node.subtitle.isEmpty ? node.shownTitle : "\(node.shownTitle)\n\(node.shownSubtitle)"
    let fill = Heat.light[Heat.level(Double(node.macs), of: Double(picture.largestMACs))]
    let tip = node.details.map { "\($0.name): \($0.text)" }.joined(separator: "\n")
    return "n\(index) [label=\(Markup.dot(label)), \(size), fillcolor=\"\(fill)\", tooltip=\(Markup.dot(tip))]\n"
  }

  private func line(_ edge: GraphPicture.Edge, _ index: Int) -> String {
    // What is made for one reader that reads nothing else stands straight above it.
    let isChain = readers[edge.from] == 1 && sources[edge.to] == 1
    let text =
      isForLayout
      ? "id=e\(index), tailport=s, headport=n, weight=\(isChain ? 8 : 2)"
      : "label=\(Markup.dot(edge.label)), tooltip=\(Markup.dot(edge.name))"
    return "  n\(edge.from) -> n\(edge.to) [\(text)]\n"
  }
}
