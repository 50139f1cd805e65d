import Foundation
import OnyxTestSupport
import Testing

/// Small files that ask for much: each command ends soon, in little memory, with a result or its code.
@Suite("Hostile files end soon and small")
struct HostileFileTests {
  static let folder = Repository.root.appending(path: "Tests/CLITests/hostile")

  /// The codes of check, run and summary.
  static let files: [(name: String, codes: [Int32])] = [
    // Functions that call the next one twice, 20 deep.
    ("fexp20", [75, 75, 75]),
    // An input that is declared with 65536 × 65536 numbers.
    ("input_f32_2e32", [0, 75, 0]),
    // An output of 2.2 GB.
    ("preview_expand_i8", [75, 75, 0]),
    ("stride_conv1x1", [65, 65, 65]), ("stride_maxpool", [65, 65, 65]), ("stride_depthwise", [65, 65, 65]),
    // The largest stride that an attribute can have is one.
    ("stride_conv3", [0, 0, 0]),
    // Sizes that are squared again and again, or that each node makes longer; a window of 2 does not fit into an extent of 1.
    ("symsq30", [0, 0, 0]), ("pool_concat40", [64, 65, 0]),
  ]

  /// Runs a command with at most 2 GB of addresses, of which a command that does nothing takes most of one. The shadow of a sanitizer
  /// takes more than any limit. `seconds` are of processor time: other tests run meanwhile.
  private static func limited(_ arguments: [String], directory: URL = folder) throws -> (result: ProcessResult, seconds: Double) {
    let program = try #require(onyxExecutable)
    let addresses = Sanitizer.needsAddresses ? "unlimited" : "2000000"
    let script = "ulimit -v \(addresses); LC_ALL=C TIMEFORMAT='%U %S'; time \"$0\" \"$@\""
    let result = try runProcess(
      URL(filePath: "/bin/bash"), ["-c", script, program.path(percentEncoded: false)] + arguments, directory: directory,
      timeout: 30 * Double(Sanitizer.patience))
    let times = result.standardError.split(separator: "\n").last?.split(separator: " ").compactMap { Double($0) } ?? []
    try #require(times.count == 2, "\(result)")
    return (result, times[0] + times[1])
  }

  @Test(arguments: files.indices) func endsSoonAndSmall(_ index: Int) throws {
    let (name, codes) = Self.files[index]
    for (command, code) in zip(["check", "run", "summary"], codes) {
      let most = 2 * Double(Sanitizer.patience)
      var best = Double.infinity
      for _ in 0..<3 where best > most {
        let threads = command == "summary" ? [] : ["--threads", "1"]
        let (result, seconds) = try Self.limited([command, name + ".onnx"] + threads)
        #expect(result.exitCode == code, "\(command) \(name): \(result.exitCode) \(result.standardError.prefix(500))")
        best = min(best, seconds)
      }
      #expect(best < most, "\(command) \(name): \(best) s")
    }
  }

  // MARK: Names

  /// A model of one node of this operator, whose values and node have long names.
  private static func model(_ op: String, name: String) -> [UInt8] {
    let (input, output) = (name + "/in", name + "/out")
    return Onnx.model(Onnx.graph(nodes: [Onnx.node(op, [input], [output], name: name)], inputs: [input], outputs: [output]))
  }

  @Test func longNamesAreCut() throws {
    let directory = try TemporaryDirectory()
    let name = String(repeating: "x", count: 1 << 20)
    _ = try directory.write(Self.model("Neg", name: name), to: "neg.onnx")
    _ = try directory.write(Self.model("Nag", name: name), to: "nag.onnx")
    for command in [
      ["summary"], ["check"], ["run"], ["explain"], ["coverage"], ["bench", "--seconds", "0.01"], ["run", "--fetch", "nothing"],
    ] {
      for file in ["neg.onnx", "nag.onnx"] {
        let result = try onyx([command[0], file] + command.dropFirst(), directory: directory.url)
        let text = result.standardOutput + result.standardError
        #expect(text.utf8.count < 20_000, "\(command) \(file): \(text.utf8.count) bytes")
        #expect(!text.isEmpty, "\(command) \(file): \(result.exitCode)")
      }
    }
    let summary = try onyx("summary", "neg.onnx", "--json", directory: directory.url)
    #expect(summary.standardOutput.contains(name))
  }
}
