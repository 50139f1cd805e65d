import Foundation
import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// Inputs read from, and outputs written to, files of every format.
@Suite struct TensorFileTests {
  private let folder: TemporaryDirectory
  private let model: String

  init() throws {
    folder = try TemporaryDirectory()
    model = try folder.write(Onnx.good, to: "good.onnx")
  }

  private static let x: Result<Tensor, any Error> = Result { try Tensor([4, 9, 2] as [Float], shape: [3]) }

  private func write(_ name: String, _ format: TensorFile.Format) throws -> String {
    let path = folder.path("\(name).\(format.name)")
    try TensorFile.write([(name, try Self.x.get())], to: path, as: format)
    return path
  }

  @Test(arguments: [TensorFile.Format.npy, .npz, .pb, .json]) func inputsOfEveryFormat(_ format: TensorFile.Format) throws {
    let path = try write("x", format)
    for argument in [path, "x=\(path)"] {
      let result = try onyx("run", model, "--input", argument)
      #expect(result.exitCode == 0 && result.standardError == "")
      #expect(result.standardOutput == "y: float32[5]\n  2.0, 3.0, 1.41421, 3.0, 4.0\n  min 1.41421, max 4.0, mean 2.68284\n")
    }
  }

  @Test func anArchiveFeedsSeveralInputs() throws {
    let sum = try folder.write(
      Onnx.model(Onnx.graph(nodes: [Onnx.node("Sub", ["a", "b"], ["y"])], inputs: ["a", "b"])), to: "sub.onnx")
    let (a, b) = (try Tensor([5, 6] as [Float], shape: [2]), try Tensor([1, 1] as [Float], shape: [2]))
    try TensorFile.write([("b", b), ("a", a)], to: folder.path("both.npz"), as: .npz)
    #expect(try onyx("run", sum, "--input", folder.path("both.npz")).standardOutput.hasPrefix("y: float32[2]\n  4.0, 5.0\n"))
    try TensorFile.write([("b", b), ("aa", a)], to: folder.path("wrong.npz"), as: .npz)
    let wrong = folder.path("wrong.npz")
    expectError(
      try onyx("run", sum, "--input", wrong), 64,
      "error: The model has no input 'aa', which '\(wrong)' holds.\n  The inputs are: 'a', 'b'.\n")
    // Files without names go to the inputs in order.
    try TensorFile.write([(nil, a)], to: folder.path("1.npy"), as: .npy)
    try TensorFile.write([(nil, b)], to: folder.path("2.npy"), as: .npy)
    let inOrder = try onyx("run", sum, "--input", folder.path("1.npy"), "--input", folder.path("2.npy"))
    #expect(inOrder.standardOutput.hasPrefix("y: float32[2]\n  4.0, 5.0\n"))
    let swapped = try onyx("run", sum, "--input", "b=" + folder.path("1.npy"), "--input", folder.path("2.npy"))
    #expect(swapped.standardOutput.hasPrefix("y: float32[2]\n  -4.0, -5.0\n"))
  }

  @Test func aPathMayHoldAnEqualsSign() throws {
    try TensorFile.write([(nil, try Self.x.get())], to: folder.path("a=b.npy"), as: .npy)
    #expect(try onyx("run", model, "--input", "a=b.npy", directory: folder.url).exitCode == 0)
    #expect(try onyx("run", model, "--input", "x=a=b.npy", directory: folder.url).exitCode == 0)
  }

  @Test func imagesAreScaledAsAsked() throws {
    let picture = Repository.models.appending(path: "digits/samples/digit-7-1314.png").path(percentEncoded: false)
    let digits = "digits/model.onnx"
    func pixels(_ flags: String...) throws -> [Double] {
      let result = try onyx(["run", digits, "--input", picture, "--fetch", "image", "--json"] + flags)
      let rows = rows(try json(result)["outputs"])
      #expect(rows.count == 2 && rows[1]["shape"] as? [Int] == [1, 1, 28, 28])
      return try #require(rows[1]["data"] as? [Double])
    }
    let plain = try pixels()
    #expect(plain.max() ?? 0 <= 1 && plain.max() ?? 0 > 0.5 && plain.min() == 0)
    let raw = try pixels("--scale", "1")
    let normal = try pixels("--mean", "0.5", "--std", "0.25")
    for index in plain.indices {
      #expect(abs(raw[index] - plain[index] * 255) < 1e-4)
      #expect(abs(normal[index] - (plain[index] - 0.5) / 0.25) < 1e-5)
    }
    #expect(try onyx("run", digits, "--input", picture, "--mean", "1,2").exitCode == 64)
    #expect(try onyx("run", digits, "--input", picture, "--layout", "nhwc").exitCode == 64)
  }

  static let brokenFiles: [(name: String, bytes: [UInt8])] = [
    ("x.npy", [0x93] + Array("NUMPY".utf8)), ("x.npy", Array("no tensor".utf8)), ("x.npz", [0x50, 0x4B, 3, 4, 0]), ("x.pb", [0xFF, 0xFF]),
    ("x.pb", []), ("x.json", Array("{".utf8)), ("x.json", Array("[[1], 2]".utf8)), ("x.png", [0x89] + Array("PNG\r\n\u{1A}\n".utf8)),
    ("x.jpg", [0xFF, 0xD8, 0xFF, 0xE0]), ("x.txt", Array("1 2 3".utf8)), ("x", []),
  ]

  @Test(arguments: brokenFiles.indices) func brokenFilesEndWith65(_ index: Int) throws {
    let (name, bytes) = Self.brokenFiles[index]
    let path = try folder.write(bytes, to: name)
    let result = try onyx("run", model, "--input", path)
    #expect(result.exitCode == 65 && result.standardOutput == "" && result.standardError.contains("'\(path)'"), "\(result)")
  }

  @Test(arguments: [TensorFile.Format.npy, .npz, .pb, .json]) func outputsReadBack(_ format: TensorFile.Format) throws {
    let out = folder.path("new/out")
    let result = try onyx("run", model, "--input", try write("x", .npy), "--fetch", "t", "--output-dir", out, "--format", format.name)
    #expect(result.exitCode == 0 && result.standardOutput.hasPrefix("y: float32[5]\n"))
    let files = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
    #expect(files == (format == .npz ? ["outputs.npz"] : ["t.\(format.name)", "y.\(format.name)"]))
    var read: [String: [Double]] = [:]
    for file in files {
      for (name, tensor) in try TensorFile.read("\(out)/\(file)") {
        read[name ?? String(file.dropLast(format.name.count + 1))] = try tensor.doubles()
      }
    }
    let t = [2, 3, Double(Float(2).squareRoot())]
    #expect(read == ["t": t, "y": t + [3, 4]])
  }

  /// Names come from the model, paths from the person.
  @Test(arguments: ["npy", "npz", "pb", "json"]) func namesCannotLeaveTheDirectory(_ format: String) throws {
    let names = [
      "../../escape", "/tmp/escape", "..", ".", "", ".hidden", "a/b", "a_b", String(repeating: "n", count: 5000), "nul\0nul",
      "ü/\\:*?\"<>|",
    ]
    let outputs = names.map { $0.isEmpty ? "y" : $0 }
    let nodes = outputs.map { Onnx.node("Sqrt", ["x"], [$0]) }
    let hostile = try folder.write(Onnx.model(Onnx.graph(nodes: nodes, outputs: outputs)), to: "hostile.onnx")
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let result = try onyx("run", hostile, "--dim", "n=1", "--output-dir", folder.path("a/b/c"), "--format", format)
    #expect(result.exitCode == 0, "\(result)")
    let written = try FileManager.default.subpathsOfDirectory(atPath: folder.path("a/b/c"))
    #expect(written.count == (format == "npz" ? 1 : outputs.count), "\(written)")
    #expect(written.allSatisfy { !$0.contains("/") && !$0.hasPrefix(".") && $0.utf8.count < 200 }, "\(written)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == (before + ["a"]).sorted())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("a")) == ["b"])
    #expect(!FileManager.default.fileExists(atPath: "/tmp/escape") && !FileManager.default.fileExists(atPath: "/tmp/escape.\(format)"))
  }

  @Test func anOutputDirectoryThatCannotBeMadeIsReported() throws {
    let result = try onyx("run", model, "--input", try write("x", .npy), "--output-dir", model + "/out")
    expectError(result, 66, "error: The directory '\(model)/out' cannot be made.\n  Check the path and its permissions.\n")
  }
}
