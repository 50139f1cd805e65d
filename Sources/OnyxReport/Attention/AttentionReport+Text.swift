import OnyxFigures
import OnyxInsight

extension AttentionReport {
  /// The tables that `onyx attention` prints.
  package var text: String {
    guard !blocks.isEmpty else { return "No attention blocks.\n" + missing }
    var table = TextTable([
      ("block", .left), ("kind", .left), ("input", .left), ("form", .left), ("params", .right), ("", .right), ("MACs", .right),
      ("", .right),
      ("ms", .right), ("", .right),
    ])
    for block in blocks {
      table.append(
        block.name, block.kind, block.shapeText, block.formText, Quantity.short(block.params), Self.percent(block.paramsShare),
        Quantity.short(block.macs), Self.percent(block.macsShare), block.milliseconds.map { Quantity.decimal($0, digits: 3) } ?? "",
        block.timeShare.map(Self.percent) ?? "")
    }
    table.fit(columns: 120, shortening: 0, to: 24, keeping: .end)
    return table.text + "\n" + footer + missing + (pictures > 0 ? "\n" + statisticsText : "")
  }

  /// "3 blocks: 1.2 % of 54.5 k parameters, …".
  var footer: String {
    func part(_ value: Double, _ whole: String) -> String { "\(Self.percent(value)) of \(whole)" }
    let params = part(blocks.reduce(0) { $0 + $1.paramsShare }, "\(Quantity.short(totals.params)) parameters")
    let macs = part(blocks.reduce(0) { $0 + $1.macsShare }, "\(Quantity.short(totals.macs)) MACs")
    var text = "\(Quantity.count(blocks.count, "block")): \(params), \(macs)"
    if let whole = totals.milliseconds {
      text += ", " + part(blocks.reduce(0) { $0 + ($1.timeShare ?? 0) }, "\(Quantity.decimal(whole)) ms")
    }
    return text + "\n"
  }

  /// Why the model was not run.
  private var missing: String {
    guard !unsupported.isEmpty else { return "" }
    let rows = unsupported.map { "  \($0.fullName) (opset \($0.opset)): \(Quantity.count($0.count, "node")), \($0.reason ?? "")\n" }
    return "Onyx lacks \(Quantity.count(rows.count, "operator")), so that the model was not run and shapes behind them are not known:\n"
      + rows.joined()
  }

  private var statisticsText: String {
    var table = TextTable([
      (Quantity.count(pictures, "picture"), .left), ("", .left), ("values", .right), ("mean", .right), ("deviation", .right),
      ("min", .right),
      ("max", .right), ("entropy", .right), ("sparsity", .right), ("saturation", .right),
    ])
    for block in blocks {
      func short(_ value: Double?) -> String { value.map(FigureNumber.short) ?? "" }
      func number(_ value: Double?) -> String { value.map { Quantity.decimal($0, digits: 3) } ?? "" }
      for (name, found) in block.statistics?.named ?? [] where found.count > 0 {
        table.append(
          block.name, name, "\(found.count)", short(found.mean), short(found.deviation), short(found.min), short(found.max),
          number(found.entropy),
          found.sparsity.map(Self.percent) ?? "", found.saturation.map(Self.percent) ?? "")
      }
    }
    table.fit(columns: 120, shortening: 0, to: 24, keeping: .end)
    return table.text
  }

  /// With one decimal; what is there and would read as nothing is less than the least.
  static func percent(_ share: Double) -> String {
    share > 0 && share < 0.0005 ? "<0.1 %" : Quantity.decimal(100 * share, digits: 1) + " %"
  }
}

extension AttentionReport.Block {
  var shapeText: String { facts.shape.map { $0.map { "\($0)" }.joined(separator: "×") } ?? "?" }

  /// "r=16, avg, sigmoid", "k=7, both, sigmoid", "6 heads", "4 heads causal alibi".
  var formText: String {
    var parts: [String] = []
    if let reduction = self.reduction { parts.append("r=\(Quantity.decimal(reduction, digits: reduction == reduction.rounded() ? 0 : 1))") }
    if let kernel = self.kernel {
      parts.append("k=\(Set(kernel).count == 1 ? "\(kernel[0])" : kernel.map { "\($0)" }.joined(separator: "×"))")
    }
    if let heads = self.heads { parts.append(Quantity.count(heads, "head")) }
    if let query = facts.query {
      if query.causal { parts.append("causal") } else if query.mask != "none" { parts.append("masked") }
      if query.bias != "none" { parts.append(query.bias == "alibi" ? "alibi" : "\(query.bias) bias") }
    }
    if let pooling = self.pooling, pooling != "softmax" { parts.append(pooling == "both" ? "avg+max" : pooling) }
    // Every attention of queries over keys has a softmax.
    if let activation = self.activation, activation != "none", facts.query == nil || activation != "softmax" { parts.append(activation) }
    return parts.joined(separator: " ")
  }
}
