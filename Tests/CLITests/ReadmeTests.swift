import Foundation
import Onyx
import OnyxTestSupport
import Testing

/// What the README shows is what a newcomer gets.
@Suite struct ReadmeTests {
  static let root = Repository.models.deletingLastPathComponent()
  static let text = (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""

  /// The lines of every fenced block in `language`.
  static func blocks(_ language: String) -> [[String]] {
    var blocks: [[String]] = []
    var open: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if open == nil, line == "```" + language { blocks.append([]) }
        open = open == nil ? String(line.dropFirst(3)) : nil
      } else if open == language, !blocks.isEmpty {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks
  }

  @Test func consoleBlocksAreRealOutput() throws {
    let blocks = Self.blocks("console")
    #expect(blocks.count >= 2)
    for block in blocks {
      let command = try #require(block.first)
      let words = command.split(separator: " ").map(String.init)
      try #require(words.prefix(2) == ["$", "onyx"], "\(command)")
      let result = try onyx(Array(words.dropFirst(2)), directory: Self.root)
      #expect(result.exitCode == 0)
      #expect(result.standardOutput == block.dropFirst().joined(separator: "\n") + "\n")
    }
  }

  /// The program of the README as it is compiled here.
  private func program(_ directory: String) throws -> String {
    var printed = ""
    func print(_ items: Any...) { printed += items.map { "\($0)" }.joined(separator: " ") + "\n" }
    let model = try Model(path: directory + "models/attention/cbam-fc/dynamo-dynamic/model.onnx")
    let totals = try model.summary(dimensions: ["batch": 2]).totals
    print(model.coverage().isSupported, totals.nodes, totals.params, totals.macs)
    for block in try model.attentionBlocks() { print(block.kind, block.gates, block.maps, block.params) }

    let session = try Session(model)
    print(session.inputs[0], "→", session.outputs[0])

    let x = try Tensor([Float](repeating: 0.5, count: 2 * 54 * 8 * 8), shape: [2, 54, 8, 8])
    let results = try session.run(["x": x], fetching: ["sigmoid"])
    for (name, tensor) in results.sorted(by: { $0.key < $1.key }) { print(name, tensor.typeDescription) }
    return printed
  }

  @Test func theProgramIsTheOneShown() throws {
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8).replacing("directory + ", with: "")
    for line in try #require(Self.blocks("swift").first) where !line.isEmpty && !line.hasPrefix("import ") {
      #expect(source.contains(line), "\(line)")
    }
    let shown = try #require(Self.blocks("").first { $0.contains { $0.hasPrefix("x: ") } })
    #expect(try program(Self.root.path(percentEncoded: false)) == shown.joined(separator: "\n") + "\n")
  }

  /// "155 of the 223 operators" is what `onyx coverage` says.
  @Test func theOperatorCountIsCurrent() throws {
    let last = try #require(try onyx("coverage").standardOutput.split(separator: "\n").last)
    let counts = last.split { !$0.isNumber }.compactMap { Int($0) }
    #expect(Self.text.contains("- \(counts[0]) of the \(counts[1]) operators"))
  }

  @Test func theCaseCountIsCurrent() throws {
    let list = Self.root.appending(path: "Tests/ConformanceTests/onnx-cases.txt")
    let count = try String(contentsOf: list, encoding: .utf8).split(separator: "\n").count
    #expect(Self.text.contains("- \(count) of ONNX's own"))
  }

  @Test func linkedFilesExist() {
    let prose = Self.text.split(separator: "```").enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined()
    for match in prose.matches(of: /\]\(([^)#]+)\)/) where !match.output.1.hasPrefix("http") {
      #expect(
        FileManager.default.fileExists(atPath: Self.root.appending(path: String(match.output.1)).path(percentEncoded: false)),
        "\(match.output.1)")
    }
  }
}
