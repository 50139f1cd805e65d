import Foundation
import OnyxTestSupport
import Testing

/// `onyx profile`: its JSON form, its tables, its trace, its errors.
@Suite struct ProfileTests {
  private static let model = "attention/se-avg/dynamo-dynamic/model.onnx"
  private static let plain = ["--optimization", "none", "--isa", "scalar", "--threads", "1", "--dim", "batch=1"]

  private static func profile(_ arguments: [String]) throws -> [String: Any] {
    let result = try onyx(["profile", model, "--runs", "5", "--json"] + arguments)
    #expect(result.exitCode == 0 && messages(result) == "")
    return try json(result)
  }

  private static func sum(_ rows: [[String: Any]], _ key: String) -> Double { rows.reduce(0) { $0 + ($1[key] as? Double ?? .nan) } }

  private static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }

  @Test func form() throws {
    let report = try Self.profile(Self.plain)
    #expect(
      keys(report) == [
        "model", "isa", "threads", "runs", "run_ms", "peak_activation_bytes", "total", "steps", "operators", "modules", "blocks",
      ])
    #expect(report["model"] as? String == Self.model && report["isa"] as? String == "scalar")
    #expect(report["threads"] as? Int == 1 && report["runs"] as? Int == 5)
    let cost: Set<String> = ["ms", "share", "macs", "bytes", "gflops", "gbs"]
    #expect(keys(report["total"]) == cost)
    let steps = rows(report["steps"])
    for step in steps {
      #expect(keys(step) == cost.union(["name", "op", "kernel", "type", "shape", "calls", "live_bytes", "module", "block", "body"]))
      #expect(rows(step["body"]).isEmpty)
    }
    for group in rows(report["operators"]) + rows(report["modules"]) + rows(report["blocks"]) {
      #expect(keys(group) == cost.union(["name", "calls"]))
    }
    #expect(steps.map { $0["module"] as? String } == ["pool", "fc.0", "fc.1", "fc.2", "fc.3", nil])
    #expect(steps.allSatisfy { $0["block"] as? String == "SE 1" })
    // The order of execution, and what is there by then: the gate's vector, two vectors at most, at last the output.
    #expect(
      steps.map { $0["name"] as? String } == ["node_mean", "node_linear", "node_relu", "node_linear_1", "node_sigmoid", "node_mul_2"])
    #expect(steps.map { $0["live_bytes"] as? Int } == [216, 240, 24, 240, 216, 216 + 13824])
    #expect(steps.map { $0["macs"] as? Int } == [0, 324, 0, 324, 0, 0])
    #expect(steps.first?["bytes"] as? Int == 13824 + 16 + 216 && steps.last?["bytes"] as? Int == 2 * 13824 + 216)
    #expect(steps.last?["kernel"] as? String == "mul_f32" && steps.last?["shape"] as? [Int] == [1, 54, 8, 8])
    #expect(steps.last?["gflops"] is NSNull && steps.last?["gbs"] as? Double ?? 0 > 0)
    #expect(report["peak_activation_bytes"] as? Int == 320 + 13824)
  }

  @Test(arguments: [plain, ["--dim", "batch=2", "--threads", "2"]]) func sums(_ arguments: [String]) throws {
    let report = try Self.profile(arguments)
    let (steps, groups, modules, blocks) = (
      rows(report["steps"]), rows(report["operators"]), rows(report["modules"]), rows(report["blocks"])
    )
    let total = try #require(report["total"] as? [String: Any])
    for key in ["ms", "share", "macs", "bytes"] {
      let whole = try #require(total[key] as? Double)
      for part in [steps, groups, modules, blocks] { #expect(Self.isNear(Self.sum(part, key), whole), "\(key)") }
    }
    #expect(total["share"] as? Double == 1)
    #expect(Self.sum(groups, "calls") == Double(steps.count))
    #expect(Set(groups.map { $0["name"] as? String }) == Set(steps.map { $0["op"] as? String }))
    for row in steps + groups + [total] {
      let (time, macs, bytes) = (row["ms"] as? Double ?? 0, row["macs"] as? Double ?? 0, row["bytes"] as? Double ?? 0)
      #expect(time > 0 && bytes > 0)
      #expect(
        Self.isNear(row["gflops"] as? Double ?? 0, 2 * macs / time / 1e6) && Self.isNear(row["gbs"] as? Double ?? 0, bytes / time / 1e6))
    }
    let times = groups.map { $0["ms"] as? Double ?? 0 }
    #expect(times == times.sorted(by: >))
  }

  @Test func text() throws {
    let result = try onyx(["profile", Self.model, "--runs", "3"] + Self.plain)
    #expect(result.exitCode == 0 && messages(result) == "")
    let tables = result.standardOutput.components(separatedBy: "\n\n").map { $0.split(separator: "\n") }
    #expect(tables.map(\.count) == [2 + 5 + 1, 2 + 6 + 1, 2 + 1 + 1, 2 + 6, 1])
    #expect(tables[1][0].hasPrefix("module ") && tables[2][0].hasPrefix("attention block ") && tables[2][2].hasPrefix("SE 1 "))
    #expect(tables[0][0].split(separator: /\s{2,}/) == ["operator", "calls", "time ms", "share", "GFLOP/s", "GB/s"])
    #expect(tables[0].last?.hasPrefix("all ") == true && tables[0].last?.contains(" 100.0 % ") == true)
    #expect(
      tables[3][0].split(separator: /\s{2,}/) == ["operator", "name", "kernel", "output", "calls", "time ms", "share", "GFLOP/s", "GB/s"])
    #expect(tables[3].contains { $0.contains("node_linear_1  gemm_f32_packed  float32[1,54]") })
    #expect(tables[4][0].hasPrefix("run ") && tables[4][0].hasSuffix(" 6 steps; scalar, 1 thread, median of 3 runs, activations 13.8 KB"))
  }

  /// A step belongs to the nodes that were fused into it, also where a layout change made it.
  @Test func fusedStepsBelongToTheirModules() throws {
    let result = try onyx("profile", "digits/model.onnx", "--runs", "3", "--json", "--depth", "1")
    let report = try json(result)
    let blocks = rows(report["blocks"]).map { $0["name"] as? String ?? "" }
    #expect(Set(blocks) == ["(no block)", "CBAM stage1.attention", "SE stage2.attention", "ECA stage3.attention"])
    #expect(
      Set(rows(report["modules"]).map { $0["name"] as? String ?? "" }) == [
        "stage1", "stage2", "stage3", "pool", "classifier", "(no module)",
      ])
    for step in rows(report["steps"]) where step["op"] as? String == "onyx.BlockedConv" {
      #expect((step["module"] as? String)?.hasPrefix("stage") == true && step["block"] is NSNull, "\(step)")
    }
    for step in rows(report["steps"]) where step["op"] as? String == "onyx.AttentionBlock" {
      #expect((step["module"] as? String)?.hasSuffix(".attention") == true && step["block"] as? String != nil, "\(step)")
    }
  }

  @Test func traceOfThreads() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("trace.json")
    let result = try onyx("profile", "digits/model.onnx", "--dim", "batch=32", "--runs", "5", "--threads", "2", "--trace", path)
    #expect(result.exitCode == 0)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    let events = rows(document["traceEvents"])
    let slices = events.filter { $0["cat"] as? String == "thread" }
    #expect(
      slices.count > 5
        && slices.allSatisfy {
          ($0["tid"] as? Int ?? 0) >= 2 && $0["dur"] as? Double ?? -1 >= 0 && ($0["name"] as? String)?.isEmpty == false
        })
    let named = events.filter { $0["name"] as? String == "thread_name" }.compactMap { $0["tid"] as? Int }
    #expect(Set(slices.compactMap { $0["tid"] as? Int }).isSubset(of: named))
    let runs = events.filter { $0["cat"] as? String == "run" }
    let first = try #require(runs.first?["ts"] as? Double)
    #expect(slices.allSatisfy { $0["ts"] as? Double ?? -1 >= first })
    #expect(events.contains { ($0["args"] as? [String: Any])?["block"] as? String == "SE stage2.attention" })
  }

  @Test func trace() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([], to: "trace.json")
    let result = try onyx(["profile", Self.model, "--runs", "4", "--trace", path] + Self.plain)
    #expect(result.exitCode == 0)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    let events = rows(document["traceEvents"])
    #expect(events.filter { $0["ph"] as? String == "M" && $0["tid"] as? Int == 1 }.count == 2)
    let slices = events.filter { $0["ph"] as? String == "X" && $0["cat"] as? String != "thread" }
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
    for step in steps { #expect(step["shape"] is NSNull && step["macs"] as? Int == 0 && rows(step["body"]).isEmpty) }
    // What the run chose.
    #expect((steps[1]["kernel"] as? String)?.hasPrefix("neg_") == true)
  }

  /// A body's steps stand below their node, with the calls and the time of all iterations.
  @Test func stepsOfBodies() throws {
    let folder = try TemporaryDirectory()
    let row = [Wire.int(1, 64)]
    let body = Onnx.graph(
      nodes: [
        Onnx.node("Identity", ["more"], ["go"]), Onnx.node("Mul", ["state", "x"], ["product"]),
        Onnx.node("Add", ["product", "x"], ["next"]),
      ],
      inputs: [], outputs: [], Wire.data(11, Onnx.value("i", type: 7, dims: [])), Wire.data(11, Onnx.value("more", type: 9, dims: [])),
      Wire.data(11, Onnx.value("state", dims: row)), Wire.data(12, Onnx.value("go", type: 9, dims: [])),
      Wire.data(12, Onnx.value("next", dims: row)))
    let graph = Onnx.graph(
      nodes: [Onnx.node("Loop", ["count", "", "x"], ["y"], attributes: [Onnx.attribute("body", graph: body)])], inputs: [], outputs: [],
      Wire.data(11, Onnx.value("count", type: 7, dims: [])), Wire.data(11, Onnx.value("x", dims: row)),
      Wire.data(12, Onnx.value("y", dims: row)))
    let model = try folder.write(Onnx.model(graph), to: "m.onnx")
    let count = try folder.write(Array("{\"name\":\"count\",\"type\":\"int64\",\"shape\":[],\"data\":[7]}".utf8), to: "count.json")
    let result = try onyx("profile", model, "--input", "count=" + count, "--runs", "3", "--json")
    #expect(result.exitCode == 0 && messages(result) == "")
    let report = try json(result)
    let loop = try #require(rows(report["steps"]).first { $0["op"] as? String == "Loop" })
    #expect(loop["kernel"] as? String == "bodies" && loop["calls"] as? Int == 1)
    let inside = rows(loop["body"])
    #expect(inside.compactMap { $0["op"] as? String } == ["Mul", "Add"])
    #expect(inside.allSatisfy { $0["calls"] as? Int == 7 && $0["live_bytes"] is NSNull && $0["bytes"] as? Int == 7 * 3 * 256 })
    let time = try #require(loop["ms"] as? Double)
    #expect(inside.allSatisfy { $0["ms"] as? Double ?? 0 > 0 } && Self.sum(inside, "ms") < time)
    // A group of an operator has its own time: that of all of them is the whole.
    let total = try #require((report["total"] as? [String: Any])?["ms"] as? Double)
    #expect(Self.isNear(Self.sum(rows(report["operators"]), "ms"), total))
    #expect(rows(report["operators"]).first { $0["name"] as? String == "Mul" }?["calls"] as? Int == 7)
  }

  @Test func errors() throws {
    expectError(try onyx("profile", "none.onnx"), 66, "error: The file 'none.onnx' does not exist.\n  Check the path.\n")
    let unwritable = try onyx("profile", Self.model, "--dim", "batch=1", "--trace", "no/such/folder/t.json")
    #expect(unwritable.exitCode == 66 && unwritable.standardOutput == "" && unwritable.standardError.contains("no/such/folder/t.json"))
    let late = try onyx("profile", Self.model, "--dim", "batch=1", "--memory-budget", "1", "--deadline", "0.000000001")
    #expect(late.exitCode == 75)
  }
}
