/// Colors and type of pictures; plain values only, because many programs that show SVG know no variables.
enum PictureStyle {
  struct Theme {
    let page, node, line, text, muted, edge, group, groupLine, block, blockLine, blockText: String
    let heat: [String]
    /// Colors of the stripes by `OperatorFamily`.
    let families: [OperatorFamily: String]
  }

  static let light = Theme(
    page: "#fbfbfa", node: "#ffffff", line: "#c9ccd1", text: "#1f2328", muted: "#68707a", edge: "#9aa1aa", group: "#f4f4f2",
    groupLine: "#dfe1e5",
    block: "#eef3ff", blockLine: "#a9bff5", blockText: "#3b5bdb", heat: Heat.light,
    families: [
      .product: "#4c78d0", .activation: "#3f9d6b", .pooling: "#1f9aa8", .normalization: "#8a63c9", .arithmetic: "#7d8793",
      .movement: "#c3c8cf",
      .attention: "#3b5bdb", .port: "#c3c8cf",
    ])

  static let dark = Theme(
    page: "#0f1216", node: "#1b2027", line: "#3a424d", text: "#e6e9ed", muted: "#99a3ae", edge: "#5d6773", group: "#151a20",
    groupLine: "#29303a",
    block: "#172038", blockLine: "#3d55a8", blockText: "#91a7ff", heat: Heat.dark,
    families: [
      .product: "#6d9bf0", .activation: "#5cc08b", .pooling: "#46bccb", .normalization: "#ab8be6", .arithmetic: "#8f99a5",
      .movement: "#4d5661",
      .attention: "#748ffc", .port: "#4d5661",
    ])

  /// The rules for everything inside a picture.
  static let picture = form + colors(light) + "@media (prefers-color-scheme: dark) {\n" + colors(dark) + "}\n"

  private static let form = """
    svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif }
    .node text { text-anchor: middle }
    .title { font-size: 13px; font-weight: 600 }
    .port .title { font-weight: 500 }
    .sub { font-size: 11px }
    .group text { font-size: 11px; font-weight: 500 }
    .group .more { font-style: italic }
    .headline { font-size: 16px; font-weight: 600 }
    .caption { font-size: 12px }
    #labels text { font-size: 10px; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke }
    #edges path { fill: none; stroke-width: 1.2px }
    .closed .body { stroke-width: 1.6px }

    """

  private static func colors(_ theme: Theme) -> String {
    var text = """
      .page { fill: \(theme.page) }
      .body { fill: \(theme.node); stroke: \(theme.line) }
      .title, .headline { fill: \(theme.text) }
      .sub, .caption, .group text, #labels text { fill: \(theme.muted) }
      #labels text { stroke: \(theme.page) }
      #edges path { stroke: \(theme.edge) }
      .tip { fill: \(theme.edge) }
      .group rect { fill: \(theme.group); stroke: \(theme.groupLine) }
      .block rect { fill: \(theme.block); stroke: \(theme.blockLine) }
      .block text { fill: \(theme.blockText) }
      .port .body { fill: \(theme.page) }
      .closed.attention .body { stroke: \(theme.blockLine) }

      """
    for family in OperatorFamily.allCases { text += ".\(family.rawValue) .stripe { fill: \(theme.families[family] ?? theme.line) }\n" }
    for level in 1..<Heat.levels {
      text += ".heat-macs .m\(level) .body, .heat-time .t\(level) .body { fill: \(theme.heat[level]) }\n"
      // Muted text and the stripe would drown in the stronger colors.
      guard level >= 5 else { continue }
      text += ".heat-macs .m\(level) .sub, .heat-time .t\(level) .sub { fill: \(theme.text) }\n"
      text += ".heat-macs .m\(level) .stripe, .heat-time .t\(level) .stripe { fill: \(theme.text); opacity: .45 }\n"
    }
    return text
  }
}
