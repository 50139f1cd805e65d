import Foundation
import OnyxTestSupport
import Testing

/// `onyx profile`: its JSON form, its tables, its trace, its errors.
@Suite struct ProfileTests {
  private static let model = "attention/se-avg/dynamo-dynamic/model.onnx"
  private static let plain = ["--optimization", "none", "--isa", "scalar", "--threads", "1", "--dim", "batch=1"]

  private static func profile(_ arguments: [String]) throws -> [String: Any] {
    let result = try onyx(["profile", model, "--runs", "5", "--json"] + arguments)
    #expect(result.exitCode == 0 && result.standardError == "")
    return try json(result)
  }

  private static func sum(_ rows: [[String: Any]], _ key: String) -> Double { rows.reduce(0) { $0 + ($1[key] as? Double ?? .nan) } }

  private static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }

  @Test func form() throws {
    let report = try Self.profile(Self.plain)
    #expect(keys(report) == ["model", "isa", "threads", "runs", "run_ms", "peak_activation_bytes", "total", "steps", "operators"])
    #expect(report["model"] as? String == Self.model && report["isa"] as? String == "scalar")
    #expect(report["threads"] as? Int == 1 && report["runs"] as? Int == 5)
    let cost: Set<String> = ["ms", "share", "macs", "bytes", "gflops", "gbs"]
    #expect(keys(report["total"]) == cost)
    let steps = rows(report["steps"])
    for step in steps { #expect(keys(step) == cost.union(["name", "op", "kernel", "type", "shape", "calls", "live_bytes"])) }
    for group in rows(report["operators"]) { #expect(keys(group) == cost.union(["name", "calls"])) }
    // The order of execution, and what is there by then: the gate's vector, two vectors at most, at last the output.
    #expect(steps.map { $0["name"] as? String } == ["node_mean", "node_linear", "node_relu", "node_linear_1", "node_sigmoid", "node_mul_2"])
    #expect(steps.map { $0["live_bytes"] as? Int } == [216, 240, 24, 240, 216, 216 + 13824])
    #expect(steps.map { $0["macs"] as? Int } == [0, 324, 0, 324, 0, 0])
    #expect(steps.first?["bytes"] as? Int == 13824 + 16 + 216 && steps.last?["bytes"] as? Int == 2 * 13824 + 216)
    #expect(steps.last?["kernel"] as? String == "mul_f32" && steps.last?["shape"] as? [Int] == [1, 54, 8, 8])
    #expect(steps.last?["gflops"] is NSNull && steps.last?["gbs"] as? Double ?? 0 > 0)
    #expect(report["peak_activation_bytes"] as? Int == 320 + 13824)
  }

  @Test(arguments: [plain, ["--dim", "batch=2", "--threads", "2"]]) func sums(_ arguments: [String]) throws {
    let report = try Self.profile(arguments)
    let (steps, groups) = (rows(report["steps"]), rows(report["operators"]))
    let total = try #require(report["total"] as? [String: Any])
    for key in ["ms", "share", "macs", "bytes"] {
      let whole = try #require(total[key] as? Double)
      #expect(Self.isNear(Self.sum(steps, key), whole) && Self.isNear(Self.sum(groups, key), whole), "\(key)")
    }
    #expect(total["share"] as? Double == 1)
    #expect(Self.sum(groups, "calls") == Double(steps.count))
    #expect(Set(groups.map { $0["name"] as? String }) == Set(steps.map { $0["op"] as? String }))
    for row in steps + groups + [total] {
      let (time, macs, bytes) = (row["ms"] as? Double ?? 0, row["macs"] as? Double ?? 0, row["bytes"] as? Double ?? 0)
      #expect(time > 0 && bytes > 0)
      #expect(Self.isNear(row["gflops"] as? Double ?? 0, 2 * macs / time / 1e6) && Self.isNear(row["gbs"] as? Double ?? 0, bytes / time / 1e6))
    }
    let times = groups.map { $0["ms"] as? Double ?? 0 }
    #expect(times == times.sorted(by: >))
  }

  @Test func text() throws {
    let result = try onyx(["profile", Self.model, "--runs", "3"] + Self.plain)
    #expect(result.exitCode == 0 && result.standardError == "")
    let tables = result.standardOutput.components(separatedBy: "\n\n").map { $0.split(separator: "\n") }
    #expect(tables.count == 3 && tables[0].count == 2 + 5 + 1 && tables[1].count == 2 + 6)
    #expect(tables[0][0].split(separator: /\s{2,}/) == ["operator", "calls", "time ms", "share", "GFLOP/s", "GB/s"])
    #expect(tables[0].last?.hasPrefix("all ") == true && tables[0].last?.contains(" 100.0 % ") == true)
    #expect(tables[1][0].split(separator: /\s{2,}/) == ["operator", "name", "kernel", "output", "calls", "time ms", "share", "GFLOP/s", "GB/s"])
    #expect(tables[1].contains { $0.contains("node_linear_1  gemm_f32_packed  float32[1,54]") })
    #expect(tables[2][0].hasPrefix("run ") && tables[2][0].hasSuffix(" 6 steps; scalar, 1 thread, median of 3 runs, activations 13.8 KB"))
  }

  @Test func trace() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([], to: "trace.json")
    let result = try onyx(["profile", Self.model, "--runs", "4", "--trace", path] + Self.plain)
    #expect(result.exitCode == 0)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    let events = rows(document["traceEvents"])
    #expect(events.filter { $0["ph"] as? String == "M" }.count == 2)
    let slices = events.filter { $0["ph"] as? String == "X" }
    let runs = slices.filter { $0["cat"] as? String == "run" }
    #expect(runs.count == 4 && slices.count == 4 * (1 + 6))
    for slice in slices { #expect(slice["dur"] as? Double ?? -1 >= 0 && slice["pid"] as? Int == 1 && slice["tid"] as? Int == 1) }
    // Each run holds its steps, and they follow one another.
    let steps = slices.filter { $0["cat"] as? String != "run" }
    for (index, run) in runs.enumerated() {
      var end = try #require(run["ts"] as? Double)
      let last = end + (run["dur"] as? Double ?? 0)
      for step in steps[(6 * index)..<(6 * index + 6)] {
        let start = try #require(step["ts"] as? Double)
        #expect(start >= end - 1e-3)
        end = start + (step["dur"] as? Double ?? 0)
      }
      #expect(end <= last + 1e-3)
    }
    let counters = events.filter { $0["ph"] as? String == "C" }.compactMap { ($0["args"] as? [String: Any])?["bytes"] as? Int }
    #expect(counters == (0..<4).flatMap { _ in [216, 240, 24, 240, 216, 216 + 13824, 0] })
  }

  @Test func stepsWithShapesFromDataAreDynamic() throws {
    let folder = try TemporaryDirectory()
    let output = Wire.data(12, Onnx.value("y", type: 7, dims: [Wire.int(1, 1), Wire.text(2, "k")]))
    let graph = Onnx.graph(nodes: [Onnx.node("NonZero", ["x"], ["t"]), Onnx.node("Neg", ["t"], ["y"])], outputs: [], output)
    let model = try folder.write(Onnx.model(graph), to: "m.onnx")
    let result = try onyx("profile", model, "--dim", "n=3", "--json")
    #expect(result.exitCode == 0)
    let steps = rows(try json(result)["steps"])
    #expect(steps.count == 2)
    for step in steps { #expect(step["kernel"] as? String == "dynamic" && step["shape"] is NSNull && step["macs"] as? Int == 0) }
  }

  @Test func errors() throws {
    expectError(try onyx("profile", "none.onnx"), 66, "error: The file 'none.onnx' does not exist.\n  Check the path.\n")
    let unwritable = try onyx("profile", Self.model, "--dim", "batch=1", "--trace", "no/such/folder/t.json")
    #expect(unwritable.exitCode == 66 && unwritable.standardOutput == "" && unwritable.standardError.contains("no/such/folder/t.json"))
    let late = try onyx("profile", Self.model, "--dim", "batch=1", "--memory-budget", "1", "--deadline", "0.000000001")
    #expect(late.exitCode == 75)
  }
}
