import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where everything in a picture stands: as Graphviz placed it, a tall layout cut into columns. y grows downwards from the top left corner.
package struct GraphLayout: Sendable {
  package struct Point: Sendable, Hashable {
    package var x: Double
    package var y: Double
  }

  package struct Box: Sendable, Hashable {
    package var x, y, width, height: Double
  }

  struct Route: Sendable {
    /// Indices of the points where the edge leaves its column and enters the other.
    let leave, enter: Int
    /// Which of the parallel ways beside the columns it takes.
    let lane: Int
  }

  package let width: Double
  package let height: Double
  /// Centers, indexed like the picture's nodes.
  package let nodes: [Point]
  /// A box that goes on in other columns has a part in each.
  package let groups: [[Box]]
  /// Control points of a chain of cubic curves from the first point to the last; indexed like the picture's edges.
  package let edges: [[Point]]
  /// From left to right; each node stands in one.
  package let columns: [Box]
  package let columnOfNode: [Int]
  /// How edges between columns go; nil for any other edge.
  let routes: [Route?]

  init(
    width: Double, height: Double, nodes: [Point], groups: [[Box]], edges: [[Point]], columns: [Box], columnOfNode: [Int],
    routes: [Route?]
  ) {
    (self.width, self.height, self.nodes, self.groups) = (width, height, nodes, groups)
    (self.edges, self.columns, self.columnOfNode, self.routes) = (edges, columns, columnOfNode, routes)
  }

  private struct Document: Decodable {
    struct Item: Decodable {
      let name: String?
      let pos: String?
      let bb: String?
    }

    struct Line: Decodable {
      let id: String?
      let pos: String?
    }

    let bb: String
    let objects: [Item]?
    let edges: [Line]?
  }

  /// Reads what `dot -Tjson0` writes for the picture's `layoutRequest`.
  package init(json: [UInt8], of picture: GraphPicture) throws(OnyxError) {
    let document: Document
    do { document = try JSONDecoder().decode(Document.self, from: Data(json)) } catch {
      throw .unsupported("Graphviz wrote a layout that Onyx cannot read.", remedy: "Use Graphviz 2.40 or newer.")
    }
    let frame = Self.numbers(document.bb)
    guard frame.count == 4 else { throw Self.incomplete }
    let top = frame[3]
    let (width, height) = (frame[2] - frame[0], frame[3] - frame[1])
    var nodes = [Point?](repeating: nil, count: picture.nodes.count)
    var groups = [Box?](repeating: nil, count: picture.groups.count)
    for item in document.objects ?? [] {
      guard let name = item.name else { continue }
      if let index = Self.index(name, "n"), nodes.indices.contains(index), let position = item.pos.map(Self.numbers), position.count == 2 {
        nodes[index] = Point(x: position[0] - frame[0], y: top - position[1])
      } else if let index = Self.index(name, "cluster_"), groups.indices.contains(index), let corners = item.bb.map(Self.numbers),
        corners.count == 4
      {
        groups[index] = Box(x: corners[0] - frame[0], y: top - corners[3], width: corners[2] - corners[0], height: corners[3] - corners[1])
      }
    }
    var edges = [[Point]](repeating: [], count: picture.edges.count)
    for line in document.edges ?? [] {
      guard let index = line.id.flatMap({ Self.index($0, "e") }), edges.indices.contains(index), let text = line.pos else { continue }
      edges[index] = Self.path(text).map { Point(x: $0.x - frame[0], y: top - $0.y) }
    }
    guard nodes.allSatisfy({ $0 != nil }), groups.allSatisfy({ $0 != nil }) else { throw Self.incomplete }
    let column = Box(x: 0, y: 0, width: width, height: height)
    let whole = GraphLayout(
      width: width, height: height, nodes: nodes.compactMap { $0 }, groups: groups.compactMap { $0.map { [$0] } }, edges: edges,
      columns: [column],
      columnOfNode: Array(repeating: 0, count: nodes.count), routes: Array(repeating: nil, count: edges.count))
    self = GraphColumns(picture, whole).arranged()
  }

  private static var incomplete: OnyxError { .bug("Graphviz placed only a part of the picture.") }

  private static func index(_ name: String, _ prefix: String) -> Int? { name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil }

  private static func numbers(_ text: some StringProtocol) -> [Double] {
    // Another program wrote them; no picture is larger, and what is no number at all stays out.
    text.split(separator: ",").compactMap { Double($0) }.filter { $0.magnitude < 1e9 }
  }

  /// "e,x,y x,y x,y …": the tip of the arrow, then the curve.
  private static func path(_ text: String) -> [Point] {
    var tip: Point?
    var points: [Point] = []
    for part in text.split(separator: " ") {
      let values = numbers(part.hasPrefix("e,") ? part.dropFirst(2) : part[...])
      guard values.count == 2 else { continue }
      let point = Point(x: values[0], y: values[1])
      if part.hasPrefix("e,") { tip = point } else { points.append(point) }
    }
    // The curve ends where the arrow head begins; ours is part of the line.
    if let tip, !points.isEmpty { points[points.count - 1] = tip }
    return points
  }
}
