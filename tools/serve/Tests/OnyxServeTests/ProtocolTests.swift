import NIOCore
import NIOHTTP1
import Onyx
import OnyxServe
import Testing

@Suite struct ProtocolTests {
  /// A request in JSON and its tensors.
  @Test func everyDatatypeIsRead() throws {
    let text = """
      {"id": "a", "parameters": {"binary_data_output": true, "timeout": 5}, "inputs": [
        {"name": "f", "datatype": "FP32", "shape": [2, 2], "data": [[1, 2.5], [-3, 1e2]]},
        {"name": "d", "datatype": "FP64", "shape": [1], "data": [0.1]}, {"name": "h", "datatype": "FP16", "shape": [1], "data": [0.5]},
        {"name": "i", "datatype": "INT64", "shape": [2], "data": [-9223372036854775808, 9223372036854775807]},
        {"name": "b", "datatype": "BOOL", "shape": [4], "data": [true, false, 1, 0]},
        {"name": "u", "datatype": "UINT8", "shape": [1], "data": [255]},
        {"name": "s", "datatype": "BYTES", "shape": [2], "data": ["a", "é"]},
        {"name": "e", "datatype": "FP32", "shape": [0, 4], "data": []}]}
      """
    let request = try InferenceJSON(body: ByteBuffer(string: text), headerLength: nil).decode()
    #expect(request.id == "a" && request.isBinary && request.timeout == .microseconds(5))
    #expect(try request.inputs["f"]?.elements(as: Float.self) == [1, 2.5, -3, 100])
    #expect(try request.inputs["d"]?.elements(as: Double.self) == [0.1])
    #expect(request.inputs["h"]?.elementType == .float16)
    #expect(try request.inputs["i"]?.elements(as: Int64.self) == [Int64.min, Int64.max])
    #expect(try request.inputs["b"]?.elements(as: Bool.self) == [true, false, true, false])
    #expect(try request.inputs["u"]?.elements(as: UInt8.self) == [255])
    #expect(try request.inputs["s"]?.strings() == ["a", "é"])
    #expect(request.inputs["e"]?.shape == [0, 4])
  }

  @Test(arguments: [
    ("INT8", "128"), ("UINT8", "-1"), ("UINT16", "65536"), ("INT32", "1.5"), ("INT64", "9223372036854775808"), ("BOOL", "2"),
  ])
  func numbersThatDoNotFitAreRefused(_ datatype: String, _ number: String) {
    let text = #"{"inputs": [{"name": "x", "datatype": "\#(datatype)", "shape": [1], "data": [\#(number)]}]}"#
    #expect(throws: Failure.self) { try InferenceJSON(body: ByteBuffer(string: text), headerLength: nil).decode() }
  }

  /// A ModelInferRequest by hand, cut at each byte and with each byte changed: a failure or a request, never a trap.
  @Test func brokenMessagesDoNotTrap() throws {
    var input = WireWriter()
    input.text(1, "x")
    input.text(2, "INT32")
    input.integers(3, [1, 2])
    try input.message(5) { (writer) throws(Failure) in writer.integers(2, [-1, 7]) }
    var message = WireWriter()
    message.text(1, "m")
    message.text(3, "id")
    message.raw(5, count: input.bytes.readableBytes) { $0.writeImmutableBuffer(input.bytes) }
    let request = try InferenceMessages(message: message.bytes).decode()
    #expect(request.id == "id")
    #expect(try request.inputs["x"]?.elements(as: Int32.self) == [-1, 7])
    #expect(try InferenceMessages.target(message.bytes).name == "m")
    let bytes = Array(message.bytes.readableBytesView)
    for place in bytes.indices {
      _ = try? InferenceMessages(message: ByteBuffer(bytes: bytes[..<place])).decode()
      for byte in [UInt8(0), 1, 0x7F, 0x80, 0xFF] {
        var broken = bytes
        broken[place] = byte
        _ = try? InferenceMessages(message: ByteBuffer(bytes: broken)).decode()
      }
    }
  }

  @Test(arguments: [
    ("/v2/health/live", HTTPMethod.GET, Route.live), ("/v2/", .GET, .metadata), ("/v2/models/a", .GET, .modelMetadata("a", version: nil)),
    ("/v2/models/a%20b/versions/3/infer?x=1", .POST, .infer("a b", version: "3")), ("/v2/repository/models/a/load", .POST, .load("a")),
    ("/v2/models/versions/versions/1/ready", .GET, .modelReady("versions", version: "1")), ("/metrics", .GET, .metrics),
  ]) func pathsAreRoutes(_ path: String, _ method: HTTPMethod, _ route: Route) throws {
    #expect(try Route(method, path) == route)
  }

  @Test(arguments: ["", "/", "/v1", "/v2/models", "/v2/models/a/infer/x", "/v2/models/a%2", "/v2/models/a%ff/ready", "/v2/health/live/x"])
  func otherPathsAreRefused(_ path: String) {
    #expect(throws: Failure.self) { try Route(.GET, path) }
    #expect(throws: Failure.self) { try Route(.DELETE, path) }
  }

  @Test func packedBytesComeBackAndHaveALimit() throws {
    let bytes = ByteBuffer(bytes: (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    for kind in [Compression.gzip, .deflate] {
      let packed = try #require(kind.pack(bytes))
      #expect(packed.readableBytes < bytes.readableBytes / 10)
      #expect(try Compression.unpack(packed, limit: 300_000) == bytes)
      #expect(throws: Failure.self) { try Compression.unpack(packed, limit: 299_999) }
      #expect(throws: Failure.self) { try Compression.unpack(ByteBuffer(packed.readableBytesView.dropLast(1)), limit: 1 << 20) }
    }
    #expect(Compression.accepted("br, gzip;q=0, deflate") == .deflate)
    #expect(Compression.accepted("identity") == nil)
    #expect(throws: Failure.self) { try Compression.of(contentEncoding: "br") }
  }

  @Test func durationsOfGRPCAreRead() {
    #expect(GRPCStream.duration("100m") == .milliseconds(100))
    #expect(GRPCStream.duration("2H") == .seconds(7200))
    for text in ["", "m", "100", "-1S", "1x", "99999999999S"] { #expect(GRPCStream.duration(text) == nil, "\(text)") }
    #expect(GRPCStream.escaped("50 %\né") == "50 %25%0A%C3%A9")
  }

  @Test func histogramsAreCumulative() {
    var histogram = Histogram([1, 2.5])
    for value in [0.5, 1, 2, 9] { histogram.observe(value) }
    #expect(
      histogram.text("x", labels: "a=\"b\",") == """
        x_bucket{a="b",le="1"} 2
        x_bucket{a="b",le="2.5"} 3
        x_bucket{a="b",le="+Inf"} 4
        x_sum{a="b"} 12.5
        x_count{a="b"} 4

        """)
  }

  @Test func settingsOfAModelAreChecked() throws {
    let made = try ModelConfiguration(json: Array(#"{"max_batch_size": 8, "max_queue_delay_microseconds": 500, "precision": "bf16"}"#.utf8))
    #expect(made.maxBatchSize == 8 && made.maxQueueDelay == .microseconds(500) && made.precision == .bfloat16)
    for text in ["{\"max_batch_size\": 0}", "{\"batch\": 1}", "{\"precision\": \"int8\"}", "[]", "{\"threads\": 1.5}"] {
      #expect(throws: Failure.self) { try ModelConfiguration(json: Array(text.utf8)) }
    }
  }
}
