import OnyxFiles
import OnyxTensor

extension GraphPicture {
  /// One HTML page that needs nothing else: the picture, which shows without scripts too, and a script to move about in it, find
  /// nodes and fold boxes.
  package func page(_ layout: GraphLayout, heat: HeatMeasure) throws(OnyxError) -> String {
    let data = Markup.script(try JSONText.encode(PageData(self, layout), isIndented: false))
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Markup.xml(name))</title>
      <style>
      \(GraphPageStyle.text)</style>
      </head>
      <body>
      <header>
      <div class="name"><b>\(Markup.xml(Markup.cut(name, to: 48)))</b><span>\(Markup.xml(caption(.none)))</span></div>
      <div class="tools">
      <label class="find"><input id="find" type="search" placeholder="Find a node or tensor" aria-label="Find" autocomplete="off">
      <output id="found"></output></label>
      <select id="heat" aria-label="Color by">\(heatOptions(heat))</select>
      <select id="depth" aria-label="Open modules">\(depthOptions)</select>
      <button id="attention" type="button" aria-pressed="false">Fold attention</button>
      <span class="zoom"><button id="out" type="button" aria-label="Smaller">−</button><button id="fit" type="button">Fit</button>
      <button id="in" type="button" aria-label="Larger">+</button></span>
      </div>
      </header>
      <main>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Markup.number(layout.width + 48))" height="\(Markup.number(layout.height + 48))"
        class="heat-\(heat.rawValue)" role="img" aria-label="\(Markup.xml(name))">
      <rect class="page" width="100%" height="100%"/>
      <g id="scene" transform="translate(24 24)">
      \(scene(layout))</g>
      </svg>
      </main>
      <div class="legend"><span>\(String(repeating: "<i></i>", count: Heat.levels - 1))</span><span id="most"></span></div>
      <aside id="details" hidden></aside>
      <script id="data" type="application/json">\(data)</script>
      <script>
      \(PageScript.text)</script>
      </body>
      </html>

      """
  }

  private func heatOptions(_ heat: HeatMeasure) -> String {
    let texts: [HeatMeasure: String] = [.none: "No heat", .macs: "Heat: MACs", .time: "Heat: time"]
    return HeatMeasure.allCases.filter { $0 != .time || milliseconds != nil }.map { choice in
      "<option value=\"\(choice.rawValue)\"\(choice == heat ? " selected" : "")>\(texts[choice] ?? "")</option>"
    }.joined()
  }

  private var depthOptions: String {
    var depths: [Int] = []
    for group in groups { depths.append((group.parent.map { depths[$0] } ?? 0) + 1) }
    let deepest = depths.max() ?? 0
    let folded = (0..<deepest).map { "<option value=\"\($0)\">\($0 == 0 ? "Modules folded" : "Open to depth \($0)")</option>" }
    return "<option value=\"\">All open</option>" + folded.joined()
  }
}

/// What the page's script knows of the picture.
private struct PageData: Encodable {
  struct Node: Encodable {
    let x, y, w, h: Double
    let column: Int
    let group: Int?
    let title: String
    let macs: Int
    let ms: Double?
    let details: [GraphPicture.Detail]
  }

  struct Group: Encodable {
    /// x, y, width and height of each part.
    let boxes: [[Double]]
    let parent: Int?
    let title: String
    let isBlock: Bool
    let nodes, macs: Int
    let ms: Double?
  }

  struct Edge: Encodable {
    let from, to: Int
    let name: String
    let points: [[Double]]
    /// Where an edge to another column leaves the curve in its own, and enters it again.
    let leave, enter, lane: Int?
  }

  struct Column: Encodable {
    let x, y, w, h: Double
  }

  let width, height: Double
  let macs: Int
  let ms: Double?
  let nodes: [Node]
  let groups: [Group]
  let edges: [Edge]
  let columns: [Column]

  init(_ picture: GraphPicture, _ layout: GraphLayout) {
    func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    (width, height) = (rounded(layout.width), rounded(layout.height))
    (macs, ms) = (picture.macs, picture.milliseconds)
    columns = layout.columns.map { Column(x: rounded($0.x), y: rounded($0.y), w: rounded($0.width), h: rounded($0.height)) }
    nodes = picture.nodes.indices.map { index in
      let (node, place) = (picture.nodes[index], layout.nodes[index])
      return Node(
        x: rounded(place.x), y: rounded(place.y), w: node.width, h: node.height, column: layout.columnOfNode[index], group: node.group,
        title: node.title, macs: node.macs,
        ms: node.milliseconds, details: node.details)
    }
    groups = zip(picture.groups, layout.groups).map { group, places in
      Group(
        boxes: places.map { [rounded($0.x), rounded($0.y), rounded($0.width), rounded($0.height)] }, parent: group.parent,
        title: group.shownTitle,
        isBlock: group.block != nil, nodes: group.nodeCount, macs: group.macs, ms: group.milliseconds)
    }
    edges = picture.edges.indices.map { index in
      let (edge, route) = (picture.edges[index], layout.routes[index])
      return Edge(
        from: edge.from, to: edge.to, name: edge.name, points: layout.edges[index].map { [rounded($0.x), rounded($0.y)] },
        leave: route?.leave,
        enter: route?.enter, lane: route?.lane)
    }
  }
}
