import OnyxFigures

/// The style sheet of pages.
enum AttentionPageStyle {
  static var text: String {
    """
    :root{\(Ink.variables(isDark: false));--ground:#f5f7f8}
    @media(prefers-color-scheme:dark){:root{\(Ink.variables(isDark: true));--ground:#0f1215}}
    *{box-sizing:border-box}
    body{margin:0 auto;padding:40px 32px 64px;max-width:1180px;background:var(--ground);color:var(--text);
      font:14px/1.5 system-ui,sans-serif}
    h1{font-size:24px;line-height:1.25;margin:0 0 4px;font-weight:650;overflow-wrap:anywhere}
    h2{font-size:17px;margin:0 0 2px;font-weight:650;overflow-wrap:anywhere}
    p{margin:0 0 12px;max-width:80ch}
    a{color:var(--mark);text-decoration:none}
    a:hover{text-decoration:underline}
    .muted,header p,figcaption,footer{color:var(--muted)}
    .kind{display:inline-block;margin-left:6px;padding:1px 8px;border-radius:9px;background:var(--soft-mark);
      font-size:12px;font-weight:500;vertical-align:2px}
    .gallery{display:flex;flex-wrap:wrap;gap:16px;margin:20px 0 8px;align-items:flex-end}
    figure{margin:0}
    .shelf{position:absolute}
    figcaption{font-size:12px;margin-top:4px;max-width:160px;overflow-wrap:anywhere}
    .scroll{overflow-x:auto;margin:20px 0 28px;background:var(--surface);border:1px solid var(--rule);border-radius:10px}
    table{border-collapse:collapse;width:100%;font-size:13px}
    th{font-weight:500;color:var(--muted);text-align:right;border-bottom:1px solid var(--rule)}
    th,td{padding:8px 9px;white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}
    th:nth-child(-n+4),td:nth-child(-n+4){text-align:left}
    th:nth-child(8),td:nth-child(8){text-align:left;color:var(--muted);padding-left:18px}
    td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:120px}
    td:nth-child(4){white-space:normal;min-width:76px}
    th:first-child,td:first-child{padding-left:18px}
    th:last-child,td:last-child{padding-right:18px}
    tbody tr+tr td{border-top:1px solid var(--rule)}
    section{background:var(--surface);border:1px solid var(--rule);border-radius:10px;padding:22px 24px;margin:0 0 20px}
    .row{display:flex;flex-wrap:wrap;gap:28px;align-items:flex-start;margin-top:14px}
    .figures{flex:1 1 560px;min-width:0;display:flex;flex-wrap:wrap;gap:28px}
    .figures svg{max-width:100%;height:auto;display:block}
    dl{flex:0 0 250px;display:grid;grid-template-columns:auto 1fr;gap:3px 14px;margin:0;font-size:13px}
    dt{color:var(--muted);white-space:nowrap}
    dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
    .note{background:none;border:none;padding:8px 2px;color:var(--muted);font-size:13px}
    .note h2{font-size:14px}
    footer{font-size:12px}
    @media print{body{background:none}section{break-inside:avoid}}

    """
  }
}
