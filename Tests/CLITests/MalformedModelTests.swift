import Foundation
import OnyxTestSupport
import Testing

/// Models that are wrong: each ends with its code and a message that says what to do; none crashes.
@Suite struct MalformedModelTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func run(_ bytes: [UInt8], _ command: String = "check") throws -> ProcessResult {
    _ = try folder.write(bytes, to: "m.onnx")
    return try onyx(command, "m.onnx", directory: folder.url)
  }

  private func expectInvalid(
    _ bytes: [UInt8], _ text: String, code: Int32 = 65, commands: [String] = ["check", "summary", "run"],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for command in commands { expectError(try run(bytes, command), code, "error: \(text)\n", sourceLocation: sourceLocation) }
  }

  @Test func everyCutOfASmallModel() throws {
    for length in stride(from: 0, to: Onnx.good.count, by: 3) {
      let result = try run(Array(Onnx.good[..<length]))
      #expect(result.standardOutput == "" || result.exitCode == 0)
      // A cut between two fields can leave a valid file that lacks only metadata.
      #expect(result.exitCode == 65 || length > Onnx.good.count * 3 / 4, "cut to \(length): \(result)")
      if result.exitCode == 65 { #expect(result.standardError.hasPrefix("error: "), "\(result)") }
    }
  }

  @Test func cutsOfARealModel() throws {
    let bytes = [UInt8](try Data(contentsOf: Repository.models.appending(path: "digits/model.onnx")))
    for part in 0..<24 {
      let result = try run(Array(bytes[..<(bytes.count * part / 24)]))
      #expect(result.exitCode == 65 && result.standardOutput == "", "\(part)/24: \(result)")
      // The second line says what to do.
      #expect(result.standardError.split(separator: "\n").count >= 2, "\(result.standardError)")
    }
  }

  @Test func filesThatAreNoModel() throws {
    try expectInvalid(
      Array("<!DOCTYPE html><html><body>404</body></html>".utf8),
      "The file 'm.onnx' is no ONNX model: it is an HTML page, so a download went to a web page instead of the file.\n"
        + "  Download the file itself."
    )
    try expectInvalid(
      Array(
        """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 12345

        """.utf8),
      "The file 'm.onnx' is no ONNX model: it is a git-lfs pointer, not the file it stands for.\n"
        + "  Run 'git lfs pull' in the repository it came from."
    )
    try expectInvalid([], "The file 'm.onnx' is no ONNX model: it is empty.\n  Download or export it again.")
  }

  @Test func cycles() throws {
    let nodes = [
      Onnx.node("Add", ["x", "b"], ["a"], name: "first"), Onnx.node("Sqrt", ["a"], ["b"], name: "second"), Onnx.node("Sqrt", ["b"], ["y"]),
    ]
    try expectInvalid(
      Onnx.model(Onnx.graph(nodes: nodes)),
      "The graph has a cycle: second (Sqrt) → first (Add) → …\n  An ONNX graph must be acyclic; export the model again.")
  }

  @Test func valuesMadeTwiceOrNever() throws {
    let twice = [Onnx.node("Sqrt", ["x"], ["y"], name: "first"), Onnx.node("Abs", ["x"], ["y"], name: "second")]
    try expectInvalid(
      Onnx.model(Onnx.graph(nodes: twice)),
      "The value 'y' is assigned twice: by node first (Sqrt) and by node second (Abs).\n"
        + "  Every name of an ONNX graph must be assigned once."
    )
    try expectInvalid(
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["q"], ["y"], name: "first")])),
      "The value 'q' is read but never made: it is no input, no initializer and no node's output.\n  at node first (Sqrt)\n"
        + "  The model is incomplete; export it again."
    )
  }

  @Test func nestingOfAHundredThousand() throws {
    // Attribute → graph → node → attribute → …, and groups, which protobuf parsers recurse into when they skip them.
    var graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    for _ in 0..<300 {
      graph = Onnx.graph(nodes: [Onnx.node("If", ["x"], ["y"], attributes: [Onnx.attribute("then_branch", graph: graph)])])
    }
    let groups = Array(repeating: UInt8(100 << 3 & 0x7F | 3), count: 100_000)
    for bytes in [Onnx.model(graph), Onnx.good + groups, Onnx.model(Onnx.good + groups), Onnx.good + Self.nested(100_000)] {
      let result = try run(bytes)
      #expect(result.exitCode == 65 && result.standardOutput == "", "\(result)")
      #expect(result.standardError.split(separator: "\n").count >= 2, "\(result.standardError)")
    }
  }

  /// `depth` graphs in attributes of nodes, each the only content of the one around it, built from the inside in linear time.
  private static func nested(_ depth: Int) -> [UInt8] {
    // Lengths grow outwards, so the reversed bytes are appended.
    var reversed: [UInt8] = []
    let tags: [UInt8] = [6 << 3 | 2, 5 << 3 | 2, 1 << 3 | 2]
    for level in 0..<depth {
      reversed += Wire.varint(UInt64(reversed.count)).reversed()
      reversed.append(tags[level % 3])
    }
    return Wire.data(7, reversed.reversed())
  }

  @Test func unknownOperatorsAreAllListed() throws {
    let nodes = [
      Onnx.node("Mystery", ["x"], ["a"], name: "first"), Onnx.node("Sqrt", ["a"], ["b"]),
      Onnx.node("Mystery", ["b"], ["c"], name: "second"),
      Onnx.node("Deep", ["c"], ["y"], domain: "com.example"),
    ]
    let bytes = Onnx.model(Onnx.graph(nodes: nodes))
    try expectInvalid(
      bytes,
      """
      The model uses 2 operators that Onyx does not have:
          Mystery (opset 21): 2 nodes, for example node first
          com.example.Deep (opset 1): 1 node, for example node making 'y'
        Export the model with standard operators, or ask for these to be added.
      """, code: 69, commands: ["check", "run", "explain", "bench"])
    let coverage = try run(bytes, "coverage")
    #expect(coverage.exitCode == 69)
    #expect(
      coverage.standardOutput.contains("Mystery") && coverage.standardOutput.contains("Deep")
        && coverage.standardOutput.hasSuffix("1 of 3 operators are supported.\n"))
  }

  /// What cannot be run can be looked at: all that is known before the unknown operator, and what the file says behind it.
  @Test func unknownOperatorsCanBeLookedAt() throws {
    let nodes = [
      Onnx.node("Sqrt", ["x"], ["a"], name: "root"), Onnx.node("Mystery", ["a"], ["b"], name: "what", domain: "com.example"),
      Onnx.node("Neg", ["b"], ["y"], name: "minus"),
    ]
    let graph = Onnx.graph(nodes: nodes, outputs: [], Wire.data(12, Onnx.value("y", dims: [])))
    let bytes = Onnx.model(graph)
    let summary = try run(bytes, "summary")
    #expect(summary.exitCode == 0 && summary.standardError == "")
    let lines = summary.standardOutput.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    for line in [
      "Sqrt root [n]", "com.example.Mystery what [?]", "Onyx lacks 1 operator; shapes and MACs behind them are not known:",
      "com.example.Mystery (opset 1): 1 node, not implemented", "3 nodes, 0 parameters, 0 MACs, weights 0 B",
    ] { #expect(lines.contains(line), "\(line) is missing in \(summary.standardOutput)") }
    let attention = try run(bytes, "attention")
    #expect(attention.exitCode == 0 && attention.standardOutput.hasPrefix("No attention blocks.\nOnyx lacks 1 operator, "), "\(attention)")
    let picture = try onyx("graph", "m.onnx", "-o", "m.dot", directory: folder.url)
    #expect(
      picture.exitCode == 0 && picture.standardError == "note: Onyx lacks com.example.Mystery (opset 1); shapes behind are not known.\n")
    #expect(try String(contentsOf: folder.url.appending(path: "m.dot"), encoding: .utf8).contains("Mystery"))
    #expect(try onyx("graph", "m.onnx", "-o", "m.dot", "--time", directory: folder.url).exitCode == 69)
    #expect(try onyx("attention", "m.onnx", "--output-dir", "out", directory: folder.url).exitCode == 69)
  }

  /// Sizes that were only assumed say nothing against a model.
  @Test func checkSaysWhatWasAssumed() throws {
    let graph = Onnx.graph(
      nodes: [Onnx.node("Concat", ["x", "w"], ["y"], name: "join", attributes: [Onnx.attribute("axis", int: 0)])], inputs: [],
      initializers: [Onnx.tensor("w", dims: [1, 2], Wire.data(9, Wire.floats([3, 4])))],
      Wire.data(11, Onnx.value("x", dims: [Wire.text(2, "n"), Wire.text(2, "h")])))
    let result = try run(Onnx.model(graph))
    #expect(
      result.exitCode == 64
        && result.standardError.hasPrefix("error: No run can be planned with n = 1, h = 1, which nobody gave. At node join (Concat): "),
      "\(result)")
    let document = try json(try onyx("check", "m.onnx", "--json", directory: folder.url))
    #expect(
      document["valid"] as? Bool == true && document["code"] as? Int == 64 && document["assumed"] as? [String: Int] == ["n": 1, "h": 1])
    #expect(try onyx("check", "m.onnx", "--dim", "h=2", directory: folder.url).exitCode == 0)
    // Nothing was assumed: the sizes given are wrong for this model.
    #expect(try onyx("check", "m.onnx", "--dim", "h=3", "--dim", "n=1", directory: folder.url).exitCode == 65)
  }

  @Test func newerOpsets() throws {
    let model = Onnx.model(opset: 4000, Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])]))
    let result = try run(model)
    #expect(
      result.exitCode == 69 && result.standardError.hasPrefix("error: The model needs the operator set 4000; Onyx knows those up to "))
    let summary = try run(model, "summary")
    #expect(
      summary.exitCode == 0 && summary.standardOutput.contains("  Sqrt (opset 4000): 1 node, opset 4000 is newer than "), "\(summary)")
  }

  static let outside = ["../secret.bin", "/etc/passwd", "data/../../secret.bin", "..", "link.bin"]

  @Test(arguments: outside) func externalDataOutsideTheFolder(_ location: String) throws {
    _ = try folder.write(Array(repeating: 0, count: 8), to: "secret.bin")
    let inner = folder.url.appending(path: "model")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: inner.path(percentEncoded: false) + "/link.bin", withDestinationPath: "../secret.bin")
    let model = Onnx.model(
      Onnx.graph(nodes: [Onnx.node("Add", ["x", "w"], ["y"])], initializers: [Onnx.external("w", dims: [2], [("location", location)])]))
    try Data(model).write(to: inner.appending(path: "m.onnx"))
    let result = try onyx("run", "m.onnx", directory: inner)
    #expect(result.exitCode == 65 && result.standardOutput == "", "\(result)")
    #expect(
      result.standardError.contains("The tensor 'w'") && result.standardError.contains("the model's folder"), "\(result.standardError)")
  }

  @Test func missingExternalData() throws {
    let graph = Onnx.graph(
      nodes: [Onnx.node("Add", ["x", "w"], ["y"])], initializers: [Onnx.external("w", dims: [2], [("location", "w.bin")])])
    let result = try run(Onnx.model(graph))
    #expect(result.exitCode == 66 && result.standardError.contains("'w.bin'"))
  }

  @Test func lyingShapes() throws {
    for dims: [Int64] in [[1 << 40, 1 << 40], [.max], [-1], [3]] {
      let graph = Onnx.graph(
        nodes: [Onnx.node("Add", ["x", "w"], ["y"])], initializers: [Onnx.tensor("w", dims: dims, Wire.data(9, Wire.floats([1, 2])))])
      let result = try run(Onnx.model(graph))
      #expect(result.exitCode == 65 && result.standardError.contains("'w'"), "\(dims): \(result)")
    }
  }

  /// Bytes flipped all over a small model, through every stage up to the report.
  @Test func flippedBytes() throws {
    for position in stride(from: 0, to: Onnx.good.count, by: 5) {
      var bytes = Onnx.good
      bytes[position] ^= UInt8(1 << (position % 8))
      let result = try run(bytes, "run")
      #expect([0, 64, 65, 66, 69, 75].contains(result.exitCode), "byte \(position): \(result)")
    }
  }

  @Test func controlCharactersOfNamesStayOffTheTerminal() throws {
    let graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["\u{1B}[2Jy\nz"], name: "\u{1B}]0;title\u{7}")], outputs: ["\u{1B}[2Jy\nz"])
    for command in ["summary", "explain", "run", "check"] {
      let result = try run(Onnx.model(graph), command)
      #expect(result.exitCode == 0)
      #expect(!(result.standardOutput + result.standardError).unicodeScalars.contains { $0.value < 32 && $0 != "\n" }, "\(result)")
    }
  }
}
