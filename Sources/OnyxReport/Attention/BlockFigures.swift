import OnyxAttention
import OnyxFigures
import OnyxGraph
import OnyxImages
import OnyxInsight
import OnyxTensor

/// The figures of one block.
struct BlockFigures {
  struct Named {
    /// Part of a file's name: "gates", "map", "overlay".
    let name: String
    let figure: Figure
  }

  let observation: BlockObservation
  let samples: [AttentionRun.Sample]
  /// The query whose attention is shown; nil for the middle of a map, or the first token.
  let query: Int?
  /// The texts of the tokens; empty where they are not known.
  var tokens: [String] = []
  /// What is on each picture; empty where that is not known.
  var labels: [String] = []
  /// The page has a heading with the block's name: there figures are titled by what they show.
  var isOnPage = false

  /// More branches, pictures and heads than these are not drawn.
  private static let branchLimit = 8
  private static let panelLimit = 8
  private static let headLimit = 16

  private var name: String { observation.block.facts.name }
  private func title(_ shown: String) -> String { isOnPage ? shown : name }
  private var kind: String { observation.block.match.kind.rawValue }

  /// For files: one idea each.
  var all: [Named] { gates + maps + spreads + attention }

  /// For the page: a map and its overlay beside the picture are one figure.
  var page: [Figure] {
    let single = observation.maps.enumerated().compactMap { beside($0.offset) }
    let maps = single.isEmpty ? self.maps : []
    return (gates + maps + spreads + attention).map(\.figure) + single
  }

  private var gates: [Named] {
    let count = observation.branches.count
    var named: [Named] = []
    for (branch, pictures) in observation.branches.enumerated().prefix(Self.branchLimit) {
      let spread = SampleSpread(pictures)
      var subtitle = count > 1 ? "\(kind), weights of branch \(branch + 1) of \(count)" : "\(kind), gates of \(spread.mean.count) channels"
      if pictures.count > 1 { subtitle += " · mean of \(pictures.count) pictures" }
      let file = count > 1 ? "gates-branch-\(branch + 1)" : "gates"
      named.append(Named(name: file, figure: GateChart(title: title("Gates"), subtitle: subtitle, spread: spread).figure))
      if count == 1, let grouped = LabelledGates(pictures, labels: labels)?.figure(title: title("Gates by label"), kind: kind) {
        named.append(Named(name: file + "-labels", figure: grouped))
      }
      if let strip = strip(pictures) { named.append(Named(name: file + "-pictures", figure: strip)) }
    }
    return named
  }

  /// A row of colours for each picture.
  private func strip(_ pictures: [[Double]]) -> Figure? {
    let rows = pictures.prefix(64)
    guard rows.count > 1, let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else { return nil }
    guard let grid = NumberGrid(width: width, height: rows.count, values: rows.flatMap { $0 })?.bounded(by: 512) else { return nil }
    let height = max(min(Double(rows.count) * 14, 220), 42)
    var figure = PanelFigure(
      title: title("Gates of each picture"), subtitle: "\(kind), gates of each picture: a row for each, a column for each channel",
      panels: [PanelFigure.Panel("\(rows.count) pictures × \(width) channels", grid.heatMap(grid.range))], range: grid.range)
    figure.extent = (580, height)
    return figure.figure
  }

  /// Pixels of a side of a picture: a page has many, and shows them small.
  private var pictureLimit: Int { isOnPage ? 240 : 384 }
  private func label(_ sample: Int) -> String { samples.indices.contains(sample) ? samples[sample].name : "picture \(sample)" }
  private func picture(_ sample: Int) -> Pixels? { samples.indices.contains(sample) ? samples[sample].pixels : nil }

  private func range(_ grids: [NumberGrid]) -> ClosedRange<Double> {
    let ranges = grids.map(\.range)
    guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return 0...1 }
    return low...high
  }

  private func subtitle(_ set: BlockObservation.Maps) -> String {
    let size = set.grids.first.map { "\($0.width)×\($0.height)" } ?? ""
    let row = observation.block.match.kind.row
    if row.maps == .points { return "\(kind), mean weights, a column for each sampled place, \(size)" }
    return set.isPlace || row.gates != .sides ? "\(kind), spatial map \(size)" : "\(kind), a row for each channel, \(size)"
  }

  private var maps: [Named] {
    var named: [Named] = []
    for (index, set) in observation.maps.enumerated() {
      let shown = set.grids.prefix(Self.panelLimit)
      guard !shown.isEmpty else { continue }
      let range = range(Array(shown))
      let suffix = index > 0 ? "-\(index + 1)" : ""
      let panels = shown.enumerated().map { PanelFigure.Panel(label($0.offset), $0.element.bounded(by: 256).heatMap(range)) }
      let heading = title(observation.block.match.kind.row.gates == .sides ? "Gates" : "Map")
      named.append(
        Named(name: "map" + suffix, figure: PanelFigure(title: heading, subtitle: subtitle(set), panels: panels, range: range).figure))
      let overlays = shown.enumerated().compactMap { sample, grid in overlay(grid, sample, range, set) }
      guard !overlays.isEmpty else { continue }
      let figure = PanelFigure(
        title: title("Map on the picture"), subtitle: subtitle(set) + ", on the picture", panels: overlays, range: range)
      named.append(Named(name: "overlay" + suffix, figure: figure.figure))
    }
    return named
  }

  private func overlay(_ grid: NumberGrid, _ sample: Int, _ range: ClosedRange<Double>, _ set: BlockObservation.Maps) -> PanelFigure.Panel?
  {
    guard set.isPlace, let picture = picture(sample) else { return nil }
    return PanelFigure.Panel(label(sample), grid.overlay(on: picture, range, limit: pictureLimit), isSmooth: true)
  }

  /// Picture, map and overlay of a single picture.
  private func beside(_ index: Int) -> Figure? {
    let set = observation.maps[index]
    guard set.count == 1, let grid = set.grids.first, let picture = picture(0) else { return nil }
    let range = grid.range
    guard let over = overlay(grid, 0, range, set) else { return nil }
    let panels = [
      PanelFigure.Panel("input", picture), PanelFigure.Panel("map", grid.bounded(by: 256).heatMap(range)),
      PanelFigure.Panel("map on the input", over.pixels, isSmooth: true),
    ]
    return PanelFigure(title: title("Map"), subtitle: subtitle(set), panels: panels, range: range).figure
  }

  /// Mean and deviation over several pictures.
  private var spreads: [Named] {
    observation.maps.enumerated().compactMap { index, set in
      guard let (mean, deviation) = set.spread else { return nil }
      let (low, high) = (mean.bounded(by: 256), deviation.bounded(by: 256))
      let panels = [
        PanelFigure.Panel("mean, \(FigureNumber.span(low.range))", low.heatMap(low.range)),
        PanelFigure.Panel("deviation, \(FigureNumber.span(high.range))", high.heatMap(high.range)),
      ]
      let figure = PanelFigure(
        title: title("Mean and deviation"), subtitle: subtitle(set) + " · over \(set.count) pictures", panels: panels, range: nil)
      return Named(name: "spread" + (index > 0 ? "-\(index + 1)" : ""), figure: figure.figure)
    }
  }

  private var attention: [Named] {
    observation.queries.enumerated().flatMap { sample, queries -> [Named] in
      let heads = queries.heads
      guard let first = heads.first else { return [] }
      let isWhole = observation.block.match.kind.seesWholePicture
      let window = queries.part != nil && observation.block.match.kind != .axial ? KeyPlaces(window: first) : nil
      let places = window ?? KeyPlaces(first, input: isWhole ? queries.inputShape : nil, picture: isWhole ? picture(sample) : nil)
      let chosen = min(query ?? places.defaultQuery, first.height - 1)
      let suffix = sample > 0 ? "-\(sample + 1)" : ""
      let rows = heads.map { Array($0.values[chosen * $0.width..<(chosen + 1) * $0.width]) }
      let part = queries.part.map { " in part \($0.index) of \($0.count)" } ?? ""
      let isText = tokens.count == first.width
      let figure = places.isGrid && !isText ? panels(rows, places, chosen, sample, part) : keys(rows, chosen, sample, part)
      return [Named(name: "attention" + suffix, figure: figure), Named(name: "matrix" + suffix, figure: matrix(heads, sample))]
    }
  }

  /// A map over the keys for each head. Heads differ in how even their weights are: each has its own colours, the scale is the mean's.
  private func panels(_ rows: [[Double]], _ places: KeyPlaces, _ chosen: Int, _ sample: Int, _ part: String) -> Figure {
    guard let mean = places.grid(SampleSpread(rows).mean) else { return keys(rows, chosen, sample, part) }
    let range = mean.range
    func panel(_ caption: String, _ grid: NumberGrid, _ range: ClosedRange<Double>) -> PanelFigure.Panel {
      PanelFigure.Panel(caption, grid.bounded(by: 256).heatMap(range), marked: places.mark(chosen))
    }
    var panels = [panel(rows.count == 1 ? "weights" : "mean of heads", mean, range)]
    for (head, grid) in rows.prefix(rows.count > 1 ? Self.headLimit : 0).compactMap(places.grid).enumerated() {
      panels.append(panel("head \(head + 1): \(FigureNumber.span(grid.range))", grid, grid.range))
    }
    if part.isEmpty, let picture = picture(sample) {
      let over = mean.overlay(on: picture, range, limit: pictureLimit)
      panels.insert(PanelFigure.Panel("on the input", over, isSmooth: true), at: 0)
      panels.insert(PanelFigure.Panel("input, query marked", picture, isSmooth: picture.width > 128, marked: places.mark(chosen)), at: 0)
      if places.mark(chosen) == nil { panels[0] = PanelFigure.Panel("input", picture, isSmooth: picture.width > 128) }
    }
    let whose = places.name(ofPlaceless: chosen) ?? "query \(chosen)"
    let scale = rows.count > 1 ? " · scale of the mean, each head has its own" : ""
    return PanelFigure(
      title: title("One query"), subtitle: "\(kind), weights of \(whose)\(part)\(scale)" + shownPicture(sample), panels: panels,
      range: range
    ).figure
  }

  /// Says which picture, where there are several.
  private func shownPicture(_ sample: Int) -> String { samples.count > 1 ? " · \(label(sample))" : "" }

  private func keys(_ rows: [[Double]], _ chosen: Int, _ sample: Int, _ part: String) -> Figure {
    let heads = rows.count > 1 ? ", mean of \(rows.count) heads" : ""
    let text = tokens.count == rows[0].count && tokens.indices.contains(chosen) ? " “\(MarkupText.shortened(tokens[chosen], to: 24))”" : ""
    let subtitle = "\(kind), weights of query \(chosen)\(text)\(part)\(heads)" + shownPicture(sample)
    let spread = SampleSpread(rows)
    if let bars = TokenBars(title: title("One query"), subtitle: subtitle, tokens: tokens, spread: spread) { return bars.figure }
    return GateChart(title: title("One query"), subtitle: subtitle, axis: "key", spread: spread).figure
  }

  /// The mean of the heads of the first picture or text, with the texts of its tokens.
  var tokenMatrix: TokenMatrix? {
    observation.queries.first.flatMap { tokenMatrix($0.heads, 0) }
  }

  private func tokenMatrix(_ heads: [NumberGrid], _ sample: Int) -> TokenMatrix? {
    guard let mean = NumberGrid.mean(of: heads) else { return nil }
    let subtitle = "\(kind), a row for each token" + shownPicture(sample)
    return TokenMatrix(title: title("All tokens"), subtitle: subtitle, tokens: tokens, weights: mean)
  }

  private func matrix(_ heads: [NumberGrid], _ sample: Int) -> Figure {
    if let texts = tokenMatrix(heads, sample) { return texts.figure }
    let grid = NumberGrid.mean(of: heads.map { $0.bounded(by: 256) }) ?? heads[0].bounded(by: 256)
    let panel = PanelFigure.Panel("\(heads[0].height) queries × \(heads[0].width) keys", grid.heatMap(grid.range))
    let subtitle = "\(kind), a row for each query" + (heads.count > 1 ? ", mean of heads" : "")
    return PanelFigure(title: title("All queries"), subtitle: subtitle + shownPicture(sample), panels: [panel], range: grid.range).figure
  }
}
