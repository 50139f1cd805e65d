import OnyxFigures
import OnyxImages
import Testing

struct PictureTests {
  private static func pixel(_ pixels: Pixels, _ x: Int, _ y: Int) -> RGB {
    let start = (y * pixels.width + x) * pixels.channels
    return RGB(pixels.bytes[start], pixels.bytes[start + 1], pixels.bytes[start + 2])
  }

  @Test func heatMap() throws {
    let grid = try #require(NumberGrid(width: 2, height: 2, values: [0, 1, 0.5, .nan]))
    let pixels = grid.heatMap(0...1)
    #expect(Self.pixel(pixels, 0, 0) == ColorMap.color(0) && Self.pixel(pixels, 1, 0) == ColorMap.color(1))
    #expect(Self.pixel(pixels, 0, 1) == ColorMap.color(0.5) && Self.pixel(pixels, 1, 1) == ColorMap.missing)
    #expect(NumberGrid(width: 2, height: 2, values: [1]) == nil && NumberGrid(width: 0, height: 2, values: []) == nil)
  }

  @Test func largeMapsBecomeMeans() throws {
    let grid = try #require(NumberGrid(width: 4096, height: 4096, values: [Double](repeating: 0.25, count: 4096 * 4096)))
    let small = grid.bounded(by: 256)
    #expect(small.width == 256 && small.height == 256 && small.values.allSatisfy { $0 == 0.25 })
    let odd = try #require(NumberGrid(width: 5, height: 1, values: [1, 2, 3, 4, 5])).bounded(by: 3)
    #expect(odd.values == [1.5, 3.5, 5])
  }

  @Test func overlayKeepsThePicture() throws {
    let grid = try #require(NumberGrid(width: 2, height: 1, values: [0, 1]))
    let picture = Pixels(width: 600, height: 300, channels: 1, bytes: [UInt8](repeating: 255, count: 600 * 300))
    let pixels = grid.overlay(on: picture, 0...1)
    #expect(pixels.width == 384 && pixels.height == 192)
    let (left, right) = (Self.pixel(pixels, 4, 90), Self.pixel(pixels, 379, 90))
    #expect(left.blue > left.green && right.green > 200 && right.blue < 160)
  }

  @Test func panelsWithScale() throws {
    let grid = try #require(NumberGrid(width: 3, height: 2, values: [0, 0.2, 0.4, 0.6, 0.8, 1]))
    let panel = PanelFigure.Panel("map", grid.heatMap(0...1), marked: Figure.Box(0, 0, 0.3, 0.5))
    let figure = PanelFigure(title: "cbam", subtitle: "spatial map", panels: [panel, panel], range: 0...1).figure
    let svg = try figure.svg(isAlone: false)
    #expect(svg.contains("data:image/png;base64,iVBOR") && svg.contains("image-rendering=\"pixelated\"") && svg.contains(">1.00<"))
    let png = try Codecs.decodePNG(figure.png(scale: 1))
    let colors = Set((0..<png.width * png.height).map { Array(png.bytes[$0 * 3..<$0 * 3 + 3]) })
    for value in grid.values { #expect(colors.contains([ColorMap.color(value)].flatMap { [$0.red, $0.green, $0.blue] })) }
    #expect(try PanelFigure(title: "none", subtitle: "", panels: [], range: nil).figure.svg(isAlone: true).contains("</svg>"))
  }

  /// Every letter that names are made of has strokes of its own.
  @Test func lettersDiffer() throws {
    var seen: [[UInt8]: Character] = [:]
    for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,-+_/:()[]%=#×·…→±" {
      var figure = Figure(width: 16, height: 16, description: "")
      figure.text(String(character), 2, 12, size: 14)
      let bytes = figure.pixels(scale: 2).bytes
      #expect(seen[bytes] == nil, "\(character) looks like \(seen[bytes] ?? " ")")
      seen[bytes] = character
    }
  }

  @Test func darkAndLight() {
    var figure = Figure(width: 4, height: 4, description: "")
    figure.rectangle(Figure.Box(0, 0, 4, 4), .mark)
    #expect(figure.pixels(isDark: true).bytes != figure.pixels(isDark: false).bytes)
  }
}
