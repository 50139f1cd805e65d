/// The look of the page around a picture.
enum GraphPageStyle {
  static let text =
    PictureStyle.picture + form + colors(PictureStyle.light) + "@media (prefers-color-scheme: dark) {\n" + colors(PictureStyle.dark)
    + missesInTheDark + "}\n"

  /// Dim on a dark ground is darker still.
  private static let missesInTheDark = """
    .searching .node:not(.hit) { opacity: .55 }
    .searching .edge, .searching #labels text { opacity: .5 }

    """

  private static let form = """
    :root { color-scheme: light dark }
    * { box-sizing: border-box }
    body { margin: 0; font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif }
    header { position: sticky; top: 0; left: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center;
      justify-content: space-between; min-height: 52px; padding: 8px 16px; border-bottom: 1px solid }
    .name b { font-size: 15px; margin-right: 12px }
    .tools { display: none; flex-wrap: wrap; gap: 8px; align-items: center }
    .scripted .tools { display: flex }
    .tools input, .tools select, .tools button { font: inherit; height: 32px; padding: 0 10px; border: 1px solid; border-radius: 6px }
    .tools button, .tools select { cursor: pointer }
    .tools :focus-visible { outline: 2px solid #5c7cfa; outline-offset: 1px }
    .find { position: relative }
    .find input { width: 230px; padding-right: 58px }
    .find output { position: absolute; right: 28px; top: 6px; font-size: 12px }
    .zoom { display: inline-flex }
    .zoom button { border-radius: 0; margin-left: -1px }
    .zoom button:first-child { border-radius: 6px 0 0 6px; margin-left: 0 }
    .zoom button:last-child { border-radius: 0 6px 6px 0 }
    main { overflow: auto }
    main svg { display: block; margin: 0 auto }
    .scripted, .scripted body { height: 100%; overflow: hidden }
    .scripted body { display: flex; flex-direction: column }
    .scripted main { flex: 1; overflow: hidden; cursor: grab; touch-action: none }
    .scripted main.moving { cursor: grabbing }
    .scripted main svg { width: 100%; height: 100%; user-select: none; -webkit-user-select: none }
    .scripted .node, .scripted .group text { cursor: pointer }
    .gone { display: none }
    .searching .node:not(.hit), .searching .edge, .searching #labels text { opacity: .3 }
    .legend { position: fixed; left: 16px; bottom: 12px; display: none; align-items: center; gap: 8px; padding: 6px 10px; border: 1px solid;
      border-radius: 8px; font-size: 12px }
    .heated .legend { display: flex }
    .legend i { display: inline-block; width: 14px; height: 10px }
    .node.hit .body { stroke: #5c7cfa; stroke-width: 2.4px }
    .node.chosen .body { stroke: #5c7cfa; stroke-width: 2.4px }
    #edges path.near { stroke: #5c7cfa; stroke-width: 2px }
    .sign { font-size: 14px; text-anchor: end }
    aside { position: fixed; right: 16px; top: 72px; width: 340px; max-height: calc(100vh - 96px); overflow: auto; padding: 14px 16px;
      border: 1px solid; border-radius: 10px; box-shadow: 0 6px 24px rgba(0, 0, 0, .12); overflow-wrap: anywhere }
    aside h2 { font-size: 15px; margin: 0 24px 8px 0 }
    aside dl { margin: 0 } aside dt { font-size: 11px; margin-top: 8px } aside dd { margin: 0; white-space: pre-line }
    aside button { position: absolute; right: 10px; top: 10px; width: 26px; height: 26px; border: 0;
      background: none; font: inherit; color: inherit; cursor: pointer }

    """

  private static func colors(_ theme: PictureStyle.Theme) -> String {
    """
    body { background: \(theme.page); color: \(theme.text) }
    header { background: \(theme.page); border-color: \(theme.groupLine) }
    .name span, .find output, aside dt { color: \(theme.muted) }
    .tools input, .tools select, .tools button { background: \(theme.node); color: \(theme.text); border-color: \(theme.line) }
    .tools button[aria-pressed="true"] { background: \(theme.block); color: \(theme.blockText); border-color: \(theme.blockLine) }
    aside { background: \(theme.node); border-color: \(theme.groupLine) }
    .sign { fill: \(theme.muted) }
    .legend { background: \(theme.node); border-color: \(theme.groupLine); color: \(theme.muted) }
    \(legend(theme))
    """
  }

  private static func legend(_ theme: PictureStyle.Theme) -> String {
    (1..<Heat.levels).map { ".legend i:nth-child(\($0)) { background: \(theme.heat[$0]) }\n" }.joined()
  }
}
