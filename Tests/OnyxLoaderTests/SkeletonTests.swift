import COnnxProto
import OnyxProto
import OnyxTensor
import OnyxTestSupport
import Testing

/// The walker in front of protobuf-c, seen through `ModelMessage.decode`.
@Suite struct SkeletonTests {
  static func decode(_ bytes: [UInt8]) throws(OnyxError) -> ModelMessage { try ModelMessage.decode(try ByteSlice(copying: bytes)) }
  static func reason(_ bytes: [UInt8]) -> String { failure { () throws(OnyxError) in try decode(bytes) }?.reason ?? "no error" }

  /// `levels` If nodes inside one another.
  static func nested(_ levels: Int) -> [UInt8] {
    var graph = Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"])])
    for _ in 0..<levels {
      graph = Onnx.graph(nodes: [Onnx.node("If", ["c"], ["y"], attributes: [Onnx.attribute("then_branch", graph: graph)])], inputs: [])
    }
    return Onnx.model(graph)
  }

  @Test func readsThirtyNestedBodies() throws {
    var graph = try #require(try Self.decode(Self.nested(30)).graph)
    var levels = 0
    while let inner = graph.nodes.first?.attributes.first?.graphs.first {
      graph = inner
      levels += 1
    }
    #expect(levels == 30)
    #expect(graph.nodes.first?.op == "Sqrt")
  }

  @Test func refusesFortyNestedBodies() { #expect(Self.reason(Self.nested(40)).contains("nested deeper than 100 messages")) }

  /// 100,000 graphs inside one another, written from the inside out in one buffer.
  @Test func refusesHundredThousandNestedBodies() {
    var reversed: [UInt8] = []
    for _ in 0..<100_000 {
      for number in [6, 5, 1] {
        let length = reversed.count
        reversed += (Wire.tag(number, 2) + Wire.varint(UInt64(length))).reversed()
      }
    }
    reversed += (Wire.tag(7, 2) + Wire.varint(UInt64(reversed.count))).reversed()
    #expect(Self.reason(Array(reversed.reversed())).contains("nested deeper"))
  }

  @Test func refusesNestedSequenceTypes() {
    var type = Wire.message(1, Wire.int(1, 1))
    for _ in 0..<200 { type = Wire.message(4, Wire.data(1, type)) }
    let bytes = Wire.message(7, Wire.message(11, Wire.text(1, "x"), Wire.data(2, type)))
    #expect(Self.reason(bytes).contains("nested deeper"))
  }

  @Test func skipsUnknownFieldsAndGroups() throws {
    let group = Wire.tag(90, 3) + Wire.int(1, 5) + Wire.tag(91, 3) + Wire.text(2, "in") + Wire.tag(91, 4) + Wire.tag(90, 4)
    let unknown = Wire.int(200, 7) + Wire.text(201, "text") + Wire.float(202, 1) + Wire.tag(203, 1) + Wire.little(UInt64(1)) + group
    let model = try Self.decode(unknown + Onnx.good + unknown)
    #expect(model.graph?.nodes.map(\.op) == ["Sqrt", "Concat"])
    #expect(model.unknownFieldCount == 10)
  }

  @Test func groupsCountAsNesting() {
    let deep =
      Array(repeating: Wire.tag(90, 3), count: 200_000).flatMap { $0 } + Array(repeating: Wire.tag(90, 4), count: 200_000).flatMap { $0 }
    #expect(Self.reason(deep).contains("nested deeper than 100 groups"))
    let shallow = Array(repeating: Wire.tag(90, 3), count: 90).flatMap { $0 } + Array(repeating: Wire.tag(90, 4), count: 90).flatMap { $0 }
    #expect(failure { () throws(OnyxError) in try Self.decode(shallow) } == nil)
  }

  static let damaged: [(bytes: [UInt8], text: String)] = [
    ([0x08], "ends in the middle of ModelProto.ir_version"),
    ([0x08, 0xFF, 0xFF], "ends in the middle of ModelProto.ir_version"),
    ([0x08] + Array(repeating: 0xFF, count: 11), "longer than 64 bits"),
    ([0x08] + Array(repeating: 0xFF, count: 9) + [0x02], "longer than 64 bits"),
    ([0x3A, 0x05, 0x00], "ModelProto.graph says that it has 5 bytes, but only 1 are left"),
    ([0x3A] + Array(repeating: 0xFF, count: 9) + [0x01], "says that it has 18446744073709551615 bytes"),
    ([0x00, 0x00], "no field with the tag 0"),
    ([0x0F], "no field with the tag 15"),
    ([0x0C], "wrong wire type"),
    (Wire.tag(90, 4), "A group ends that was not started"),
    (Wire.tag(90, 3), "ends in the middle"),
    (Wire.tag(90, 3) + Wire.tag(91, 4), "A group ends that was not started"),
    (Wire.text(1, "ir"), "ModelProto.ir_version has the wrong wire type"),
    (Wire.int(7, 1), "ModelProto.graph has the wrong wire type"),
    (Wire.message(7) + Wire.message(7), "ModelProto.graph occurs twice"),
    (Wire.message(7, Wire.message(5, Wire.data(7, [0x80]))), "ends in the middle of TensorProto.int64_data"),
    (Wire.message(7, Wire.message(5, Wire.data(10, [1, 2, 3, 4]))), "TensorProto.double_data ends in the middle of a number"),
    (Wire.message(7, Wire.message(1, Wire.tag(5, 2) + [0x05, 0x00])), "NodeProto.attribute says that it has 5 bytes, but only 1 are left"),
  ]

  @Test(arguments: damaged.indices) func refusesDamage(_ index: Int) {
    let (bytes, text) = Self.damaged[index]
    #expect(Self.reason(bytes).contains(text), "\(Self.reason(bytes))")
  }

  /// 12 million empty nodes in 24 MB would be 3 GB of structs.
  @Test func refusesMoreStructsThanTheFileCanMean() {
    var nodes: [UInt8] = [0x0A, 0]
    while nodes.count < 24_000_000 { nodes += nodes }
    let error = failure { () throws(OnyxError) in try Self.decode(Wire.data(7, nodes)) }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func longVarintsAndRepeatedScalarsMeanWhatProtobufSays() throws {
    // ir_version 3 in five bytes, then again as 4: the last one counts.
    let model = try Self.decode([0x08, 0x83, 0x80, 0x80, 0x80, 0x00] + Wire.int(1, 4))
    #expect(model.irVersion == 4)
  }

  @Test func namesKeepTheirNulsAndBrokenTextIsRepaired() throws {
    let model = try Self.decode(Wire.text(2, "a\0b") + Wire.data(3, [0x61, 0xFF]))
    #expect(model.producerName == "a\0b")
    #expect(model.producerVersion == "a\u{FFFD}")
  }

  /// protobuf-c reads the original and our messages alike.
  @Test func agreesWithPlainProtobufC() throws {
    for bytes in [Onnx.good] + [ModelFixture.functions, ModelFixture.captures, ModelFixture.everything, ModelFixture.old].map(base64) {
      let ours = try Self.decode(bytes)
      let found = unsafe onnx__model_proto__unpack(nil, bytes.count, bytes)
      guard let plain = unsafe found, let graph = unsafe plain.pointee.graph?.pointee else {
        Issue.record("protobuf-c did not read the model")
        continue
      }
      defer { unsafe onnx__model_proto__free_unpacked(plain, nil) }
      #expect(unsafe Int(graph.n_node) == ours.graph?.nodes.count)
      #expect(unsafe Int(graph.n_initializer) == ours.graph?.initializers.count)
      #expect(unsafe Int(plain.pointee.n_functions) == ours.functions.count)
      #expect(unsafe plain.pointee.ir_version == ours.irVersion)
      for (index, tensor) in (ours.graph?.initializers ?? []).enumerated() {
        guard case .raw(let slice) = tensor.content, let item = unsafe graph.initializer[index] else { continue }
        let raw = unsafe Array(UnsafeBufferPointer(start: item.pointee.raw_data.data, count: item.pointee.raw_data.len))
        #expect(slice.prefix(slice.count) == raw)
      }
    }
  }
}
