import OnyxAttention
import OnyxFigures
import OnyxInsight
import OnyxTensor

/// Figures of one block in two models for the same inputs: both beside each other, and the second minus the first.
struct AgainstFigures {
  let mine: BlockObservation
  let other: BlockObservation
  /// The page has a heading with the block's name.
  var isOnPage = false

  private var kind: String { mine.block.match.kind.rawValue }
  private func title(_ shown: String) -> String { isOnPage ? shown : mine.block.facts.name }

  var all: [BlockFigures.Named] {
    let numbered = zip(mine.maps, other.maps).enumerated().compactMap { index, pair -> BlockFigures.Named? in
      guard let first = pair.0.grids.first, let second = pair.1.grids.first else { return nil }
      return beside(first, second, "map" + (index > 0 ? "-\(index + 1)" : ""), "maps of the first picture")
    }
    return gates + numbered + matrices
  }

  /// The differences of the gates by channel, of the mean over the pictures.
  private var gates: [BlockFigures.Named] {
    guard mine.branches.count == 1, other.branches.count == 1 else { return [] }
    let (first, second) = (SampleSpread(mine.branches[0]).mean, SampleSpread(other.branches[0]).mean)
    guard !first.isEmpty, first.count == second.count else { return [] }
    let chart = GateChart(
      title: title("Gates against the other model"), subtitle: "\(kind), gates of the other model minus those of this one",
      spread: SampleSpread([zip(first, second).map { $1 - $0 }]))
    return [BlockFigures.Named(name: "against-gates", figure: chart.figure)]
  }

  /// The weights of all queries, mean of the heads.
  private var matrices: [BlockFigures.Named] {
    guard let first = mine.queries.first.flatMap({ NumberGrid.mean(of: $0.heads) }),
      let second = other.queries.first.flatMap({ NumberGrid.mean(of: $0.heads) }),
      let figure = beside(first, second, "matrix", "mean of heads")
    else { return [] }
    return [figure]
  }

  private func beside(_ first: NumberGrid, _ second: NumberGrid, _ name: String, _ what: String) -> BlockFigures.Named? {
    guard first.width == second.width, first.height == second.height,
      let difference = NumberGrid(width: first.width, height: first.height, values: zip(first.values, second.values).map { $1 - $0 })
    else { return nil }
    let (low, high) = (min(first.range.lowerBound, second.range.lowerBound), max(first.range.upperBound, second.range.upperBound))
    let most = max(difference.range.lowerBound.magnitude, difference.range.upperBound.magnitude)
    let panels = [
      PanelFigure.Panel("this model", first.bounded(by: 256).heatMap(low...high)),
      PanelFigure.Panel("the other", second.bounded(by: 256).heatMap(low...high)),
      PanelFigure.Panel("difference, ± \(FigureNumber.short(most))", difference.bounded(by: 256).heatMap(-most...most)),
    ]
    let figure = PanelFigure(
      title: title("Against the other model"), subtitle: "\(kind), \(what); the scale is that of both models", panels: panels,
      range: low...high)
    return BlockFigures.Named(name: "against-\(name)", figure: figure.figure)
  }
}
