import OnyxFigures

/// The gates of many pictures, grouped by what is on them: which channels tell the groups apart.
struct LabelledGates {
  /// Each once, in the order of the pictures.
  let labels: [String]
  /// By label and channel, over the label's pictures.
  let means: [[Double]]
  /// By channel, the part of the variance of its gates that lies between the labels: 0 where all means are equal, 1 where pictures of one
  /// label are alike. 0 for a gate that never moves.
  let separation: [Double]

  /// Labels with a row of their own.
  private static let labelLimit = 64

  /// `pictures` are the gates of each, `labels` what is on it; nil without two labels, or for pictures of several sizes.
  init?(_ pictures: [[Double]], labels: [String]) {
    guard pictures.count == labels.count, let width = pictures.first?.count, width > 0, pictures.allSatisfy({ $0.count == width }) else {
      return nil
    }
    let groups = Dictionary(grouping: labels.indices) { labels[$0] }
    let order = groups.sorted { $0.value[0] < $1.value[0] }
    guard (2...Self.labelLimit).contains(order.count) else { return nil }
    func mean(_ members: [Int], _ channel: Int) -> Double { members.reduce(0) { $0 + pictures[$1][channel] } / Double(members.count) }
    let means = order.map { group in (0..<width).map { mean(group.value, $0) } }
    self.labels = order.map(\.key)
    self.means = means
    separation = (0..<width).map { channel in
      let whole = mean(Array(labels.indices), channel)
      let total = pictures.reduce(0) { $0 + ($1[channel] - whole) * ($1[channel] - whole) }
      let between = zip(order, means).reduce(0) { sum, group in
        sum + Double(group.0.value.count) * (group.1[channel] - whole) * (group.1[channel] - whole)
      }
      return total > 0 ? min(between / total, 1) : 0
    }
  }

  /// A line for each channel: how well it tells the labels apart, and its mean for each.
  var table: String {
    let header = (["channel", "separation"] + labels.map(MarkupText.cell)).joined(separator: ",")
    let lines = separation.indices.map { channel in
      (["\(channel)", "\(separation[channel])"] + means.map { "\($0[channel])" }).joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }

  /// A row of colours for each label, the channels that tell most first.
  func figure(title: String, kind: String) -> Figure? {
    let order = separation.indices.sorted { (separation[$1], $0) < (separation[$0], $1) }
    let values = means.flatMap { row in order.map { row[$0] } }
    guard let grid = NumberGrid(width: order.count, height: labels.count, values: values)?.bounded(by: 512) else { return nil }
    let best = order.prefix(3).map { "\($0) (\(FigureNumber.short(separation[$0])))" }.joined(separator: ", ")
    let names = MarkupText.shortened(labels.joined(separator: ", "), to: 60)
    var figure = PanelFigure(
      title: title, subtitle: "\(kind), a row for each label, channels that tell most first: \(best)",
      panels: [PanelFigure.Panel("\(names) × \(order.count) channels", grid.heatMap(grid.range))], range: grid.range)
    figure.extent = (580, max(min(Double(labels.count) * 18, 260), 42))
    return figure.figure
  }
}
