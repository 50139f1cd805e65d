import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

struct JSONTests {
  private func text(_ name: String?, _ tensor: Tensor) throws -> String {
    String(decoding: try JSONTensor.encode([(name, tensor)]), as: UTF8.self)
  }

  @Test func writes() throws {
    #expect(
      try text("x", Tensor([Float(1), -0.5, .nan, .infinity, -.infinity, 1e-7], shape: [2, 3])) == """
        {"name":"x","type":"float32","shape":[2,3],"data":[1.0,-0.5,"NaN","Infinity","-Infinity",1e-07]}

        """)
    #expect(
      try text(nil, Tensor([UInt64.max], shape: [1]))
        == "{\"name\":null,\"type\":\"uint64\",\"shape\":[1],\"data\":[18446744073709551615]}\n")
    #expect(try text("b", Tensor(scalar: true)) == "{\"name\":\"b\",\"type\":\"bool\",\"shape\":[],\"data\":[true]}\n")
    #expect(
      try text("s", Tensor(["a\"\\\n\u{1}é"], shape: [1]))
        == "{\"name\":\"s\",\"type\":\"string\",\"shape\":[1],\"data\":[\"a\\\"\\\\\\n\\u0001é\"]}\n")
    #expect(
      try text("c", Tensor([Complex64(1, -2)], shape: [1])) == "{\"name\":\"c\",\"type\":\"complex64\",\"shape\":[1],\"data\":[1.0,-2.0]}\n"
    )
  }

  @Test(arguments: ElementType.allCases)
  func everyTypeComesBack(_ type: ElementType) throws {
    let tensors = try (0..<3).map {
      (name: "t\($0)" as String?, tensor: try Tensor.random(type, [2, 5], in: -300...300, seed: UInt64($0)))
    }
    let read = try JSONTensor.decode(JSONTensor.encode(tensors)[...])
    #expect(read.map(\.name) == tensors.map(\.name))
    for (a, b) in zip(read, tensors) { #expect(allClose(a.tensor, b.tensor, rtol: 0, atol: 0) == nil) }
  }

  @Test func readsWhatOthersWrite() throws {
    let text = " { \"data\" : [ 1, 2.5e1 ,\t-0 ], \"shape\":[3],\n\"type\":\"float64\", \"more\": {\"a\": [null, false]} } "
    let read = try JSONTensor.decode(Array(text.utf8)[...])
    #expect(read[0].name == nil)
    #expect(try read[0].tensor.elements(as: Double.self) == [1, 25, 0])
    let escapes = "{\"type\":\"string\",\"shape\":[2],\"data\":[\"\\u00e9\\ud83d\\ude42\\/\\b\\f\\n\\r\\t\\\\\\\"\",\"é\"]}"
    #expect(try JSONTensor.decode(Array(escapes.utf8)[...])[0].tensor.strings() == ["é🙂/\u{8}\u{C}\n\r\t\\\"", "é"])
  }

  @Test(arguments: [
    "", "{", "[1", "nul", "01", "1.", "1e", "-", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12g4\"", "{\"a\":1,}",
    "{\"a\":1,\"a\":2}",
    "[1,]", "[] []", "{1:2}", "\"\n\"", "+1", "\"\\u-123\"",
    String(repeating: "[", count: 100_000),
  ])
  func refusesWhatIsNoJSON(_ text: String) throws {
    let error = #expect(throws: OnyxError.self) { try JSONTensor.decode(Array(text.utf8)[...]) }
    #expect(error?.code == .invalidModel)
    #expect(error?.reason.contains("no JSON") == true)
  }

  @Test(arguments: [
    ("1", "no tensor object"),
    ("{}", "needs a \"type\""),
    ("{\"type\":\"float33\",\"data\":[],\"shape\":[0]}", "needs a \"type\""),
    ("{\"type\":\"float32\",\"shape\":[0]}", "needs \"data\", a list"),
    ("{\"type\":\"float32\",\"data\":[]}", "needs a \"shape\""),
    ("{\"type\":\"float32\",\"data\":[1],\"shape\":[1.5]}", "must be integers"),
    ("{\"type\":\"float32\",\"data\":[1],\"shape\":[-1]}", "negative"),
    ("{\"type\":\"float32\",\"data\":[1],\"shape\":[2]}", "has 1 data"),
    ("{\"type\":\"complex64\",\"data\":[1],\"shape\":[1]}", "has 1 data"),
    ("{\"type\":\"float32\",\"data\":[\"x\"],\"shape\":[1]}", "datum 0 of a tensor object is no float32"),
    ("{\"type\":\"int8\",\"data\":[127,128],\"shape\":[2]}", "datum 1 of a tensor object is no int8"),
    ("{\"type\":\"int4\",\"data\":[-9],\"shape\":[1]}", "datum 0"),
    ("{\"type\":\"uint8\",\"data\":[-1],\"shape\":[1]}", "datum 0"),
    ("{\"type\":\"int64\",\"data\":[9223372036854775808],\"shape\":[1]}", "datum 0"),
    ("{\"type\":\"int32\",\"data\":[1.0],\"shape\":[1]}", "datum 0"),
    ("{\"type\":\"bool\",\"data\":[1],\"shape\":[1]}", "datum 0"),
    ("{\"type\":\"string\",\"data\":[1],\"shape\":[1]}", "datum 0"),
  ])
  func refusesWhatIsNoTensor(_ text: String, _ reason: String) throws {
    let error = #expect(throws: OnyxError.self) { try JSONTensor.decode(Array(text.utf8)[...]) }
    #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func readsTheLimitsOfIntegers() throws {
    let text = """
      [{"type":"int64","shape":[2],"data":[-9223372036854775808,9223372036854775807]}, {"type":"int4","shape":[2],"data":[-8,7]},
       {"type":"uint2","shape":[1],"data":[3]}, {"type":"uint32","shape":[1],"data":[4294967295]}]
      """
    let read = try JSONTensor.decode(Array(text.utf8)[...])
    #expect(try read.map { try $0.tensor.integers() } == [[.min, .max], [-8, 7], [3], [4_294_967_295]])
  }
}
