import Foundation
import OnyxTestSupport
import Testing

/// What is written is whole, or an error says that it is not.
@Suite struct OutputTests {
  private static let model = "attention/sse/dynamo-static/model.onnx"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// A line of the shell with `onyx` and the folder of this test in place of `$onyx` and `$folder`.
  private func shell(_ line: String) throws -> ProcessResult {
    try runProcess(
      URL(filePath: "/bin/bash"), ["-c", line],
      environment: [
        "onyx": try #require(onyxExecutable).path(percentEncoded: false), "folder": folder.path,
      ], directory: Repository.models)
  }

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

    @Test(arguments: [
      "graph \(model) -o", "profile --runs 1 \(model) --trace", "attention \(model) --netron",
    ])
    func aFileThatCannotBeWrittenIsAnError(_ words: String) throws {
      let full = try shell("\"$onyx\" \(words) /dev/full")
      #expect(full.exitCode == 74, "\(words): \(full)")
      #expect(
        full.standardError.contains("'/dev/full' cannot be written: No space left on device."),
        "\(full.standardError)")
      #expect(try shell("\"$onyx\" \(words) /nowhere/x.dot").exitCode == 66)
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
      let result = try shell("ulimit -f 1; \"$onyx\" \(words)")
      guard index != 4 || result.exitCode != 0 else { continue }
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

  /// y = Expand(x) of 96 MB takes a while to write.
  @Test(arguments: [SIGTERM, SIGINT]) func aSignalLeavesNoPart(_ number: Int32) throws {
    let shape = Onnx.tensor(
      "s", type: 7, dims: [2], Wire.data(9, [24_000_000, 1].flatMap { Wire.little(Int64($0)) }))
    let model = try folder.write(
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Expand", ["x", "s"], ["y"])], outputs: [], initializers: [shape],
          Wire.data(12, Onnx.value("y", dims: [Wire.text(2, "a"), Wire.text(2, "n")])))),
      to: "m.onnx")
    let out = folder.path("out")
    var caught = 0
    for _ in 0..<12 where caught < 3 {
      try? FileManager.default.removeItem(atPath: out)
      let process = Process()
      process.executableURL = onyxExecutable
      process.arguments = ["run", model, "--output-dir", out]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      while process.isRunning {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []
        guard names.contains(where: { $0.hasPrefix(".onyx") }) else {
          usleep(200)
          continue
        }
        kill(process.processIdentifier, number)
        break
      }
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal {
        #expect(process.terminationStatus == number)
        caught += 1
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: out)
      #expect(left == [] || left == ["output.npy"], "\(left)")
      if let size = try? FileManager.default.attributesOfItem(atPath: out + "/y.npy")[.size] as? Int {
        #expect(size == 96_000_128)
      }
    }
    #expect(caught > 0, "no signal came while the file was written")
  }
}
