extension Summary: CustomStringConvertible {
  /// The tables that `onyx summary` prints, with modules down to a depth of 2.
  public var description: String { text() }

  /// The tables that `onyx summary --depth N` prints: nodes, modules down to a depth, attention blocks.
  public func text(depth: Int = 2) -> String {
    [header, nodeTable, moduleTable(depth), attentionTable, footer].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// One line for each node; columns without a number stay empty.
  private var nodeTable: String {
    var table = TextTable([
      ("operator", .left), ("name", .left), ("output shape", .left), ("params", .right), ("MACs", .right), ("share", .right),
    ])
    for node in nodes {
      table.append(
        node.domain == "ai.onnx" ? node.op : "\(node.domain).\(node.op)", Self.label(node), TensorSpecification.text(node.shape),
        node.params == 0 ? "" : Quantity.short(node.params), node.macs == 0 ? "" : Quantity.short(node.macs),
        node.macs == 0 ? "" : Quantity.share(node.macs, of: totals.macs))
    }
    // Long exporter names keep their end, which tells most.
    table.fit(columns: Self.columnLimit, shortening: 1, to: 24, keeping: .end)
    table.fit(columns: Self.columnLimit, shortening: 2, to: 24, keeping: .start)
    return table.text
  }

  /// Modules of one node say nothing that the node does not.
  private func moduleTable(_ depth: Int) -> String {
    let shown = modules.filter { $0.depth <= depth && ($0.nodes > 1 || $0.depth == 1) }
    guard shown.contains(where: { $0.nodes > 1 }) else { return "" }
    var table = TextTable([
      ("module", .left), ("type", .left), ("nodes", .right), ("params", .right), ("MACs", .right), ("share", .right),
    ])
    for module in shown {
      table.append(
        String(repeating: "  ", count: module.depth - 1) + module.name, module.type, "\(module.nodes)",
        module.params == 0 ? "" : Quantity.short(module.params),
        module.macs == 0 ? "" : Quantity.short(module.macs), module.macs == 0 ? "" : Quantity.share(module.macs, of: totals.macs))
    }
    table.fit(columns: Self.columnLimit, shortening: 0, to: 24, keeping: .end)
    table.fit(columns: Self.columnLimit, shortening: 1, to: 12, keeping: .end)
    return table.text
  }

  /// One line for each block; empty when there is none.
  private var attentionTable: String {
    guard !attention.isEmpty else { return "" }
    var table = TextTable([
      ("attention", .left), ("name", .left), ("channels", .right), ("reduction", .right), ("kernel", .right), ("params", .right),
      ("MACs", .right), ("share", .right),
    ])
    for block in attention {
      table.append(
        block.kind, block.name, block.channels?.description ?? "", block.reduction.map { Quantity.decimal($0) } ?? "",
        block.kernel.map { $0.map(String.init).joined(separator: "×") } ?? "", block.params == 0 ? "" : Quantity.short(block.params),
        block.macs == 0 ? "" : Quantity.short(block.macs), block.macs == 0 ? "" : Quantity.share(block.macs, of: totals.macs))
    }
    table.fit(columns: Self.columnLimit, shortening: 1, to: 16, keeping: .end)
    table.fit(columns: Self.columnLimit, shortening: 2, to: 8, keeping: .start)
    return table.text
  }

  /// One line for each node, comma-separated as RFC 4180 has it, with a line of titles.
  public var csv: String {
    var lines = ["name,op,domain,module,block,shape,params,macs,bytes"]
    for node in nodes {
      let cells = [
        node.name, node.op, node.domain, node.module ?? "", node.block ?? "",
        node.shape.map { $0.map(\.description).joined(separator: "x") } ?? "", "\(node.params)",
        "\(node.macs)", "\(node.bytes)",
      ]
      lines.append(cells.map(Self.quoted).joined(separator: ","))
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  /// A cell in quotes where it holds a quote, a comma or a line break.
  private static func quoted(_ cell: String) -> String {
    cell.utf8.contains { [34, 44, 10, 13].contains($0) }
      ? "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : cell
  }

  /// A node without a name is told by what it makes.
  private static func label(_ node: Node) -> String { node.name.isEmpty ? "→ " + (node.outputs.first { !$0.isEmpty } ?? "") : node.name }

  /// Versions and exporter, then one line for each input and output.
  private var header: String {
    let imports = opsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    var lines = ["IR version \(irVersion), opsets \(imports)" + (producer.isEmpty ? "" : ", made by \(producer)")]
    lines += inputs.map { "input   \($0)" }
    lines += outputs.map { "output  \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The totals, what Onyx lacks, and the sizes that were counted.
  private var footer: String {
    var lines = [
      Quantity.count(totals.nodes, "node") + (totals.bodyNodes > 0 ? " and \(totals.bodyNodes) in bodies" : "")
        + ", \(Quantity.short(totals.params)) parameters, \(Quantity.short(totals.macs)) MACs, "
        + "weights \(Quantity.bytes(totals.weightsBytes))"
        + (totals.peakActivationBytes.map { ", activations \(Quantity.bytes($0)) at peak" } ?? "")
    ]
    if !unsupported.isEmpty {
      lines.append("Onyx lacks \(Quantity.count(unsupported.count, "operator")); shapes and MACs behind them are not known:")
      lines += unsupported.map { "  \($0.fullName) (opset \($0.opset)): \(Quantity.count($0.count, "node")), \($0.reason ?? "")" }
    }
    if let uncounted {
      let sizes = dimensions.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      lines.append("MACs and memory cannot be counted with \(sizes): \(uncounted)\nGive sizes that suit the model with --dim NAME=N.")
    } else if !dimensions.isEmpty {
      let sizes = dimensions.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      lines.append("Dynamic dimensions counted as \(sizes); --dim NAME=N changes that.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Wider tables wrap on most terminals.
  private static let columnLimit = 100
}
