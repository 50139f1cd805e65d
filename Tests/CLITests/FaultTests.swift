import Foundation
import OnyxTestSupport
import Testing

/// What comes from outside at any moment: signals, too little memory, folders that take no file.
@Suite("Faults from outside", .serialized) struct FaultTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

  /// y = −x of many numbers, whose text is long to write.
  private func writeLongModel() throws {
    _ = try folder.write(
      Onnx.model(
        Onnx.graph(
          nodes: [Onnx.node("Neg", ["x"], ["y"])], inputs: [],
          Wire.data(11, Onnx.value("x", dims: [Wire.int(1, 400_000)])))),
      to: "long.onnx")
  }

  /// From the moment that the file beside the output is there, and earlier: nothing is left, or the whole output.
  @Test func anEndingSignalLeavesNoCutFile() throws {
    try writeLongModel()
    let whole = try shell("\"$onyx\" run $folder/long.onnx --seed 1 --output-dir $folder --format json", folder: folder)
    #expect(whole.exitCode == 0, "\(whole)")
    let bytes = try Data(contentsOf: URL(filePath: folder.path("y.json")))
    #expect(bytes.count > 1_000_000)
    var stopped = 0
    for (round, number) in [15, 2, 1, 15, 15, 15].enumerated() {
      try? FileManager.default.removeItem(atPath: folder.path("y.json"))
      let wait =
        round == 0 ? "sleep 0.02" : "for i in $(seq 2000); do compgen -G \"$folder/.onyx-*\" > /dev/null && break; sleep 0.002; done"
      let result = try shell(
        """
        "$onyx" run $folder/long.onnx --seed 1 --output-dir $folder --format json > /dev/null 2>&1 & child=$!
        \(wait); sleep 0.0\(round % 3); kill -\(number) $child 2> /dev/null; wait $child
        """, folder: folder)
      #expect([0, 128 + Int32(number)].contains(result.exitCode), "\(result)")
      stopped += result.exitCode == 0 ? 0 : 1
      #expect(try names().filter { $0.hasPrefix(".onyx-") } == [], "signal \(number)")
      guard FileManager.default.fileExists(atPath: folder.path("y.json")) else { continue }
      #expect(try Data(contentsOf: URL(filePath: folder.path("y.json"))) == bytes, "signal \(number)")
    }
    #expect(stopped > 0)
  }

  #if os(Linux)
    /// Three products with 12 MB of weights, in less and less address space: a result, a typed error, or a program that cannot be loaded.
    @Test(.disabled(if: Sanitizer.needsAddresses, "the shadow of a sanitizer takes more addresses than any limit"))
    func littleMemoryIsAnError() throws {
      let side = 1024
      let weights = [UInt8](repeating: 0, count: side * side * 4)
      let names = ["a", "b", "c"]
      let model = Onnx.model(
        Onnx.graph(
          nodes: names.indices.map { Onnx.node("MatMul", [$0 == 0 ? "x" : "y\($0 - 1)", names[$0]], [$0 == 2 ? "y" : "y\($0)"]) },
          inputs: [], outputs: [], initializers: names.map { Onnx.tensor($0, dims: [Int64(side), Int64(side)], Wire.data(9, weights)) },
          Wire.data(11, Onnx.value("x", dims: [Wire.int(1, 2048), Wire.int(1, Int64(side))])),
          Wire.data(12, Onnx.value("y", dims: [Wire.int(1, 2048), Wire.int(1, Int64(side))]))))
      _ = try folder.write(model, to: "products.onnx")
      let script = """
        for kilobytes in $(seq 90000 10000 240000); do
          (ulimit -c 0; ulimit -v $kilobytes; exec "$onyx" run $folder/products.onnx --threads 2 > /dev/null 2> $folder/message)
          echo "$? $(grep -c 'loading shared libraries' $folder/message) $(grep -v '^note' $folder/message | head -1)"
        done
        """
      let lines = try shell(script, folder: folder).standardOutput.split(separator: "\n").map(String.init)
      #expect(lines.count == 16)
      for line in lines where !line.hasPrefix("127 1") {
        #expect(line.hasPrefix("0 ") || line.hasPrefix("75 0 error: "), "\(line)")
      }
      #expect(lines.contains { $0.hasPrefix("75 ") } && lines.last?.hasPrefix("0 ") == true, "\(lines)")
    }

    /// A folder of the system, where the superuser makes no file either.
    @Test func aFolderThatTakesNoFileIsAnError() throws {
      try writeLongModel()
      let output = try shell("\"$onyx\" run digits/model.onnx --output-dir /sys/kernel", folder: folder)
      #expect(output.exitCode == 66 || output.exitCode == 74, "\(output)")
      #expect(output.standardError.contains("/sys/kernel"), "\(output.standardError)")
    }
  #endif
}
