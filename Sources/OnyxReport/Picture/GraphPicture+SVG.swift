import OnyxInsight

/// What the colors of a picture stand for.
package enum HeatMeasure: String, Sendable, CaseIterable {
  case none, macs, time
}

extension GraphPicture {
  /// The picture as an SVG document with light and dark colors.
  package func svg(_ layout: GraphLayout, heat: HeatMeasure) -> String {
    let header = 64.0
    let margin = 24.0
    let (width, height) = (max(layout.width + 2 * margin, 420), layout.height + header + margin)
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Markup.number(width)) \(Markup.number(height))\" "
    text +=
      "width=\"\(Markup.number(width))\" height=\"\(Markup.number(height))\" class=\"heat-\(heat.rawValue)\" role=\"img\" "
      + "aria-label=\"\(Markup.xml(name))\">\n"
    text += "<style>\n\(PictureStyle.picture)</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
    text += headline(heat)
    text +=
      "<g transform=\"translate(\(Markup.number((width - layout.width) / 2)) \(Markup.number(header)))\">\n\(scene(layout))</g>\n</svg>\n"
    return text
  }

  private func headline(_ heat: HeatMeasure) -> String {
    var text = "<text class=\"headline\" x=\"24\" y=\"30\">\(Markup.xml(Markup.cut(name, to: 60)))</text>\n"
    text += "<text class=\"caption\" x=\"24\" y=\"48\">\(Markup.xml(caption(heat)))</text>\n"
    guard heat != .none, let most = largestShare(heat) else { return text }
    // The colours from least to most, behind the words.
    let start = 36 + 6.6 * Double(caption(heat).count)
    for level in 1..<Heat.levels {
      let x = Markup.number(start + 12 * Double(level - 1))
      text += "<g class=\"m\(level) t\(level)\"><rect class=\"body\" x=\"\(x)\" y=\"39\" width=\"12\" height=\"10\"/></g>"
    }
    let end = Markup.number(start + 12 * Double(Heat.levels - 1) + 6)
    return text + "\n<text class=\"caption\" x=\"\(end)\" y=\"48\">up to \(Markup.xml(most))</text>\n"
  }

  /// The cost of the costliest node as a part of the whole: "12.3 % of the time"; nil where nothing costs.
  func largestShare(_ heat: HeatMeasure) -> String? {
    let (part, whole, name) =
      heat == .time ? (largestMilliseconds, milliseconds ?? 0, "the time") : (Double(largestMACs), Double(macs), "the MACs")
    return part > 0 && whole > 0 ? "\(Quantity.decimal(100 * part / whole, digits: 1)) % of \(name)" : nil
  }

  func caption(_ heat: HeatMeasure) -> String {
    var parts = [Quantity.count(nodeCount, "node"), "\(Quantity.short(macs)) MACs"]
    if let milliseconds { parts.append("\(Quantity.decimal(milliseconds, digits: 2)) ms") }
    switch heat {
    case .none: break
    case .macs: parts.append("color: MACs")
    case .time: parts.append("color: time")
    }
    return parts.joined(separator: " · ")
  }

  /// Everything but the page around it: boxes, then edges, then nodes.
  func scene(_ layout: GraphLayout) -> String {
    var text = "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
    text += "<path class=\"tip\" d=\"M1 1 L7 4 L1 7 z\"/></marker></defs>\n"
    text += "<g id=\"groups\">\n"
    for (index, group) in groups.enumerated() { text += box(group, index, layout.groups[index]) }
    text += "</g>\n<g id=\"edges\">\n"
    for (index, points) in layout.edges.enumerated() { text += line(edges[index], index, points) }
    text += "</g>\n<g id=\"labels\">\n"
    var labelled: Set<String> = []
    for (index, points) in layout.edges.enumerated() {
      guard let start = points.first, !edges[index].label.isEmpty, labelled.insert("\(edges[index].from) \(edges[index].name)").inserted
      else { continue }
      text +=
        "<text id=\"l\(index)\" x=\"\(Markup.number(start.x + 6))\" "
        + "y=\"\(Markup.number(start.y + 14))\">\(Markup.xml(edges[index].label))</text>\n"
    }
    text += "</g>\n<g id=\"nodes\">\n"
    for (index, node) in nodes.enumerated() { text += shape(node, index, layout.nodes[index]) }
    return text + "</g>\n"
  }

  private func box(_ group: Group, _ index: Int, _ places: [GraphLayout.Box]) -> String {
    guard let first = places.first else { return "" }
    var text = "<g class=\"group\(group.block == nil ? "" : " block")\" id=\"g\(index)\">"
    for place in places {
      text += "<rect x=\"\(Markup.number(place.x))\" y=\"\(Markup.number(place.y))\" "
      text += "width=\"\(Markup.number(place.width))\" height=\"\(Markup.number(place.height))\" rx=\"8\"/>"
    }
    text += "<text x=\"\(Markup.number(first.x + 10))\" y=\"\(Markup.number(first.y + 17))\">\(Markup.xml(group.shownTitle))</text>"
    // In further columns nodes may stand right below the cut: the title stands above it.
    for place in places.dropFirst() {
      text += "<text class=\"more\" x=\"\(Markup.number(place.x + 10))\" y=\"\(Markup.number(place.y - 5))\">"
      text += "\(Markup.xml(group.shownTitle)), continued</text>"
    }
    return text + "</g>\n"
  }

  private func line(_ edge: Edge, _ index: Int, _ points: [GraphLayout.Point]) -> String {
    guard let first = points.first else { return "" }
    var path = "M\(Markup.number(first.x)) \(Markup.number(first.y))"
    for (number, point) in points.dropFirst().enumerated() {
      path += (number % 3 == 0 ? "C" : " ") + "\(Markup.number(point.x)) \(Markup.number(point.y))"
    }
    return "<path id=\"e\(index)\" d=\"\(path)\" marker-end=\"url(#arrow)\"><title>\(Markup.xml(edge.name))</title></path>\n"
  }

  private func shape(_ node: Node, _ index: Int, _ place: GraphLayout.Point) -> String {
    let (width, height) = (node.width, node.height)
    let kind =
      switch node.kind {
      case .operation: "op"
      case .input, .output: "port"
      case .closed: "closed"
      }
    let levels =
      "m\(Heat.level(Double(node.macs), of: Double(largestMACs))) t\(Heat.level(node.milliseconds ?? 0, of: largestMilliseconds))"
    var text =
      "<g class=\"node \(kind) \(node.family.rawValue) \(levels)\" id=\"n\(index)\" transform=\"translate(\(Markup.number(place.x)) "
      + "\(Markup.number(place.y)))\">"
    let tip = node.details.prefix(3).map { "\($0.name): \(Markup.cut($0.text, to: 200))" }.joined(separator: "\n")
    text += "<title>\(Markup.xml(tip))</title>"
    text +=
      "<rect class=\"body\" x=\"\(Markup.number(-width / 2))\" y=\"\(Markup.number(-height / 2))\" width=\"\(Markup.number(width))\" "
      + "height=\"\(Markup.number(height))\" "
    text += "rx=\"\(kind == "port" ? Markup.number(height / 2) : "6")\"/>"
    if kind != "port" {
      text +=
        "<rect class=\"stripe\" x=\"\(Markup.number(-width / 2 + 6))\" y=\"\(Markup.number(-height / 2 + 7))\" width=\"3\" "
        + "height=\"\(Markup.number(height - 14))\" rx=\"1.5\"/>"
    }
    text +=
      "<text class=\"title\" x=\"\(kind == "port" ? 0 : 3)\" "
      + "y=\"\(node.subtitle.isEmpty ? "4.5" : "-3")\">\(Markup.xml(node.shownTitle))</text>"
    if !node.subtitle.isEmpty { text += "<text class=\"sub\" x=\"3\" y=\"13\">\(Markup.xml(node.shownSubtitle))</text>" }
    return text + "</g>\n"
  }
}
