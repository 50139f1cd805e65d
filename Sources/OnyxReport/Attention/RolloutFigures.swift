import OnyxFigures
import OnyxImages
import OnyxInsight

/// The rollout over the depth of a network, of the first pictures.
struct RolloutFigures {
  let rollout: AttentionRollout
  let samples: [AttentionRun.Sample]
  /// The token behind the last block whose row is shown; nil for the class token, or the middle of a map.
  let query: Int?
  /// The texts of the tokens; empty where they are not known.
  var tokens: [String] = []

  var all: [BlockFigures.Named] {
    rollout.weights.prefix(BlockObservation.queryLimit).enumerated().compactMap { picture, weights in
      figure(weights, picture).map { BlockFigures.Named(name: "rollout" + (picture > 0 ? "-\(picture + 1)" : ""), figure: $0) }
    }
  }

  private var subtitle: String { "over \(rollout.blocks.count) blocks, \(rollout.blocks.first ?? "") … \(rollout.blocks.last ?? "")" }

  private func figure(_ weights: [Double], _ picture: Int) -> Figure? {
    guard let matrix = NumberGrid(width: rollout.tokens, height: rollout.tokens, values: weights) else { return nil }
    let pixels = samples.indices.contains(picture) ? samples[picture].pixels : nil
    let places = KeyPlaces(matrix, input: nil, picture: pixels)
    let chosen = min(query ?? places.defaultQuery, rollout.tokens - 1)
    let row = Array(weights[chosen * rollout.tokens..<(chosen + 1) * rollout.tokens])
    if let bars = TokenBars(title: "Rollout of \(name(chosen))", subtitle: subtitle, tokens: tokens, spread: SampleSpread([row])) {
      return bars.figure
    }
    guard places.isGrid, let pixels, let grid = places.grid(row) else {
      return GateChart(title: "Rollout of token \(chosen)", subtitle: subtitle, axis: "token", spread: SampleSpread([row])).figure
    }
    // Through the shortcuts a token keeps most of itself: the colours are for the others.
    let others = places.mark(chosen) == nil ? grid : places.grid(row.enumerated().map { $0.offset == chosen ? .nan : $0.element }) ?? grid
    let range = others.range
    let panels = [
      PanelFigure.Panel("input", pixels, isSmooth: pixels.width > 128, marked: places.mark(chosen)),
      PanelFigure.Panel("on the input", grid.overlay(on: pixels, range), isSmooth: true),
      PanelFigure.Panel("rollout", grid.bounded(by: 256).heatMap(range)),
    ]
    let whose = places.name(ofPlaceless: chosen) ?? "token \(chosen)"
    return PanelFigure(title: "Rollout of \(whose)", subtitle: subtitle, panels: panels, range: range).figure
  }

  private func name(_ token: Int) -> String {
    tokens.indices.contains(token) ? "token \(token) “\(MarkupText.shortened(tokens[token], to: 24))”" : "token \(token)"
  }
}
