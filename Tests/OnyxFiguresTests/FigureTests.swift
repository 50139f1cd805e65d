import Foundation
import OnyxFigures
import OnyxImages
import Testing

struct FigureTests {
  private static func chart(_ count: Int, samples: Int = 1) -> Figure {
    func value(_ channel: Int, _ sample: Int) -> Double { Double((channel * 7 + sample * 3) % 11) / 10 }
    let values: [[Double]] = (0..<samples).map { sample in (0..<count).map { value($0, sample) } }
    return GateChart(title: "layer1.0.se", subtitle: "SE", spread: SampleSpread(values)).figure
  }

  @Test func barsOfEveryChannel() throws {
    let svg = try Self.chart(16).svg(isAlone: true)
    #expect(svg.hasPrefix("<svg xmlns=") && svg.hasSuffix("</svg>\n"))
    for channel in 0..<16 { #expect(svg.contains("<title>channel \(channel): ")) }
    #expect(svg.contains("layer1.0.se") && svg.contains("prefers-color-scheme:dark"))
    #expect(try !Self.chart(16).svg(isAlone: false).contains("<style>"))
  }

  @Test func manyChannelsShareBars() throws {
    let svg = try Self.chart(10_000).svg(isAlone: true)
    #expect(svg.utf8.count < 120_000 && svg.contains("each bar is 42 channels"))
    #expect(try Self.chart(10_000, samples: 3).png().count < 1_000_000)
  }

  @Test(arguments: [[], [[]], [[.nan, .infinity]], [[-5, 1e300]], [[0.0]], [[1e-12, 2e-12]]] as [[[Double]]]) func oddNumbers(
    _ samples: [[Double]]
  ) throws {
    let figure = GateChart(title: "x", subtitle: "", spread: SampleSpread(samples)).figure
    #expect(try figure.svg(isAlone: true).contains("</svg>"))
    #expect(try Codecs.decodePNG(figure.png()).width == 2 * (720 + 32))
  }

  @Test func namesCannotLeaveTheirPlace() throws {
    let hostile = "<script>alert(1)</script>\"'&\u{202E}\u{1}"
    let svg = try GateChart(title: hostile, subtitle: hostile, axis: hostile, spread: SampleSpread([[0.5]])).figure.svg(isAlone: true)
    #expect(!svg.contains("<script") && !svg.contains("\u{202E}") && !svg.contains("\u{1}"))
    #expect(svg.contains("&lt;script&gt;"))
  }

  @Test func cells() {
    #expect(MarkupText.cell("a,b") == "\"a,b\"" && MarkupText.cell("say \"x\"") == "\"say \"\"x\"\"\"")
    #expect(MarkupText.cell("=1+1") == "'=1+1" && MarkupText.cell("-1.5") == "-1.5" && MarkupText.cell("plain") == "plain")
    #expect(MarkupText.shortened("abcdefghij", to: 7) == "ab…ghij")
  }

  @Test func numbers() {
    let texts = [0.5, 0.0123456, 123.456, 0, -2.5, 1e-9, 12_345_678, .nan].map(FigureNumber.short)
    #expect(texts == ["0.500", "0.0123", "123", "0", "−2.50", "1.0e-9", "1.2e7", "NaN"])
  }

  /// Ends that three digits do not tell apart get more; what six do not is one number.
  @Test func spans() {
    #expect(FigureNumber.span(0.1...0.9) == "0.100 … 0.900" && FigureNumber.span(0.5...0.5) == "0.500")
    #expect(FigureNumber.span(0.50001...0.50002) == "0.500010 … 0.500020" && FigureNumber.span(0.5...0.50000001) == "0.500")
  }

  /// Roundings alone have no colours; a small difference that is none has.
  @Test func roundingsAreNoPattern() throws {
    let low: Double = 0.5
    let even = try #require(NumberGrid(width: 2, height: 1, values: [low, low + 6e-8]))
    #expect(even.range.lowerBound == even.range.upperBound)
    let pixels = even.heatMap(even.range).bytes
    #expect(pixels[0..<3] == pixels[3..<6])
    let uneven = try #require(NumberGrid(width: 2, height: 1, values: [low, low + 1e-4]))
    #expect(uneven.range == low...low + 1e-4)
  }

  @Test func barsOfTokens() throws {
    let words = ["[CLS]", "<b>", "c"]
    let spread = SampleSpread([[0.5, 0.25, 0.25], [0.7, 0.2, 0.1]])
    let bars = try #require(TokenBars(title: "t", subtitle: "s", tokens: words, spread: spread))
    let svg = try bars.figure.svg(isAlone: true)
    #expect(svg.contains("<title>0 [CLS]: 0.600</title>") && svg.contains(">&lt;b&gt;<") && svg.contains("± 1 deviation"))
    #expect(TokenBars(title: "t", subtitle: "s", tokens: ["a"], spread: spread) == nil)
    let many = SampleSpread([[Double](repeating: 0, count: 65)])
    #expect(TokenBars(title: "t", subtitle: "s", tokens: Array(repeating: "a", count: 65), spread: many) == nil)
  }

  /// A picture that is on the shelf of a page is not there again in its figures.
  @Test func sharedPictures() throws {
    let pixels = Pixels(width: 2, height: 2, channels: 1, bytes: [0, 80, 160, 255])
    let other = Pixels(width: 2, height: 2, channels: 1, bytes: [0, 80, 160, 254])
    var figure = Figure(width: 10, height: 10, description: "")
    figure.picture(pixels, Figure.Box(1, 2, 3, 4), description: "mine")
    figure.picture(other, Figure.Box(1, 2, 3, 4), description: "own")
    let svg = try figure.svg(isAlone: false, shared: [pixels: "picture-1"])
    #expect(svg.contains("<use href=\"#picture-1\" transform=\"translate(1 2) scale(3 4)\" image-rendering=\"pixelated\"><title>mine"))
    #expect(svg.components(separatedBy: "data:image/png").count == 2)
    #expect(try Figure.shelf([pixels: "picture-1"]).contains("<image id=\"picture-1\"") && Figure.shelf([:]).isEmpty)
  }

  @Test func spreadOverPictures() {
    let spread = SampleSpread([[1, 2], [3, 2], [5, .nan]])
    #expect(spread.mean == [3, 2] && spread.low == [1, 2] && spread.high == [5, 2])
    #expect(abs(spread.deviation[0] - (8.0 / 3).squareRoot()) < 1e-12 && spread.deviation[1] == 0)
  }
}
