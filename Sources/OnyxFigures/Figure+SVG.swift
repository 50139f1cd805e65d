import OnyxImages
import OnyxTensor

extension Figure {
  /// An SVG document; alone it brings its colours, light or dark as the reader's system is. Inside a page it takes the page's, and
  /// `shared` pictures by the names under which `shelf` has them.
  package func svg(isAlone: Bool, shared: [Pixels: String] = [:]) throws(OnyxError) -> String {
    let margin = isAlone ? Self.margin : 0
    let (outer, tall) = (Self.number(width + 2 * margin), Self.number(height + 2 * margin))
    let size = "width=\"\(outer)\" height=\"\(tall)\" viewBox=\"\(Self.number(-margin)) \(Self.number(-margin)) \(outer) \(tall)\""
    let label = MarkupText.escape(description)
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) role=\"img\" aria-label=\"\(label)\" font-family=\"system-ui,sans-serif\">\n"
    if isAlone {
      text += "<style>svg{\(Ink.variables(isDark: false))}@media(prefers-color-scheme:dark){svg{\(Ink.variables(isDark: true))}}</style>\n"
      text += "<rect x=\"\(-margin)\" y=\"\(-margin)\" width=\"100%\" height=\"100%\" fill=\"\(Ink.surface.css)\"/>\n"
    }
    for element in elements { text += try Self.markup(element, shared) + "\n" }
    return text + "</svg>\n"
  }

  /// Pictures that many figures of a page show, each once: an SVG that shows nothing itself.
  package static func shelf(_ shared: [Pixels: String]) throws(OnyxError) -> String {
    guard !shared.isEmpty else { return "" }
    var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"shelf\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n"
    for (pixels, name) in shared.sorted(by: { $0.value < $1.value }) {
      let data = Base64.encode(try Codecs.encodePNG(pixels))
      text += "<image id=\"\(name)\" width=\"1\" height=\"1\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,\(data)\"/>\n"
    }
    return text + "</defs></svg>\n"
  }

  private static func markup(_ element: Element, _ shared: [Pixels: String]) throws(OnyxError) -> String {
    switch element {
    case .rectangle(let box, let ink, let title):
      let tag = "<rect \(place(box)) fill=\"\(ink.css)\""
      return title.map { "\(tag)><title>\(MarkupText.escape($0))</title></rect>" } ?? tag + "/>"
    case .outline(let box, let ink, let width):
      return "<rect \(place(box)) fill=\"none\" stroke=\"\(ink.css)\" stroke-width=\"\(number(width))\"/>"
    case .line(let from, let to, let ink, let width):
      let ends = "x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" y2=\"\(number(to.y))\""
      return "<line \(ends) stroke=\"\(ink.css)\" stroke-width=\"\(number(width))\"/>"
    case .text(let text, let at, let size, let anchor, let ink, let isBold):
      let weight = isBold ? " font-weight=\"600\"" : ""
      let end = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
      let place = "x=\"\(number(at.x))\" y=\"\(number(at.y))\" font-size=\"\(number(size))\""
      return "<text \(place) fill=\"\(ink.css)\"\(end)\(weight)>\(MarkupText.escape(text))</text>"
    case .picture(let pixels, let box, let isSmooth, let description):
      let rendering = isSmooth ? "" : " image-rendering=\"pixelated\""
      if let name = shared[pixels] {
        let moved = "translate(\(number(box.x)) \(number(box.y))) scale(\(number(max(box.width, 0))) \(number(max(box.height, 0))))"
        return "<use href=\"#\(name)\" transform=\"\(moved)\"\(rendering)><title>\(MarkupText.escape(description))</title></use>"
      }
      let data = Base64.encode(try Codecs.encodePNG(pixels))
      let tag = "<image \(place(box)) preserveAspectRatio=\"none\"\(rendering) href=\"data:image/png;base64,\(data)\">"
      return "\(tag)<title>\(MarkupText.escape(description))</title></image>"
    }
  }

  private static func place(_ box: Box) -> String {
    "x=\"\(number(box.x))\" y=\"\(number(box.y))\" width=\"\(number(max(box.width, 0)))\" height=\"\(number(max(box.height, 0)))\""
  }

  /// Hundredths are finer than any screen.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "0" }
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
