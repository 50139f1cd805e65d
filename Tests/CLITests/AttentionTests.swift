import Foundation
import OnyxFiles
import OnyxImages
import OnyxTestSupport
import Testing

@Suite struct AttentionTests {
  private static let digits = "digits/model.onnx"

  @Test func table() throws {
    let result = try onyx("attention", Self.digits, "--dim", "batch=1")
    #expect(result.exitCode == 0 && messages(result) == "")
    let lines = result.standardOutput.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("block             kind  input       form"))
    let starts = [
      "stage1.attention  CBAM  1×16×28×28  r=4 k=7 avg+max sigmoid     226   0.4 %",
      "stage2.attention  SE    1×32×14×14  r=4 avg sigmoid             512   0.9 %",
      "stage3.attention  ECA   1×48×7×7    k=3 avg sigmoid               3  <0.1 %",
    ]
    for (line, start) in zip(lines[2...], starts) { #expect(line.hasPrefix(start), "\(line)") }
    #expect(lines.last?.hasPrefix("3 blocks: 1.4 % of 54.3 k parameters, 1.2 % of 6.59 M MACs, ") == true)
  }

  @Test func json() throws {
    let result = try onyx("attention", Self.digits, "--json", "--input", "digits/samples/digit-7-1314.png")
    let report = try CLITests.json(result)
    #expect(
      keys(report) == ["model", "blocks", "totals", "pictures", "rollout", "against", "files", "unsupported"]
        && report["pictures"] as? Int == 1)
    let blocks = rows(report["blocks"])
    #expect(blocks.map { $0["kind"] as? String } == ["CBAM", "SE", "ECA"])
    let first = try #require(blocks.first)
    #expect(
      keys(first) == [
        "kind", "name", "label", "class", "input", "inputs", "output", "shape", "channels", "hidden", "reduction", "kernel", "heads",
        "query",
        "pooling",
        "activation", "gate", "map", "gates", "maps", "nodes", "params", "macs", "bytes", "ms", "time_share", "params_share", "macs_share",
        "stats", "steps",
      ])
    #expect(first["label"] as? String == "stage1.attention" && first["class"] as? String == "export.blocks.CBAM")
    #expect(first["gate"] as? String == "sigmoid" && first["map"] as? String == "sigmoid_1" && first["pooling"] as? String == "both")
    #expect(
      first["channels"] as? Int == 16 && first["hidden"] as? Int == 4 && first["reduction"] as? Double == 4
        && first["kernel"] as? [Int] == [7, 7])
    #expect(
      first["params"] as? Int == 226 && first["shape"] as? [Int] == [1, 16, 28, 28] && (first["nodes"] as? [String])?.count ?? 0 > 10)
    let statistics = try #require(first["stats"] as? [String: Any])
    let (gate, map) = (try #require(statistics["gate"] as? [String: Any]), try #require(statistics["map"] as? [String: Any]))
    #expect(keys(gate) == ["count", "not_finite", "min", "max", "mean", "deviation", "entropy", "sparsity", "saturation"])
    #expect(gate["count"] as? Int == 16 && map["count"] as? Int == 28 * 28)
    for block in blocks {
      let share = try #require(block["time_share"] as? Double)
      #expect(share > 0 && share < 1 && block["ms"] as? Double ?? 0 > 0)
    }
  }

  @Test func filesOfARun() throws {
    let folder = try TemporaryDirectory()
    let pictures = ["digit-7-1314.png", "digit-8-773.png", "digit-9-1662.png"]
    let inputs = pictures.flatMap { ["--input", "digits/samples/\($0)"] }
    let result = try onyx(["attention", Self.digits, "--json", "--output-dir", folder.path("deep/out")] + inputs)
    let report = try CLITests.json(result)
    #expect(report["pictures"] as? Int == 3)
    let listed = try #require(report["files"] as? [String])
    #expect(Set(listed) == Set(try FileManager.default.contentsOfDirectory(atPath: folder.path("deep/out"))))
    for name in [
      "01-stage1.attention-map.svg", "01-stage1.attention-overlay.png", "03-stage3.attention-gates.png", "attention.html", "tensors-3.npz",
    ] {
      #expect(listed.contains(name), "\(name)")
    }
    for name in listed where name.hasSuffix(".png") {
      #expect(try Codecs.decodePNG(FileBytes.read(folder.path("deep/out/\(name)"))).width > 300)
    }
    let page = try String(contentsOfFile: folder.path("deep/out/attention.html"), encoding: .utf8)
    #expect(page.contains("mean of 3 pictures") && !page.contains("<script") && page.contains("default-src 'none'"))
    for picture in pictures { #expect(page.contains(picture)) }
    // Nothing comes from elsewhere: the only address is the name space of SVG.
    #expect(Set(page.matches(of: /[a-z]+:\/\/[^"' <]+/).map { String($0.output) }) == ["http://www.w3.org/2000/svg"])
    #expect(page.matches(of: /(?:href|src)="(?!data:image\/png;base64,|#block-|#picture-)/).isEmpty)
  }

  /// Gates by what is on the pictures, and tokens beside their weights.
  @Test func labelsAndTokens() throws {
    let folder = try TemporaryDirectory()
    let inputs = ["digit-7-1314.png", "digit-8-773.png", "digit-9-1662.png"].flatMap { ["--input", "digits/samples/\($0)"] }
    let labels = try folder.write(Array("seven\nround\nround\n".utf8), to: "labels.txt")
    let out = folder.path("out")
    #expect(try onyx(["attention", Self.digits, "--output-dir", out, "--labels", labels] + inputs).exitCode == 0)
    let table = try String(contentsOfFile: "\(out)/02-stage2.attention-gates-labels.csv", encoding: .utf8).split(separator: "\n")
    #expect(table.count == 33 && table[0] == "channel,separation,seven,round")
    #expect(table.dropFirst().allSatisfy { (0...1).contains(Double($0.split(separator: ",")[1]) ?? -1) })
    expectError(
      try onyx("attention", Self.digits, "--dim", "batch=1", "--output-dir", out, "--labels", labels), 64,
      "error: The labels file has 3 lines; the model saw 1 pictures.\n  Give a line for each picture.\n")
    let tokens = try folder.write(Array((0..<17).map { "t\($0)" }.joined(separator: "\n").utf8), to: "tokens.txt")
    let texts = folder.path("texts")
    #expect(try onyx("attention", "kinds/vit-dynamo.onnx", "--output-dir", texts, "--tokens", tokens).exitCode == 0)
    let rows = try String(contentsOfFile: "\(texts)/01-blocks.0.attn-tokens.csv", encoding: .utf8).split(separator: "\n")
    #expect(rows.count == 18 && rows[1].hasPrefix("t0,"))
    #expect(try String(contentsOfFile: "\(texts)/attention.html", encoding: .utf8).contains(">t16<"))
    expectError(
      try onyx("attention", Self.digits, "--dim", "batch=1", "--output-dir", out, "--tokens", tokens), 64,
      "error: The tokens file has 17 lines; no block of self-attention has as many tokens.\n  Give a line for each token.\n")
  }

  /// What the page says in words: a short name, whose numbers a cell holds, tokens instead of places, and pictures once.
  @Test func words() throws {
    let folder = try TemporaryDirectory()
    let digits = folder.path("digits")
    #expect(try onyx("attention", Self.digits, "--input", "digits/samples/digit-7-1314.png", "--output-dir", digits).exitCode == 0)
    let page = try String(contentsOfFile: "\(digits)/attention.html", encoding: .utf8)
    #expect(page.contains("<h1 title=\"digits/model.onnx\">Attention in digits/model.onnx</h1>") && page.contains("<td>gates<br>map</td>"))
    #expect(page.components(separatedBy: "<use href=\"#picture-1\"").count > 2 && page.contains("&lt;0.1 %"))
    let texts = folder.path("texts")
    let tokens = try folder.write(Array((0..<17).map { "t\($0)" }.joined(separator: "\n").utf8), to: "tokens.txt")
    #expect(try onyx("attention", "kinds/vit-dynamo.onnx", "--output-dir", texts, "--tokens", tokens).exitCode == 0)
    let named = try String(contentsOfFile: "\(texts)/attention.html", encoding: .utf8)
    #expect(named.contains("Attention in vit-dynamo.onnx<") && !named.contains("the class token"))
    #expect(named.contains("<title>0 t0: ") && named.contains("<title>16 t16: "))
    let places = folder.path("places")
    #expect(try onyx("attention", "kinds/vit-dynamo.onnx", "--output-dir", places).exitCode == 0)
    #expect(try String(contentsOfFile: "\(places)/attention.html", encoding: .utf8).contains("weights of the class token"))
  }

  /// Windows are shown by the middle one, sampled places by their mean.
  @Test func parts() throws {
    let folder = try TemporaryDirectory()
    for (model, words) in [
      ("swin", "weights of query 10 in part 4 of 8"), ("outlook", "a column for each sampled place, 9×9"),
      ("deformable", "a column for each sampled place"), ("pab", "weights of query"), ("fpa", "spatial map 16×16"),
    ] {
      #expect(try onyx("attention", "kinds/\(model)-dynamo.onnx", "--output-dir", folder.path(model)).exitCode == 0)
      let page = try String(contentsOfFile: folder.path("\(model)/attention.html"), encoding: .utf8)
      #expect(page.contains(words) && page.contains("<image "), "\(model)")
    }
  }

  /// Two models on one page, and in files.
  @Test func figuresAgainst() throws {
    let folder = try TemporaryDirectory()
    let result = try onyx(
      "attention", "kinds/vit-dynamo.onnx", "--against", "kinds/vit-torchscript.onnx", "--output-dir", folder.path, "--json")
    let files = try #require(try CLITests.json(result)["files"] as? [String])
    #expect(files.count { $0.contains("-against-matrix") } == 4)
    #expect(try String(contentsOfFile: folder.path("attention.html"), encoding: .utf8).contains("Against the other model"))
    let gates = try onyx("attention", Self.digits, "--against", Self.digits, "--output-dir", folder.path("digits"), "--json")
    let written = Set(try #require(try CLITests.json(gates)["files"] as? [String]))
    #expect(written.isSuperset(of: ["01-stage1.attention-against-gates.svg", "01-stage1.attention-against-map.png"]))
  }

  /// A model against itself, and against its export by another exporter, with other names.
  @Test func against() throws {
    let report = try CLITests.json(try onyx("attention", Self.digits, "--json", "--against", Self.digits))
    let same = try #require(report["against"] as? [String: Any])
    #expect(rows(same["blocks"]).count == 3 && (same["unmatched"] as? [String]) == [])
    for block in rows(same["blocks"]) { #expect((block["gate"] as? [String: Any])?["max"] as? Double == 0) }
    let result = try onyx("attention", "kinds/vit-dynamo.onnx", "--against", "kinds/vit-torchscript.onnx")
    #expect(result.exitCode == 0 && result.standardOutput.contains("against kinds/vit-torchscript.onnx"))
    let other = try onyx("attention", "kinds/bam-dynamo.onnx", "--against", "kinds/gct-dynamo.onnx")
    #expect(other.standardOutput.contains("Only one of the models has: blocks.0, blocks.1, blocks.0, blocks.1"))
  }

  /// What Netron shows beside the graph.
  @Test func netron() throws {
    let folder = try TemporaryDirectory()
    let result = try onyx("attention", Self.digits, "--netron", folder.path("blocks.json"), "--input", "digits/samples/digit-7-1314.png")
    #expect(result.exitCode == 0, "\(result.standardError)")
    let text = try Data(contentsOf: URL(filePath: folder.path("blocks.json")))
    let document = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    #expect(document["signature"] as? String == "netron:attachment")
    let (metadata, metrics) = (rows(document["metadata"]), rows(document["metrics"]))
    #expect(metadata.first?["kind"] as? String == "model" && metadata.first?["value"] as? String == "1 CBAM, 1 ECA, 1 SE")
    let titles = Set(metadata.filter { $0["kind"] as? String == "node" }.compactMap { $0["value"] as? String })
    #expect(titles == ["CBAM stage1.attention", "SE stage2.attention", "ECA stage3.attention"])
    let gate = metrics.filter { $0["target"] as? String == "sigmoid" }.compactMap { $0["name"] as? String }
    #expect(Set(gate) == ["mean", "min", "max", "entropy", "sparsity", "saturation"])
    expectError(
      try onyx("attention", Self.digits, "--netron", "blocks.txt"), 64,
      "error: '--netron blocks.txt' does not end with .json, by which Netron knows the file.\n" + Self.usage)
  }

  /// One query, on a model whose attention matrix is kept.
  @Test func queries() throws {
    let folder = try TemporaryDirectory()
    let model = "attention/non-local/dynamo-static/model.onnx"
    #expect(try onyx("attention", model, "--output-dir", folder.path("out"), "--query", "3").exitCode == 0)
    let page = try String(contentsOfFile: folder.path("out/attention.html"), encoding: .utf8)
    #expect(page.contains("weights of query 3") && page.contains("144 queries × 144 keys"))
    expectError(
      try onyx("attention", model, "--output-dir", folder.path("out"), "--query", "144"), 64,
      "error: '--query 144' is past the last of 144 queries.\n  Give a number of 0 … 143.\n")
    expectError(
      try onyx("attention", model, "--query", "1"), 64,
      "error: --query is for --output-dir; give --output-dir DIR too.\n" + Self.usage)
  }

  private static let usage = """
    Usage: onyx attention [<options>] <model>
      See 'onyx attention --help' for more information.

    """

  @Test func everyRowHasAPage() throws {
    let folder = try TemporaryDirectory()
    for row in try FileManager.default.contentsOfDirectory(
      atPath: Repository.models.appending(path: "attention").path(percentEncoded: false))
    {
      let variant = row == "keras-cbam" ? "keras-static" : "torchscript-dynamic"
      let result = try onyx("attention", "attention/\(row)/\(variant)/model.onnx", "--output-dir", folder.path(row))
      #expect(result.exitCode == 0, "\(row): \(result.standardError)")
      let page = try String(contentsOfFile: folder.path("\(row)/attention.html"), encoding: .utf8)
      if row == "gap-head" {
        #expect(page.contains("found no attention block") && result.standardOutput.hasPrefix("No attention blocks.\n"))
      } else {
        #expect(page.contains("<image ") || page.contains("<title>channel"), "\(row)")
      }
    }
  }

  /// Names from the model stand as text on the page, and cannot leave the folder.
  @Test func hostileNames() throws {
    let folder = try TemporaryDirectory()
    for (number, hostile) in ["<script>alert(1)", "../../../../etc/", "\"&&<img src=x x>"].enumerated() {
      #expect(hostile.utf8.count == "stage1.attention".utf8.count)
      var bytes = try FileBytes.read(Repository.models.appending(path: Self.digits).path(percentEncoded: false))
      var copies = 0
      for start in bytes.indices.dropLast(hostile.utf8.count) where bytes[start...].starts(with: "stage1.attention".utf8) {
        bytes.replaceSubrange(start..<start + hostile.utf8.count, with: hostile.utf8)
        copies += 1
      }
      #expect(copies > 5)
      let model = try folder.write(bytes, to: "model-\(number).onnx")
      let result = try onyx("attention", model, "--json", "--output-dir", folder.path("out-\(number)"))
      #expect((rows(try CLITests.json(result)["blocks"]).first?["label"] as? String)?.hasSuffix(hostile) == true, "\(result.standardError)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("out-\(number)"))
      #expect(
        files.count == 15 && files.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") } }, "\(files)")
      let page = try String(contentsOfFile: folder.path("out-\(number)/attention.html"), encoding: .utf8)
      #expect(!page.contains("<script") && !page.contains("<img") && page.contains("id=\"block-3\""))
    }
  }

  /// Pictures of different sizes in one report.
  @Test func severalSizes() throws {
    let folder = try TemporaryDirectory()
    let samples = Repository.models.appending(path: "digits/samples/digit-7-1314.png").path(percentEncoded: false)
    let small = Pixels(width: 20, height: 24, channels: 1, bytes: (0..<480).map { UInt8($0 % 256) })
    let file = try folder.write(try Codecs.encodePNG(small), to: "small.png")
    let model = "attention/non-local/dynamo-static/model.onnx"
    #expect(try onyx("attention", model, "--input", samples, "--input", file).exitCode == 64)
    let digits = try onyx("attention", Self.digits, "--input", samples, "--input", file, "--preprocess", "none")
    // The digits network takes pictures of one size only.
    #expect(digits.exitCode == 64 && digits.standardError.contains("28"))
    #expect(try onyx("attention", Self.digits, "--input", samples, "--input", file, "--output-dir", folder.path("out")).exitCode == 0)
  }

  @Test func wrongInputs() throws {
    expectError(
      try onyx(
        "attention", "attention/cross-attention/dynamo-static/model.onnx", "--input", "a.npy", "--input", "b.npy", "--input", "c.npy"), 64,
      "error: 3 files were given for a model with 2 inputs.\n  Give 2 for each run.\n")
    let result = try onyx(
      "attention", "attention/keras-cbam/keras-static/model.onnx", "--input", "digits/samples/digit-7-1314.png", "--preprocess", "none")
    #expect(result.exitCode == 64 && result.standardOutput == "", "\(result.standardError)")
    #expect(try onyx("attention", "nothing.onnx").exitCode == 66)
  }
}
