/// Bars for the gates of the channels, with their distribution beside them.
package struct GateChart: Sendable {
  package var title: String
  package var subtitle: String
  /// What a position is: "channel".
  package var axis: String
  package var spread: SampleSpread

  package init(title: String, subtitle: String, axis: String = "channel", spread: SampleSpread) {
    self.title = title
    self.subtitle = subtitle
    self.axis = axis
    self.spread = spread
  }

  /// More positions share bars.
  static let barLimit = 240
  private static let width = 720.0
  private static let height = 236.0
  private static let plot = Figure.Box(44, 46, 580, 150)
  private static let histogram = Figure.Box(636, 46, 72, 150)

  package var figure: Figure {
    let numbers = "\(axis)s of \(FigureNumber.short(range.lowerBound)) to \(FigureNumber.short(range.upperBound))"
    var figure = Figure(width: Self.width, height: Self.height, description: "\(title), \(subtitle): \(numbers)")
    figure.text(MarkupText.shortened(title, to: 70), 0, 14, size: 13, isBold: true)
    figure.text(subtitle + barNote, 0, 31, size: 11.5, .start, .muted)
    let ticks = Ticks(range, count: 5)
    for tick in ticks.values {
      let y = y(tick)
      figure.line(Self.plot.x, y, Self.plot.x + Self.plot.width, y, .rule)
      figure.line(Self.histogram.x, y, Self.histogram.x + Self.histogram.width, y, .rule)
      figure.text(ticks.text(tick), Self.plot.x - 8, y + 4, size: 11, .end, .muted)
    }
    drawBars(in: &figure)
    drawHistogram(in: &figure)
    return figure
  }

  private var perBar: Int { max((spread.mean.count + Self.barLimit - 1) / Self.barLimit, 1) }
  private var barNote: String {
    perBar > 1 ? " · each bar is \(perBar) \(axis)s: mean and range" : spread.sampleCount > 1 ? " · line: ± 1 deviation" : ""
  }

  /// 0 … 1 for gates; wider when there are numbers outside, narrower for probabilities that are all small.
  private var range: ClosedRange<Double> {
    let values = (spread.low + spread.high).filter(\.isFinite)
    guard let low = values.min(), let high = values.max() else { return 0...1 }
    let top = high > 1 ? high : high > 0.25 || high < 1e-30 ? 1 : high * 1.1
    return min(low, 0)...max(top, min(low, 0) + 1e-30)
  }

  private func y(_ value: Double) -> Double {
    let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    return Self.plot.y + Self.plot.height * (1 - min(max(share.isFinite ? share : 0, 0), 1))
  }

  private func drawBars(in figure: inout Figure) {
    let count = (spread.mean.count + perBar - 1) / perBar
    guard count > 0 else { return }
    let step = Self.plot.width / Double(count)
    let gap = step > 6 ? min(step * 0.22, 6) : step > 3 ? 0.8 : 0.3
    let zero = y(0)
    for bar in 0..<count {
      let members = (bar * perBar)..<min((bar + 1) * perBar, spread.mean.count)
      let means = spread.mean[members].filter(\.isFinite)
      let x = Self.plot.x + Double(bar) * step + gap / 2
      guard !means.isEmpty else {
        figure.rectangle(
          Figure.Box(x, Self.plot.y, step - gap, Self.plot.height), .softMark, title: "\(axis) \(members.lowerBound): not finite")
        continue
      }
      let mean = means.reduce(0, +) / Double(means.count)
      let low = perBar > 1 ? means.min() ?? mean : mean - (spread.deviation[members.lowerBound])
      let high = perBar > 1 ? means.max() ?? mean : mean + (spread.deviation[members.lowerBound])
      let name = perBar > 1 ? "\(axis)s \(members.lowerBound)–\(members.upperBound - 1)" : "\(axis) \(members.lowerBound)"
      let top = y(mean)
      if perBar > 1 { figure.rectangle(Figure.Box(x, y(high), step - gap, y(low) - y(high)), .softMark) }
      figure.rectangle(
        Figure.Box(x, min(top, zero), step - gap, max((top - zero).magnitude, 0.5)), .mark, title: "\(name): \(FigureNumber.short(mean))")
      if perBar == 1, spread.sampleCount > 1, high > low {
        let middle = x + (step - gap) / 2
        figure.line(middle, y(low), middle, y(high), .text, width: min(1.2, step * 0.3))
      }
    }
    figure.line(Self.plot.x, zero, Self.plot.x + Self.plot.width, zero, .muted)
    let ticks = Ticks(0...Double(max(spread.mean.count - 1, 1)), count: 8)
    for tick in ticks.values where tick == tick.rounded() {
      let x = Self.plot.x + (tick + 0.5) / Double(perBar) * step
      if x <= Self.plot.x + Self.plot.width {
        figure.text("\(Int(tick))", x, Self.plot.y + Self.plot.height + 17, size: 11, .middle, .muted)
      }
    }
    figure.text(axis, Self.plot.x + Self.plot.width / 2, Self.height - 6, size: 11, .middle, .muted)
  }

  /// How many positions have which mean.
  private func drawHistogram(in figure: inout Figure) {
    let bins = 25
    var counts = [Int](repeating: 0, count: bins)
    for value in spread.mean where value.isFinite {
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      counts[min(max(Int(share * Double(bins)), 0), bins - 1)] += 1
    }
    guard let most = counts.max(), most > 0 else { return }
    let step = Self.histogram.height / Double(bins)
    for (bin, count) in counts.enumerated() where count > 0 {
      let top = Self.histogram.y + Self.histogram.height - Double(bin + 1) * step
      let length = Self.histogram.width * Double(count) / Double(most)
      figure.rectangle(Figure.Box(Self.histogram.x, top + 0.5, length, step - 1), .mark, title: "\(count) \(axis)s")
    }
    figure.line(Self.histogram.x, Self.histogram.y, Self.histogram.x, Self.histogram.y + Self.histogram.height, .muted)
    figure.text("how many", Self.histogram.x, Self.plot.y + Self.plot.height + 17, size: 11, .start, .muted)
  }
}
