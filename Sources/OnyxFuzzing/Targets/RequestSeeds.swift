import OnyxTestSupport

/// Requests to a server, as parts that can be changed one by one and put together with right lengths.
struct RequestSeeds {
  /// The model that the server has.
  static let model = "small"

  /// Of HTTP: the lines above the length, and the body.
  static let http: [(head: String, body: [UInt8])] = {
    let json = #"{"id":"1","inputs":[{"name":"x","shape":[4],"datatype":"FP32","data":[1,2,3,4]}],"outputs":[{"name":"y"}]}"#
    let binary =
      #"{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"#
      + #""outputs":[{"name":"y","parameters":{"binary_data":true}}]}"#
    let infer = "POST /v2/models/\(model)/infer HTTP/1.1\r\nHost: a\r\n"
    return [
      ("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n", []), ("GET /v2/health/ready HTTP/1.1\r\nHost: a\r\n", []),
      ("GET /v2 HTTP/1.1\r\nHost: a\r\n", []),
      ("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n", []), ("GET /v2/models/\(model) HTTP/1.1\r\nHost: a\r\n", []),
      ("GET /v2/models/\(model)/config HTTP/1.1\r\nHost: a\r\n", []),
      ("GET /v2/models/\(model)/versions/1/ready HTTP/1.1\r\nHost: a\r\n", []),
      ("POST /v2/repository/index HTTP/1.1\r\nHost: a\r\n", Array("{}".utf8)),
      ("POST /v2/repository/models/\(model)/load HTTP/1.1\r\nHost: a\r\n", Array("{}".utf8)),
      (infer + "Content-Type: application/json\r\n", Array(json.utf8)), (infer, Array(json.utf8)),
      (infer + "Inference-Header-Content-Length: \(binary.utf8.count)\r\n", Array(binary.utf8) + Wire.floats([1, 4])),
      (infer + "Content-Encoding: gzip\r\n", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xAB, 0xAE, 5, 0, 0x43, 0xBF, 0xA6, 0xA3, 2, 0, 0, 0]),
      (infer + "Expect: 100-continue\r\n", Array(json.utf8)), (infer + "Accept-Encoding: deflate, gzip;q=0.5\r\n", Array(json.utf8)),
    ]
  }()

  static func http(_ head: [UInt8], _ body: [UInt8], chunked: Bool) -> [UInt8] {
    guard chunked else { return head + Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body }
    return head + Array("Transfer-Encoding: chunked\r\n\r\n\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
  }

  /// Of gRPC: the method and its message.
  static let calls: [(method: String, message: [UInt8])] = {
    let tensor = Wire.text(1, "x") + Wire.text(2, "FP32") + Wire.data(3, [4])
    let contents = Wire.message(5, Wire.data(6, Wire.floats([1, 2, 3, 4])))
    let infer = Wire.text(1, model) + Wire.text(3, "id")
    let raw = infer + Wire.data(5, tensor) + Wire.data(7, Wire.floats([1, 2, 3, 4]))
    return [
      ("ServerLive", []), ("ServerReady", []), ("ServerMetadata", []), ("ModelReady", Wire.text(1, model)),
      ("ModelMetadata", Wire.text(1, model)),
      ("ModelConfig", Wire.text(1, model)), ("RepositoryIndex", Wire.int(2, 1)), ("RepositoryModelLoad", Wire.text(2, model)),
      ("ModelInfer", raw),
      ("ModelInfer", infer + Wire.message(5, tensor, contents) + Wire.message(6, Wire.text(1, "y"))), ("ModelStreamInfer", raw),
      ("Nothing", []),
    ]
  }()

  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private static func frame(_ type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [UInt8(payload.count >> 16 & 0xFF), UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream]
      + payload
  }

  /// A header as a literal that is not indexed.
  private static func header(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(min(name.utf8.count, 126))] + name.utf8.prefix(126) + [UInt8(min(value.utf8.count, 126))] + value.utf8.prefix(126)
  }

  /// A call on a connection of its own.
  static func call(_ method: String, _ message: [UInt8], compressed: UInt8 = 0, prefix: [UInt8]? = nil) -> [UInt8] {
    let headers = [
      header(":method", "POST"), header(":scheme", "http"), header(":path", "/inference.GRPCInferenceService/\(method)"),
      header(":authority", "a"),
      header("content-type", "application/grpc"), header("te", "trailers"), header("grpc-timeout", "1S"),
    ].flatMap(\.self)
    let count = message.count
    let length =
      prefix ?? [compressed, UInt8(count >> 24 & 0xFF), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    var bytes = preface + frame(4, flags: 0, stream: 0, []) + frame(1, flags: 4, stream: 1, headers)
    let data = length + message
    for start in stride(from: 0, to: data.count, by: 16000) {
      let end = min(start + 16000, data.count)
      bytes += frame(0, flags: end == data.count ? 1 : 0, stream: 1, Array(data[start..<end]))
    }
    return bytes
  }
}
