import Foundation
import OnyxTestSupport
import Testing

/// What is written is whole, or an error says that it is not.
@Suite struct OutputTests {
  private static let model = "attention/sse/dynamo-static/model.onnx"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func shell(_ line: String) throws -> ProcessResult { try CLITests.shell(line, folder: folder) }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  static let reports = [
    "--help", "--version", "run --help", "run \(model)", "run --json \(model)",
    "run digits/model.onnx --top 1", "summary \(model)",
    "summary --csv \(model)", "summary --json \(model)", "attention \(model)",
    "attention --json \(model)", "coverage \(model)",
    "coverage --json", "check \(model)", "check --json \(model)", "explain \(model)",
    "bench --runs 1 \(model)",
    "bench --json --runs 1 \(model)", "profile --runs 1 \(model)",
    "profile --json --runs 1 \(model)", "test digits", "test --json digits",
    "compare \(model)", "--generate-completion-script bash",
  ]

  #if os(Linux)
    @Test(arguments: reports) func aReportThatCannotBeWrittenIsAnError(_ words: String) throws {
      let full = try shell("\"$onyx\" \(words) > /dev/full")
      #expect(full.exitCode == 74, "\(words): \(full)")
      #expect(
        full.standardError.contains("cannot be written: No space left on device."),
        "\(words): \(full.standardError)")
      let closed = try shell("\"$onyx\" \(words) >&-")
      #expect(closed.exitCode == 74, "\(words): \(closed)")
      #expect(
        closed.standardError.contains("cannot be written: Bad file descriptor."),
        "\(words): \(closed.standardError)")
    }

    @Test(arguments: ["graph \(model) -o x.dot", "profile --runs 1 \(model) --trace x.json", "attention \(model) --netron x.json"])
    func aFileThatCannotBeWrittenIsAnError(_ words: String) throws {
      let name = String(words.split(separator: " ").last ?? "")
      try FileManager.default.createSymbolicLink(atPath: folder.path(name), withDestinationPath: "/dev/full")
      let full = try shell("\"$onyx\" \(words.replacing(name, with: "$folder/" + name))")
      #expect(full.exitCode == 74, "\(words): \(full)")
      #expect(full.standardError.contains("\(name)' cannot be written: No space left on device."), "\(full.standardError)")
      #expect(try names() == [name])
      for place in ["/nowhere/", "/proc/", "$folder/none/"] {
        let missing = try shell("\"$onyx\" \(words.replacing(name, with: place + name))")
        #expect(missing.exitCode == 66, "\(words) in \(place)")
      }
    }
  #endif

  /// Commands that write files, and the files.
  static let writers: [(words: String, file: String)] = [
    ("graph \(model) -o $folder/x.dot", "x.dot"),
    ("profile --runs 1 \(model) --trace $folder/x.json", "x.json"),
    ("attention \(model) --netron $folder/x.json", "x.json"),
    ("run \(model) --output-dir $folder --format npy", "output.npy"),
    ("run \(model) --output-dir $folder --format npz", "outputs.npz"),
    ("run \(model) --output-dir $folder --format pb", "output.pb"),
    ("run \(model) --output-dir $folder --format json", "output.json"),
    (
      "attention \(model) --input \(model.replacing("model.onnx", with: "test_data_set_0/input_0.pb")) --output-dir $folder",
      "attention.html"
    ),
  ]

  /// A limit of the size of files stands for a disk that is full.
  @Test(arguments: writers.indices) func aFullDiskLeavesWhatWasThere(_ index: Int) throws {
    let (words, file) = Self.writers[index]
    for old in [nil, "old"] {
      if let old { _ = try folder.write(Array(old.utf8), to: file) }
      let result = try shell("ulimit -f 0; \"$onyx\" \(words)")
      #expect(result.exitCode == 74, "\(words): \(result)")
      #expect(
        result.standardError.contains("cannot be written: File too large."),
        "\(words): \(result.standardError)")
      #expect(try names().filter { $0.hasPrefix(".onyx") } == [], "\(words)")
      let left = try? String(contentsOfFile: folder.path(file), encoding: .utf8)
      #expect(left == old, "\(words)")
    }
    #expect(try shell("\"$onyx\" \(words)").exitCode == 0)
    #expect(try names().contains(file))
  }

  @Test func aLinkStaysAndSoDoesTheMode() throws {
    let target = try folder.write([], to: "target")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link.dot"), withDestinationPath: "target")
    #expect(try shell("\"$onyx\" graph \(Self.model) -o $folder/link.dot").exitCode == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: target)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect((attributes[.size] as? Int ?? 0) > 100)
    #expect(try names() == ["link.dot", "target"])
  }
}
