import Foundation
import OnyxTestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `onyx graph`: its three formats, folding, heat, limits, and that a browser shows the page.
@Suite struct GraphTests {
  private static let model = "attention/cbam-fc/dynamo-dynamic/model.onnx"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func draw(_ model: String, _ name: String, _ arguments: String...) throws -> String {
    let path = folder.path(name)
    let result = try onyx(["graph", model, "-o", path] + arguments)
    #expect(result.exitCode == 0 && result.standardOutput == "", "\(result.standardError)")
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  private static func isInstalled(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  private static let hasGraphviz = isInstalled("dot")
  private static let browser = ["chromium", "chromium-browser", "google-chrome"].first(where: isInstalled)

  /// Names that break XML, HTML, scripts and DOT unless they are escaped.
  private static let evil = #"</script><b a="x" c='y'>\&{}|"#

  private static func chain(_ names: [String]) -> [UInt8] {
    let nodes = names.enumerated().map { index, name in
      Onnx.node("Relu", [index == 0 ? "x" : "t\(index)"], [index == names.count - 1 ? "y" : "t\(index + 1)"], name: name)
    }
    return Onnx.model(Onnx.graph(nodes: nodes))
  }

  @Test func dot() throws {
    let text = try draw(Self.model, "g.dot")
    #expect(text.hasPrefix("digraph \"cbam-fc/dynamo-dynamic\" {\n") || text.hasPrefix("digraph "))
    #expect(text.contains("subgraph cluster_0") && text.contains("label=\"CBAM 1"))
    #expect(text.contains("label=\"batch×54×8×8\"") && text.contains("label=\"Gemm\\n54 → 6\""))
    #expect(text.filter { $0 == "{" }.count == text.filter { $0 == "}" }.count)
  }

  @Test func foldedDot() throws {
    let folded = try draw(Self.model, "g.dot", "--fold-attention")
    #expect(folded.contains("label=\"CBAM 1") && !folded.contains("Gemm") && !folded.contains("subgraph"))
    #expect(folded.split(separator: "\n").count { $0.contains(" -> ") } == 2)
    let shallow = try draw("digits/model.onnx", "d.dot", "--depth", "0")
    #expect(shallow.contains("stage1 · ") && !shallow.contains("subgraph"))
    let deeper = try draw("digits/model.onnx", "d.dot", "--depth", "1")
    #expect(deeper.contains("subgraph cluster_0") && deeper.contains("CBAM · stage1.attention") && !deeper.contains("Concat"))
  }

  @Test(.enabled(if: hasGraphviz, "Graphviz is not installed: apt install graphviz")) func svg() throws {
    let text = try draw("digits/model.onnx", "d.svg")
    #expect(XMLParser(data: Data(text.utf8)).parse())
    #expect(text.components(separatedBy: "class=\"node ").count - 1 == 59 + 2)
    #expect(text.contains("class=\"heat-macs\"") && text.contains("prefers-color-scheme: dark") && text.contains(">SE · stage2.attention<"))
    #expect(text.contains(">batch×1×28×28<") && !text.contains("href=\"http") && !text.contains("url(http"))
    let timed = try draw("digits/model.onnx", "t.svg", "--time", "--threads", "1")
    #expect(timed.contains("class=\"heat-time\"") && timed.contains(" ms · color: time"))
    // The legend: nine colours, and what the strongest stands for.
    #expect((1...9).allSatisfy { timed.contains("<g class=\"m\($0) t\($0)\"><rect class=\"body\"") })
    #expect(timed.contains(/up to [0-9.]+ % of the time/) && text.contains(/up to [0-9.]+ % of the MACs/))
  }

  @Test(.enabled(if: hasGraphviz)) func everyNameIsEscaped() throws {
    let model = try folder.write(Self.chain([Self.evil, "/m<1>/\"a\"/Relu", "/m<1>/\"b\"/Relu", "\u{1}\u{7F}"]), to: "evil.onnx")
    #expect(XMLParser(data: Data(try draw(model, "e.svg").utf8)).parse())
    let page = try draw(model, "e.html")
    #expect(page.components(separatedBy: "</script>").count == 3 && !page.contains("<b a="))
    let data = try #require(page.firstMatch(of: /<script id="data" type="application\/json">(.*?)<\/script>/)?.output.1)
    let nodes = rows((try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])?["nodes"])
    #expect(nodes.contains { rows($0["details"]).contains { $0["text"] as? String == Self.evil } })
    #expect(try draw(model, "e.dot").contains(#"\"x\" c='y'>\\&{}|"#))
  }

  /// Depth-first folding keeps what is drawn small; a graph without modules ends with a message.
  @Test(.enabled(if: hasGraphviz)) func hugeGraphs() throws {
    let scoped = try folder.write(Self.chain((0..<6000).map { "/a\($0 / 600)/b\($0 / 20)/c\($0 / 4)/Relu" }), to: "scoped.onnx")
    let result = try onyx("graph", scoped, "-o", folder.path("s.html"))
    #expect(result.exitCode == 0 && result.standardError.hasPrefix("note: inner modules are drawn as one node each, "), "\(result)")
    let flat = try folder.write(Self.chain((0..<6000).map { "r\($0)" }), to: "flat.onnx")
    expectError(
      try onyx("graph", flat, "-o", folder.path("f.svg")), 75,
      "error: The picture would have 6002 nodes and 6001 edges; 1500 and 6000 can be laid out.\n"
        + "  Draw fewer with --depth N where the model has modules, or write a .dot file.\n")
    #expect(try onyx("graph", flat, "-o", folder.path("f.dot")).exitCode == 0)
  }

  @Test func withoutGraphviz() throws {
    let result = try onyx(["graph", Self.model, "-o", folder.path("g.svg")], environment: ["PATH": folder.path])
    expectError(
      result, 66,
      "error: The program 'dot' of Graphviz, which places the nodes, is not installed.\n"
        + "  Install it: 'apt install graphviz' on Debian and Ubuntu, "
        + "'brew install graphviz' on macOS; a .dot file needs no program.\n")
    #expect(try onyx(["graph", Self.model, "-o", folder.path("g.dot")], environment: ["PATH": folder.path]).exitCode == 0)
  }

  /// Programs that are not Graphviz: one that fails, and one whose answer is no layout.
  @Test(arguments: [
    ("exit 3", "The program 'dot' failed with exit code 3."), ("echo '{\"bb\":\"0\"}'", "Graphviz placed only a part of the picture."),
  ])
  func brokenGraphviz(_ script: String, _ text: String) throws {
    let path = try folder.write(Array("#!/bin/sh\n\(script)\n".utf8), to: "dot")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    let result = try onyx(["graph", Self.model, "-o", folder.path("g.svg")], environment: ["PATH": folder.path])
    #expect([69, 70].contains(result.exitCode) && result.standardError.hasPrefix("error: \(text)"), "\(result)")
  }

  @Test func wrongUsage() throws {
    for (arguments, text) in [
      (["-o", "g.png"], "'--output g.png' ends in none of .dot, .svg and .html."),
      (["-o", "g.svg", "--depth", "-1"], "'--depth -1' is not at least 0."),
      (["-o", "g.svg", "--threads", "2"], "--threads is for --time; give --time too."), ([], "Missing expected argument '--output <FILE>'"),
    ] {
      let result = try onyx(["graph", Self.model] + arguments)
      #expect(result.exitCode == 64 && result.standardError.hasPrefix("error: \(text)"), "\(result.standardError)")
    }
    #expect(try onyx("graph", Self.model, "-o", "no/such/folder/g.dot").exitCode == 66)
  }

  // MARK: In a browser

  private func browse(_ page: String, _ state: String, _ arguments: [String]) throws -> ProcessResult {
    let program = try #require(Self.browser)
    let url = "file://\(folder.path(page))\(state.isEmpty ? "" : "#" + state)"
    let flags = [
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,800",
      "--user-data-dir=\(folder.path("profile"))",
    ]
    return try runProcess(URL(filePath: "/usr/bin/env"), [program] + flags + arguments + [url])
  }

  @Test(.enabled(if: hasGraphviz && browser != nil, "Graphviz or Chromium is not installed: apt install graphviz chromium"))
  func thePageRuns() throws {
    _ = try draw("digits/model.onnx", "d.html", "--time", "--threads", "1")
    let open = try browse("d.html", "", ["--dump-dom"]).standardOutput
    #expect(
      open.contains("class=\"scripted heated\"") && open.components(separatedBy: "class=\"node ").count - 1 == 61 && !open.contains(" gone")
    )
    let folded = try browse("d.html", "fold=attention&heat=time", ["--dump-dom"]).standardOutput
    #expect(open.contains(/id="most">up to [0-9.]+ % of the (MACs|time)</) && folded.contains(/id="most">up to [0-9.]+ % of the time</))
    #expect(folded.contains("class=\"heat-time\"") && folded.contains("id=\"b") && folded.components(separatedBy: " gone").count > 30)
    let found = try browse("d.html", "find=node_Conv&go=1", ["--dump-dom"]).standardOutput
    #expect(found.contains("searching") && found.contains(" chosen") && found.contains("<dt>Module</dt>"))
    for state in [open, folded, found] { #expect(!state.contains("NaN") && !state.contains("undefined")) }
  }

  @Test(.enabled(if: hasGraphviz && browser != nil, "Graphviz or Chromium is not installed: apt install graphviz chromium"))
  func thePageShows() throws {
    _ = try draw("digits/model.onnx", "d.html")
    let pictures = try ["view=fit", "view=fit&depth=0"].map { state in
      let path = folder.path("shot.png")
      try? FileManager.default.removeItem(atPath: path)
      _ = try browse("d.html", state, ["--screenshot=\(path)"])
      return try #require(FileManager.default.contents(atPath: path))
    }
    // A blank page of this size is a few kilobytes.
    for picture in pictures { #expect(picture.count > 15_000) }
    #expect(pictures[0] != pictures[1])
  }
}
