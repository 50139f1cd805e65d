extension Summary {
  /// The table that `onyx summary` prints.
  package var text: String {
    var table = TextTable([
      ("operator", .left), ("name", .left), ("output shape", .left), ("params", .right), ("MACs", .right), ("share", .right),
    ])
    for node in nodes {
      table.append(
        node.domain == "ai.onnx" ? node.op : "\(node.domain).\(node.op)", Self.label(node), Self.text(node.shape),
        node.params == 0 ? "" : Quantity.short(node.params), node.macs == 0 ? "" : Quantity.short(node.macs),
        node.macs == 0 ? "" : Quantity.share(node.macs, of: totals.macs))
    }
    // Long exporter names keep their end, which tells most.
    table.fit(columns: Self.columnLimit, shortening: 1, to: 24, keeping: .end)
    table.fit(columns: Self.columnLimit, shortening: 2, to: 24, keeping: .start)
    return header + "\n" + table.text + "\n" + footer
  }

  /// A node without a name is told by what it makes.
  private static func label(_ node: Row) -> String { node.name.isEmpty ? "→ " + (node.outputs.first { !$0.isEmpty } ?? "") : node.name }

  private var header: String {
    let imports = opsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    var lines = ["IR version \(irVersion), opsets \(imports)" + (producer.isEmpty ? "" : ", made by \(producer)")]
    lines += inputs.map { "input   \($0.name): \($0.type ?? "unknown")\(Self.text($0.shape))" }
    lines += outputs.map { "output  \($0.name): \($0.type ?? "unknown")\(Self.text($0.shape))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private var footer: String {
    var lines = [
      "\(Quantity.count(totals.nodes, "node")), \(Quantity.short(totals.params)) parameters, \(Quantity.short(totals.macs)) MACs, weights \(Quantity.bytes(totals.weightsBytes))"
        + (totals.peakActivationBytes.map { ", activations \(Quantity.bytes($0)) at peak" } ?? "")
    ]
    if let uncounted {
      let sizes = dimensions.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      lines.append("MACs and memory cannot be counted with \(sizes): \(uncounted)\nGive sizes that suit the model with --dim NAME=N.")
    } else if !dimensions.isEmpty {
      let sizes = dimensions.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      lines.append("Dynamic dimensions counted as \(sizes); --dim NAME=N changes that.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func text(_ shape: [Extent]?) -> String { shape.map { "[" + $0.map(\.description).joined(separator: ",") + "]" } ?? "[?]" }

  /// Wider tables wrap on most terminals.
  private static let columnLimit = 100
}
