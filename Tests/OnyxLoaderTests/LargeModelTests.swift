import Foundation
import OnyxGraph
import OnyxLoader
import OnyxProto
import OnyxTensor
import OnyxTestSupport
import Testing

/// A 110 MB model opens without its weights being read.
@Suite(.serialized) struct LargeModelTests {
  /// 110 tensors of 1 MB at offsets that are seldom aligned.
  static func write(to folder: TemporaryFolder) throws -> String {
    let block = [UInt8](repeating: 0x3F, count: 1 << 20)
    var tensors: [UInt8] = []
    tensors.reserveCapacity(112 << 20)
    for index in 0..<110 {
      let header = Wire.int(1, 1 << 18) + Wire.int(2, 1) + Wire.text(8, "w" + String(repeating: "_", count: index % 7) + "\(index)")
      let body = header + Wire.tag(9, 2) + Wire.varint(UInt64(block.count))
      tensors += Wire.tag(5, 2) + Wire.varint(UInt64(body.count + block.count)) + body
      tensors += block
    }
    let rest = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    let model = Wire.int(1, 10) + Wire.message(8, Wire.int(2, 21)) + Wire.tag(7, 2) + Wire.varint(UInt64(tensors.count + rest.count))
    return try folder.write("large.onnx", model + tensors + rest)
  }

  /// Memory of this process that is no page of a file, in kilobytes; 0 where /proc is not there.
  static func anonymousKilobytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
  }

  @Test func opensQuicklyAndWithoutACopy() throws {
    let folder = TemporaryFolder()
    let path = try Self.write(to: folder)
    let before = Self.anonymousKilobytes()
    let clock = ContinuousClock()
    var model: ModelGraph?
    let time = try clock.measure { model = try ModelLoader.load(contentsOf: path) }
    let graph = try #require(model?.graph)
    #expect(graph.initializers.count == 110)
    // Loose: debug builds, busy machines, other tests in parallel. A copy would take 112,640 kB.
    #expect(time < .seconds(2) * Sanitizer.patience)
    #expect(Self.anonymousKilobytes() - before < 80_000)
    let (id, tensor) = try #require(graph.initializers.first { graph[$0.key].name == "w___101" })
    #expect(graph[id].type == .tensor(.float32, shape: [262_144]))
    let expected = Float(bitPattern: 0x3F3F_3F3F)
    #expect(try tensor.elements(as: Float.self).allSatisfy { $0 == expected })
  }

  @Test func theMappingOutlivesFileAndModel() throws {
    let folder = TemporaryFolder()
    let path = try folder.write("model.onnx", Onnx.good)
    let tensor = try #require(try ModelLoader.load(contentsOf: path).graph.initializers.values.first)
    try FileManager.default.removeItem(atPath: path)
    #expect(try tensor.doubles() == [3, 4])
  }
}
