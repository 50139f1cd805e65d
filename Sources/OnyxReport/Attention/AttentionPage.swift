import OnyxAttention
import OnyxFigures
import OnyxImages
import OnyxInsight
import OnyxTensor

/// One HTML page with everything in it: no network, no scripts; light or dark as the reader's system is.
struct AttentionPage {
  private let title: String
  private let report: AttentionReport
  private let samples: [AttentionRun.Sample]
  /// The pictures that the model saw, which many figures show, by their names on the page.
  private let shared: [Pixels: String]
  private var sections: [String] = []
  private var rollout = ""

  /// Blocks with figures; others stand in the table only.
  private static let sectionLimit = 96
  /// Figures for one block.
  private static let figureLimit = 16
  private static let pictureLimit = 12
  /// Heads with numbers.
  private static let headLimit = 16

  init(title: String, _ report: AttentionReport, samples: [AttentionRun.Sample]) {
    self.title = title
    self.report = report
    self.samples = samples
    var shared: [Pixels: String] = [:]
    for case let pixels? in samples.map(\.pixels) where shared[pixels] == nil { shared[pixels] = "picture-\(shared.count + 1)" }
    self.shared = shared
  }

  mutating func add(_ figures: [Figure], of block: AttentionReport.Block, _ observation: BlockObservation) throws(OnyxError) {
    guard sections.count < Self.sectionLimit else { return }
    let number = sections.count + 1
    var text =
      "<section id=\"block-\(number)\">\n<h2>\(Self.escape(block.name)) <span class=\"kind\" "
      + "title=\"\(Self.escape(observation.block.match.kind.row.sentence))\">\(Self.escape(block.kind))</span></h2>\n"
    if let moduleClass = block.moduleClass { text += "<p class=\"muted\">\(Self.escape(moduleClass))</p>\n" }
    text += "<div class=\"row\"><div class=\"figures\">\n"
    for figure in figures.prefix(Self.figureLimit) { text += "<figure>\(try figure.svg(isAlone: false, shared: shared))</figure>\n" }
    if figures.isEmpty { text += "<p class=\"muted\">\(Self.reason(observation))</p>\n" }
    sections.append(text + "</div>\n\(Self.facts(block))</div>\n</section>\n")
  }

  /// Adds what reaches the last tokens, before the blocks.
  mutating func add(rollout figures: [Figure]) throws(OnyxError) {
    guard !figures.isEmpty else { return }
    var text = "<section id=\"rollout\">\n<h2>Rollout over depth</h2>\n<p class=\"muted\">What of each token reaches the chosen one behind "
    text += "the last block, when every block’s weights and its shortcut carry equal parts (Abnar and Zuidema, 2020).</p>\n"
    text += "<div class=\"row\"><div class=\"figures\">\n"
    for figure in figures { text += "<figure>\(try figure.svg(isAlone: false, shared: shared))</figure>\n" }
    rollout = text + "</div></div>\n</section>\n"
  }

  private static func reason(_ observation: BlockObservation) -> String {
    if observation.undrawn > 0 {
      return "The gates and maps of this block are too large to draw, or of an unusual shape; they are in the .npz file."
    }
    return "This block keeps no gates or maps that can be read: its operator computes them inside."
  }

  private static func facts(_ block: AttentionReport.Block) -> String {
    var rows: [(String, String)] = [("input", "\(names(block.inputs)) · \(block.shapeText)"), ("output", names([block.output]))]
    if !block.formText.isEmpty { rows.append(("form", block.formText)) }
    if let channels = block.channels { rows.append(("channels", "\(channels)" + (block.hidden.map { " → \($0) → \(channels)" } ?? ""))) }
    rows.append(("parameters", "\(Quantity.short(block.params)) · \(AttentionReport.percent(block.paramsShare))"))
    rows.append(("MACs", "\(Quantity.short(block.macs)) · \(AttentionReport.percent(block.macsShare))"))
    if let time = block.milliseconds, let share = block.timeShare {
      rows.append(("time", "\(Quantity.decimal(time, digits: 3)) ms · \(AttentionReport.percent(share))"))
    }
    for (name, statistics) in block.statistics?.named ?? [] {
      func number(_ value: Double?) -> String { value.map { Quantity.decimal($0, digits: 3) } ?? "–" }
      rows.append(("\(name): mean", statistics.mean.map(FigureNumber.short) ?? "–"))
      rows.append(("deviation", statistics.deviation.map(FigureNumber.short) ?? "–"))
      if statistics.count > 0 { rows.append(("range", FigureNumber.span(statistics.min...statistics.max))) }
      rows.append(("entropy", number(statistics.entropy)))
      rows.append(("sparsity", statistics.sparsity.map(AttentionReport.percent) ?? "–"))
      rows.append(("saturation", statistics.saturation.map(AttentionReport.percent) ?? "–"))
      if statistics.notFinite > 0 { rows.append(("not finite", "\(statistics.notFinite)")) }
    }
    for (head, numbers) in (block.statistics?.heads ?? []).prefix(headLimit).enumerated() {
      let distance = numbers.distance.map { " · distance \(Quantity.decimal($0, digits: 2))" } ?? ""
      rows.append(("head \(head + 1)", "entropy \(Quantity.decimal(numbers.entropy, digits: 3))\(distance)"))
    }
    if let steps = block.steps, !steps.isEmpty { rows.append(("computed by", names(steps))) }
    if !(block.gates + block.maps).isEmpty { rows.append(("tensors", names(block.gates + block.maps))) }
    return "<dl>" + rows.map { "<dt>\(escape($0.0))</dt><dd>\(escape($0.1))</dd>" }.joined() + "</dl>\n"
  }

  /// The first names of a list, each cut to a length that a page can show.
  private static func names(_ list: [String]) -> String {
    list.prefix(3).map { MarkupText.shortened($0, to: 48) }.joined(separator: ", ") + (list.count > 3 ? ", … (\(list.count))" : "")
  }

  private static func escape(_ text: String) -> String { MarkupText.escape(text) }

  /// The whole document.
  var text: String {
    get throws(OnyxError) {
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-onyx'">
      <title>Attention in \(Self.escape(heading))</title>
      <style nonce="onyx">
      \(AttentionPageStyle.text)</style>
      </head>
      <body>
      <header>
      <h1 title="\(Self.escape(title))">Attention in \(Self.escape(heading))</h1>
      <p>\(Self.escape(report.footer.filter { !$0.isNewline })).</p>
      </header>
      \(try Figure.shelf(shared))\(try gallery)\(table)\(rollout)\(sections.joined())\(note)<footer>Made by onyx attention.</footer>
      </body>
      </html>

      """
    }
  }

  /// The name of the file; for the name that every export has, the folders before it.
  private var heading: String {
    let parts = title.split(separator: "/")
    guard let name = parts.last else { return title }
    return name == "model.onnx" ? parts.suffix(3).joined(separator: "/") : String(name)
  }

  /// The pictures that the model saw.
  private var gallery: String {
    get throws(OnyxError) {
      var text = ""
      for sample in samples.prefix(Self.pictureLimit) {
        guard let pixels = sample.pixels else { continue }
        let scale = 112 / Double(max(pixels.width, pixels.height, 1))
        var figure = Figure(width: Double(pixels.width) * scale, height: Double(pixels.height) * scale, description: sample.name)
        figure.picture(pixels, Figure.Box(0, 0, figure.width, figure.height), isSmooth: pixels.width > 112, description: sample.name)
        text +=
          "<figure>\(try figure.svg(isAlone: false, shared: shared))"
          + "<figcaption>\(Self.escape(MarkupText.shortened(sample.name, to: 28)))</figcaption></figure>\n"
      }
      let rest = samples.count - Self.pictureLimit
      if rest > 0 { text += "<p class=\"muted\">and \(rest) more</p>\n" }
      return text.isEmpty ? "" : "<div class=\"gallery\">\n\(text)</div>\n"
    }
  }

  private var table: String {
    guard !report.blocks.isEmpty else { return "<p>The recogniser found no attention block in this model.</p>\n" }
    let titles = ["block", "kind", "input", "form", "params", "MACs", "time", "of", "mean", "entropy", "sparsity", "saturation"]
    var text = "<div class=\"scroll\"><table>\n<thead><tr>" + titles.map { "<th>\($0)</th>" }.joined() + "</tr></thead>\n<tbody>\n"
    for (index, block) in report.blocks.enumerated() {
      // Long names break behind the dots of module paths.
      let name = Self.escape(MarkupText.shortened(block.name, to: 60)).split(separator: ".", omittingEmptySubsequences: false)
        .joined(separator: ".<wbr>")
      let linked = index < Self.sectionLimit ? "<a href=\"#block-\(index + 1)\">\(name)</a>" : name
      let cells = [linked] + Self.costs(block).map(Self.escape) + Self.numbers(block.statistics)
      text += "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }

  private static func costs(_ block: AttentionReport.Block) -> [String] {
    let time = block.timeShare.map(AttentionReport.percent) ?? ""
    return [
      block.kind, block.shapeText, block.formText, AttentionReport.percent(block.paramsShare), AttentionReport.percent(block.macsShare),
      time,
    ]
  }

  private static func numbers(_ statistics: BlockStatistics?) -> [String] {
    let found = (statistics?.named ?? []).map(\.numbers).filter { $0.count > 0 }
    func number(_ value: Double?) -> String { value.map { Quantity.decimal($0, digits: 3) } ?? "–" }
    func percent(_ value: Double?) -> String { value.map(AttentionReport.percent) ?? "–" }
    let columns: [(GateStatistics) -> String] = [
      { $0.mean.map(FigureNumber.short) ?? "–" }, { number($0.entropy) }, { percent($0.sparsity) }, { percent($0.saturation) },
    ]
    let names = (statistics?.named ?? []).filter { $0.numbers.count > 0 }.map(\.name)
    return [names.joined(separator: "<br>")] + columns.map { column in found.map(column).joined(separator: "<br>") }
  }

  private var note: String {
    guard report.pictures > 0, !report.blocks.isEmpty else { return "" }
    return """
      <section class="note"><h2>How to read the numbers</h2>
      <p><b>Entropy</b> is that of the gates as shares of their sum, divided by \
      its largest value: 1 when all are equal, 0 when one has everything. <b>Sparsity</b> is the part of the gates below \
      \(GateStatistics.closedBelow), or of softmax weights below a tenth of an even share. <b>Saturation</b> is the part of the gates \
      within \(GateStatistics.saturationMargin) of 0 or 1, or of softmax rows where one weight has more than \
      \(1 - GateStatistics.saturationMargin). <b>Time</b> counts the steps that compute a block and nothing else; a convolution that \
      applies a block’s gates on the way counts for no block.</p></section>

      """
  }
}
