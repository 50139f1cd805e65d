import Foundation
import Onyx
import OnyxTestSupport
import Testing

/// The keys that scripts rely on; with --json stdout is one document and nothing else.
@Suite struct JSONFormTests {
  private static let model = "attention/se-avg/dynamo-dynamic/model.onnx"

  private static func report(_ arguments: String..., code: Int32 = 0) throws -> [String: Any] {
    let result = try onyx(arguments + ["--json"])
    #expect(result.exitCode == code)
    return try json(result)
  }

  @Test func bench() throws {
    let report = try Self.report("bench", Self.model, "--seconds", "0", "--threads", "2", "--dim", "batch=1")
    #expect(
      keys(report) == [
        "model", "threads", "load_ms", "first_run_ms", "median_ms", "p90_ms", "min_ms", "runs", "cpu_ms", "peak_rss_mb", "isa", "macs",
        "runs_per_second",
        "bytes_moved",
        "gflops", "gbs",
      ])
    #expect(report["model"] as? String == Self.model && report["threads"] as? Int == 2 && report["runs"] as? Int == 5)
    let (least, median, p90) = (report["min_ms"] as? Double ?? 0, report["median_ms"] as? Double ?? 0, report["p90_ms"] as? Double ?? 0)
    #expect(least > 0 && least <= median && median <= p90)
    #expect(report["peak_rss_mb"] as? Double ?? 0 > 1)
    #expect(["scalar", "avx2", "avx512", "neon"].contains(report["isa"] as? String))
    let (macs, bytes) = (report["macs"] as? Int ?? 0, report["bytes_moved"] as? Int ?? 0)
    #expect(macs == 648 && bytes >= 2 * 13824 + 2592)
    #expect(abs((report["gflops"] as? Double ?? 0) * median * 1e6 - 2 * Double(macs)) < 1)
    #expect(abs((report["gbs"] as? Double ?? 0) * median * 1e6 - Double(bytes)) < 1)
  }

  @Test func benchWithPauses() throws {
    let report = try Self.report("bench", Self.model, "--dim", "batch=1", "--seconds", "0.1", "--rate", "50", "--idle", "0.2")
    let (paced, idle) = (try #require(report["paced"] as? [String: Any]), try #require(report["idle"] as? [String: Any]))
    #expect(keys(paced) == ["rate", "runs", "median_ms", "cpu_ms"] && keys(idle) == ["seconds", "cpu_ms"])
    #expect(paced["rate"] as? Double == 50 && paced["runs"] as? Int == 5)
    #expect(paced["median_ms"] as? Double ?? 0 > 0 && paced["cpu_ms"] as? Double ?? 0 > 0)
    // A pool that went on spinning would use a processor for most of the time.
    #expect(idle["seconds"] as? Double == 0.2 && idle["cpu_ms"] as? Double ?? 200 < 20)
  }

  @Test func test() throws {
    let report = try Self.report("test", "opsets/se-avg")
    #expect(keys(report) == ["passed", "failed", "skipped", "cases"])
    #expect(report["passed"] as? Int == 7 && report["failed"] as? Int == 0 && report["skipped"] as? Int == 0)
    let cases = rows(report["cases"])
    #expect(cases.count == 7)
    for row in cases {
      #expect(Set(row.keys).isSuperset(of: ["name", "result", "reason"]))
      #expect(row["result"] as? String == "pass" && row["reason"] is NSNull)
    }
    let failed = try Self.report("test", "opsets/se-avg", "--rtol", "0", "--atol", "0", code: 1)
    #expect(failed["failed"] as? Int ?? 0 > 0)
    for row in rows(failed["cases"]) where row["result"] as? String == "fail" { #expect((row["reason"] as? String)?.isEmpty == false) }
  }

  @Test func summary() throws {
    let report = try Self.report("summary", Self.model, "--dim", "batch=2")
    #expect(
      keys(report) == [
        "ir_version", "opsets", "producer", "inputs", "outputs", "nodes", "totals", "modules", "attention", "dimensions", "uncounted",
        "unsupported",
      ])
    #expect(report["ir_version"] as? Int == 10 && report["producer"] as? String == "pytorch 2.15.0")
    #expect(report["opsets"] as? [String: Int] == ["ai.onnx": 20])
    for port in rows(report["inputs"]) + rows(report["outputs"]) { #expect(keys(port) == ["name", "type", "shape"]) }
    let shape = try #require(rows(report["inputs"]).first?["shape"] as? [Any])
    #expect(shape.compactMap { $0 as? Int } == [2, 54, 8, 8])
    let open = rows(try Self.report("summary", Self.model)["inputs"]).first?["shape"] as? [Any]
    #expect(open?.first as? String == "batch" && open?.dropFirst().compactMap { $0 as? Int } == [54, 8, 8])
    let nodes = rows(report["nodes"])
    #expect(nodes.count == 8)
    for node in nodes {
      #expect(keys(node) == ["name", "op", "domain", "inputs", "outputs", "shape", "macs", "params", "bytes", "module", "block"])
    }
    let gemm = try #require(nodes.first { $0["op"] as? String == "Gemm" })
    #expect(gemm["macs"] as? Int == 2 * 54 * 6 && gemm["params"] as? Int == 54 * 6 && gemm["bytes"] as? Int == 2 * 6 * 4)
    #expect(gemm["domain"] as? String == "ai.onnx")
    let modules = rows(report["modules"])
    #expect(modules.map { $0["name"] as? String } == ["pool", "fc", "fc.0", "fc.1", "fc.2", "fc.3"])
    for module in modules { #expect(keys(module) == ["name", "type", "depth", "nodes", "params", "macs", "bytes"]) }
    #expect(modules[1]["type"] as? String == "Sequential" && modules[1]["nodes"] as? Int == 4 && modules[1]["macs"] as? Int == 1296)
    let block = try #require(rows(report["attention"]).first)
    #expect(
      keys(block) == [
        "kind", "name", "label", "class", "input", "inputs", "output", "shape", "channels", "hidden", "reduction", "kernel", "heads",
        "query",
        "pooling", "activation", "gate", "map", "gates", "maps", "nodes", "params", "macs", "bytes",
      ])
    #expect(
      block["kind"] as? String == "SE" && block["channels"] as? Int == 54 && block["reduction"] as? Double == 9 && block["kernel"] is NSNull
    )
    #expect(block["input"] as? String == "x" && block["output"] as? String == "output" && block["map"] is NSNull)
    #expect(
      block["macs"] as? Int == 1296 && block["params"] as? Int == 648 && (block["nodes"] as? [String])?.contains("node_linear") == true)
    let totals = try #require(report["totals"] as? [String: Any])
    #expect(keys(totals) == ["nodes", "body_nodes", "params", "macs", "weights_bytes", "peak_activation_bytes"])
    #expect(totals["nodes"] as? Int == 8 && totals["params"] as? Int == 648 && totals["macs"] as? Int == 1296)
  }

  @Test func coverage() throws {
    let report = try Self.report("coverage", Self.model)
    #expect(keys(report) == ["supported", "operators"])
    #expect(report["supported"] as? Bool == true)
    for row in rows(report["operators"]) {
      #expect(keys(row) == ["domain", "op", "opset", "count", "supported", "reason", "types", "fast_types"])
      #expect(row["supported"] as? Bool == true && row["reason"] is NSNull && row["opset"] as? Int == 20)
    }
    let standard = try Self.report("coverage")
    let operators = rows(standard["operators"])
    #expect(operators.count > 200)
    for row in operators where row["supported"] as? Bool == false { #expect((row["reason"] as? String)?.isEmpty == false) }
    #expect(standard["supported"] as? Bool == operators.allSatisfy { $0["supported"] as? Bool == true })
  }

  /// The documents are the values that the library returns.
  @Test(arguments: [
    "attention/se-avg/dynamo-dynamic", "digits", "attention/keras-cbam/keras-static", "attention/self-attention/torchscript-dynamic",
  ])
  func documentsAreTheLibrarysValues(_ name: String) throws {
    let path = "\(name)/model.onnx"
    let model = try Model(path: ModelCase(name).path)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(try onyx("summary", path, "--json").standardOutput.utf8))
    #expect(try model.summary() == summary)
    #expect(try onyx("summary", path).standardOutput == model.summary().description)
    #expect(try onyx("summary", path, "--csv").standardOutput == model.summary().csv)
    let coverage = try JSONDecoder().decode(Coverage.self, from: Data(try onyx("coverage", path, "--json").standardOutput.utf8))
    #expect(model.coverage() == coverage)
    #expect(try onyx("coverage", path).standardOutput == model.coverage().description)
    struct Report: Decodable { let blocks: [Summary.AttentionBlock] }
    let attention = try JSONDecoder().decode(Report.self, from: Data(try onyx("attention", path, "--json").standardOutput.utf8))
    #expect(try model.attentionBlocks() == attention.blocks)
  }

  @Test func coverageOfUnknownOperators() throws {
    let folder = try TemporaryDirectory()
    let model = try folder.write(
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Mystery", ["x"], ["t"]), Onnx.node("Sqrt", ["t"], ["y"])])), to: "m.onnx")
    let report = try Self.report("coverage", model, code: 69)
    #expect(report["supported"] as? Bool == false)
    #expect(rows(report["operators"]).map { $0["supported"] as? Bool } == [false, true])
  }

  @Test func check() throws {
    let valid = try Self.report("check", Self.model)
    #expect(keys(valid) == ["model", "valid", "code", "error", "assumed"] && valid["assumed"] as? [String: Int] == ["batch": 1])
    #expect(valid["valid"] as? Bool == true && valid["code"] as? Int == 0 && valid["error"] is NSNull)
    let folder = try TemporaryDirectory()
    let broken = try folder.write(Array("<html>".utf8), to: "m.onnx")
    let invalid = try Self.report("check", broken, code: 65)
    #expect(invalid["valid"] as? Bool == false && invalid["code"] as? Int == 65)
    #expect((invalid["error"] as? String)?.contains("HTML page") == true)
  }

  @Test func explain() throws {
    let report = try Self.report("explain", Self.model)
    #expect(keys(report) == ["isa", "threads", "arena_bytes", "activation_bytes", "steps", "reorders", "strips", "rewrites"])
    for step in rows(report["steps"]) { #expect(keys(step) == ["name", "op", "kernel", "inputs", "outputs", "memory"]) }
  }

  @Test func run() throws {
    let folder = try TemporaryDirectory()
    let model = try folder.write(Onnx.good, to: "good.onnx")
    let result = try onyx(
      "run", model, "--input", try folder.write(Array(#"{"name":"x","type":"float32","shape":[1],"data":[4]}"#.utf8), to: "x.json"),
      "--json")
    let report = try #require(rows(try json(result)["outputs"]).first)
    #expect(keys(report) == ["name", "type", "shape", "data"])
    #expect(report["name"] as? String == "y" && report["type"] as? String == "float32")
    #expect(report["shape"] as? [Int] == [3] && report["data"] as? [Double] == [2, 3, 4])
    let several = try onyx("run", model, "--dim", "n=1", "--fetch", "t", "--json")
    #expect(rows(try json(several)["outputs"]).map { $0["name"] as? String } == ["y", "t"])
  }

  @Test func errorsAreDocumentsToo() throws {
    for command in ["summary", "explain", "run", "bench", "profile"] {
      let result = try onyx(command, "none.onnx", "--json")
      #expect(result.exitCode == 66 && result.standardError == "error: The file 'none.onnx' does not exist.\n  Check the path.\n")
      let error = try #require(try json(result)["error"] as? [String: Any])
      #expect(error["code"] as? Int == 66 && error["message"] as? String == "The file 'none.onnx' does not exist.")
    }
  }
}
