/// Cuts a tall layout into columns that stand side by side, so that a long network fills a page as text does.
///
/// Cuts lie between rows of nodes, at best where no box is open; only outermost boxes may be cut, and go on in the next column.
/// An edge over a cut leaves its column at the foot, goes up beside it and enters its other column at the head.
struct GraphColumns {
  private let picture: GraphPicture
  private let layout: GraphLayout
  /// Rows of nodes and of the boxes that must stay whole, from the top down.
  private var bands: [ClosedRange<Double>] = []
  /// Where each column begins; the first at the top.
  private(set) var starts: [Double] = [-1]

  private struct Candidate {
    let y: Double
    /// Whether an outermost box goes on below.
    let isInside: Bool
    let tensors: Int
  }

  private static let gutter = 56.0
  private static let lane = 7.0
  /// A page is about this much wider than high.
  private static let aspect = 1.6
  /// Layouts that a screen or two show are left alone.
  private static let shortest = 1800.0
  private static let mostTensorsOverCut = 4

  init(_ picture: GraphPicture, _ layout: GraphLayout) {
    self.picture = picture
    self.layout = layout
    guard layout.height > Self.shortest else { return }
    bands = Self.merged(
      zip(picture.nodes, layout.nodes).map { $1.y - $0.height / 2...$1.y + $0.height / 2 + 4 }
        + picture.groups.indices.filter { picture.groups[$0].parent != nil }.map { Self.rows(layout.groups[$0][0]) })
    choose()
  }

  private static func rows(_ box: GraphLayout.Box) -> ClosedRange<Double> { box.y + 2...box.y + max(box.height - 2, 2) }

  private static func merged(_ ranges: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
    var merged: [ClosedRange<Double>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// Of all numbers of columns the one whose page comes nearest to the wished form.
  private mutating func choose() {
    let candidates = candidates()
    var best = (distance: Double.infinity, cuts: [Double]())
    for count in 1...24 {
      let height = layout.height / Double(count)
      var cuts: [Double] = []
      for number in 1..<max(count, 1) {
        let ideal = Double(number) * height
        let later = candidates.filter { $0.y > (cuts.last ?? 0) + 0.3 * height && $0.y < layout.height - 0.2 * height }
        func cost(_ candidate: Candidate) -> Double {
          (candidate.y - ideal).magnitude + (candidate.isInside ? 0.3 * height : 0) + 0.15 * height * Double(max(candidate.tensors, 1) - 1)
        }
        guard let cut = later.min(by: { cost($0) < cost($1) }) else { break }
        cuts.append(cut.y)
      }
      let edges = [-1] + cuts + [layout.height]
      let tallest = zip(edges, edges.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
      let ratio = (layout.width * 0.8 + Self.gutter) * Double(cuts.count + 1) / tallest / Self.aspect
      let distance = max(ratio, 1 / ratio)
      if distance < best.distance { best = (distance, cuts) }
    }
    starts = [-1] + best.cuts
  }

  /// Places between two bands that few edges cross; above a box that begins there, not below its title.
  private func candidates() -> [Candidate] {
    let outermost = picture.groups.indices.filter { picture.groups[$0].parent == nil }.map { layout.groups[$0][0] }
    let spans = zip(picture.edges, layout.edges).filter { !$1.isEmpty }.map { edge, points in
      (tensor: "\(edge.from) \(edge.name)", top: points.map(\.y).min() ?? 0, bottom: points.map(\.y).max() ?? 0)
    }
    return zip(bands, bands.dropFirst()).compactMap { upper, lower in
      let free = (upper.upperBound...max(upper.upperBound, lower.lowerBound))
      let borders = outermost.flatMap { [$0.y - 1, $0.y + $0.height + 1] }.filter { free.contains($0) }
      let places = borders + [(free.lowerBound + free.upperBound) / 2]
      let rated = places.map { y in (y: y, isInside: outermost.contains { $0.y < y && y < $0.y + $0.height }) }
      guard let place = rated.first(where: { !$0.isInside }) ?? rated.last else { return nil }
      let tensors = Set(spans.filter { $0.top < place.y && place.y < $0.bottom }.map(\.tensor)).count
      return tensors <= Self.mostTensorsOverCut ? Candidate(y: place.y, isInside: place.isInside, tensors: tensors) : nil
    }
  }

  private func column(at y: Double) -> Int { (starts.lastIndex { $0 <= y } ?? 0) }
}

extension GraphColumns {
  /// The layout with its columns side by side; the same when it has one.
  func arranged() -> GraphLayout {
    guard starts.count > 1 else { return layout }
    let columnOfNode = layout.nodes.map { column(at: $0.y) }
    let spans = columnSpans(columnOfNode)
    let crossing = picture.edges.indices.filter {
      columnOfNode[picture.edges[$0].from] != columnOfNode[picture.edges[$0].to] && !layout.edges[$0].isEmpty
    }
    let lanes = lanes(of: crossing)
    let head = 26 + Self.lane * 6
    var shifts: [GraphLayout.Point] = []
    var frames: [GraphLayout.Box] = []
    var x = 0.0
    for (index, span) in spans.enumerated() {
      let top = starts[index] < 0 ? 0 : starts[index]
      let bottom = index + 1 < starts.count ? starts[index + 1] : layout.height
      shifts.append(GraphLayout.Point(x: x - span.lowerBound, y: head - top))
      frames.append(GraphLayout.Box(x: x, y: head, width: span.upperBound - span.lowerBound, height: bottom - top))
      x += span.upperBound - span.lowerBound + Self.gutter + Self.lane * 6
    }
    func moved(_ point: GraphLayout.Point, _ column: Int) -> GraphLayout.Point {
      .init(x: point.x + shifts[column].x, y: point.y + shifts[column].y)
    }
    var routes = [GraphLayout.Route?](repeating: nil, count: layout.edges.count)
    for index in crossing {
      let (start, end) = parts(of: layout.edges[index], columnOfNode[picture.edges[index].from], columnOfNode[picture.edges[index].to])
      guard let lane = lanes[index], !end.isEmpty else { continue }
      routes[index] = GraphLayout.Route(leave: start.count - 1, enter: start.count - 1 + Self.routePoints, lane: lane)
    }
    let edges = layout.edges.indices.map { index -> [GraphLayout.Point] in
      let (from, to) = (columnOfNode[picture.edges[index].from], columnOfNode[picture.edges[index].to])
      guard from != to, let lane = lanes[index] else { return layout.edges[index].map { moved($0, from) } }
      let (start, end) = parts(of: layout.edges[index], from, to)
      return route(start.map { moved($0, from) }, end.map { moved($0, to) }, frames[from], lane: lane)
    }
    let foot = frames.reduce(0) { max($0, $1.y + $1.height) }
    let nodes = layout.nodes.indices.map { moved(layout.nodes[$0], columnOfNode[$0]) }
    return GraphLayout(
      width: x - Self.gutter - Self.lane * 6, height: foot + 28 + Self.lane * 6, nodes: nodes,
      groups: layout.groups.map { pieces(of: $0[0], shifts, frames) }, edges: edges, columns: frames, columnOfNode: columnOfNode,
      routes: routes)
  }

  /// Which of the parallel ways beside the columns an edge takes: one for all edges of a tensor.
  private func lanes(of crossing: [Int]) -> [Int: Int] {
    var laneOfTensor: [String: Int] = [:]
    var lanes: [Int: Int] = [:]
    for index in crossing {
      let tensor = "\(picture.edges[index].from) \(picture.edges[index].name)"
      let lane = laneOfTensor[tensor] ?? laneOfTensor.count % 6
      (laneOfTensor[tensor], lanes[index]) = (lane, lane)
    }
    return lanes
  }

  /// From left to right what stands in each column takes, labels included.
  private func columnSpans(_ columnOfNode: [Int]) -> [ClosedRange<Double>] {
    var spans = [ClosedRange<Double>?](repeating: nil, count: starts.count)
    func widen(_ column: Int, _ low: Double, _ high: Double) {
      spans[column] = spans[column].map { min($0.lowerBound, low)...max($0.upperBound, high) } ?? low...high
    }
    for (index, place) in layout.nodes.enumerated() {
      let half = picture.nodes[index].width / 2
      widen(columnOfNode[index], place.x - half, place.x + half)
    }
    for (edge, points) in zip(picture.edges, layout.edges) {
      let (from, to) = (columnOfNode[edge.from], columnOfNode[edge.to])
      if let start = points.first { widen(from, start.x, start.x + 8 + 6.4 * Double(edge.label.count)) }
      if from == to { for point in points { widen(from, point.x, point.x) } }
    }
    for boxes in layout.groups {
      guard let box = boxes.first else { continue }
      for column in column(at: box.y)...max(column(at: box.y), column(at: box.y + box.height)) { widen(column, box.x, box.x + box.width) }
    }
    return spans.map { $0 ?? 0...84 }
  }

  /// A box as it goes through the columns.
  private func pieces(of box: GraphLayout.Box, _ shifts: [GraphLayout.Point], _ frames: [GraphLayout.Box]) -> [GraphLayout.Box] {
    let (first, last) = (column(at: box.y), column(at: box.y + box.height))
    return (first...max(first, last)).compactMap { column in
      let top = column == first ? box.y + shifts[column].y : frames[column].y
      let bottom = column == last ? box.y + box.height + shifts[column].y : frames[column].y + frames[column].height
      return bottom - top > 40 || first == last
        ? GraphLayout.Box(x: box.x + shifts[column].x, y: top, width: box.width, height: bottom - top) : nil
    }
  }

  /// The curves of an edge inside the column that it leaves and inside the one that it enters; each at least one point.
  private func parts(of points: [GraphLayout.Point], _ from: Int, _ to: Int) -> (start: [GraphLayout.Point], end: [GraphLayout.Point]) {
    let joints = Array(stride(from: 0, to: points.count, by: 3))
    let leave = joints.last { joint in column(at: points[joint].y) == from && points[joint].y <= foot(from) - 4 } ?? 0
    let enter = joints.first { joint in joint > leave && column(at: points[joint].y) == to } ?? points.count - 1
    return (Array(points[...leave]), Array(points[enter...]))
  }

  private func foot(_ column: Int) -> Double { column + 1 < starts.count ? starts[column + 1] : layout.height }

  /// Points that `route` puts behind the last one of the start: four corners and the way down.
  private static let routePoints = 4 * 6 + 3

  /// Down to the foot, up in the gutter, over the head of the other column and down.
  private func route(_ start: [GraphLayout.Point], _ end: [GraphLayout.Point], _ frame: GraphLayout.Box, lane: Int) -> [GraphLayout.Point] {
    guard let leave = start.last, let enter = end.first else { return start + end }
    let offset = Self.lane * Double(lane)
    let (foot, side, head) = (frame.y + frame.height + 22 + offset, frame.x + frame.width + 16 + offset, 8 + offset)
    var path = start
    let corners = [(leave.x, foot), (side, foot), (side, head), (enter.x, head), (enter.x, enter.y)].map {
      GraphLayout.Point(x: $0.0, y: $0.1)
    }
    var last = leave
    for (index, corner) in corners.enumerated() {
      guard index + 1 < corners.count else {
        path += [last, corner, corner]
        break
      }
      let (near, far) = (Self.toward(corner, from: last, 8), Self.toward(corner, from: corners[index + 1], 8))
      path += [last, near, near, corner, corner, far]
      last = far
    }
    return path + end.dropFirst()
  }

  /// The point on the way from `start` to `corner` that lies so far before it.
  private static func toward(_ corner: GraphLayout.Point, from start: GraphLayout.Point, _ distance: Double) -> GraphLayout.Point {
    let (dx, dy) = (start.x - corner.x, start.y - corner.y)
    let length = max((dx * dx + dy * dy).squareRoot(), 0.001)
    let part = min(distance, length / 2) / length
    return GraphLayout.Point(x: corner.x + dx * part, y: corner.y + dy * part)
  }
}
