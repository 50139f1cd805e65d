import COnyx
import Onyx
import OnyxC
import OnyxTensor
import OnyxTestSupport
import Testing

/// The functions of `onyx.h`, called as C calls them.
///
/// SAFETY: addresses are those that the interface gave, used before they are released; arrays outlive the calls that read them.
@Suite("The C interface")
struct CInterfaceTests {
  static let ok = onyx_code(ONYX_OK)

  /// An open session that is released with the object.
  @safe final class Opened {
    let session: OpaquePointer

    init(_ path: String, _ options: [(String, String)] = []) throws {
      let made = unsafe onyx_options_make()
      defer { unsafe onyx_options_release(made) }
      for (name, value) in options { #expect(unsafe onyx_options_set(made, name, value, nil) == CInterfaceTests.ok) }
      var session: OpaquePointer?
      try unsafe CInterfaceTests.check { unsafe onyx_session_open(path, made, &session, $0) }
      unsafe self.session = try #require(unsafe session)
    }

    init(bytes: [UInt8]) throws {
      var session: OpaquePointer?
      try unsafe CInterfaceTests.check { unsafe onyx_session_open_bytes(bytes, bytes.count, nil, nil, &session, $0) }
      unsafe self.session = try #require(unsafe session)
    }

    deinit { unsafe onyx_session_release(session) }

    /// The outputs; what is returned is to be released.
    func run(_ inputs: [OpaquePointer?], _ control: OpaquePointer? = nil) throws -> [OpaquePointer?] {
      var outputs = unsafe [OpaquePointer?](repeating: nil, count: onyx_session_output_count(session))
      try unsafe CInterfaceTests.check { unsafe onyx_session_run(session, inputs, &outputs, control, $0) }
      return unsafe outputs
    }
  }

  struct Failure: Error {
    let code: onyx_code
    let message: String
  }

  /// Throws what a call stores as its error; the code is that of the object.
  static func check(_ call: (ErrorPlace) -> onyx_code) throws {
    var error: OpaquePointer?
    let code = unsafe call(&error)
    if code == ok {
      #expect(unsafe error == nil)
      return
    }
    defer { unsafe onyx_error_release(error) }
    #expect(unsafe onyx_error_code(error) == code)
    throw Failure(code: code, message: unsafe String(cString: onyx_error_message(error)))
  }

  typealias ErrorPlace = UnsafeMutablePointer<OpaquePointer?>

  static func failure(_ call: (ErrorPlace) -> onyx_code) -> Failure? {
    do { try unsafe check(call) } catch { return error as? Failure }
    return nil
  }

  static func floats(_ value: OpaquePointer?) -> [Float] {
    let count = unsafe onyx_value_byte_count(value) / 4
    guard let start = unsafe onyx_value_bytes(value) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start.assumingMemoryBound(to: Float.self), count: count))
  }

  static func copied(_ values: [Float], _ extents: [Int64]) throws -> OpaquePointer? {
    var made: OpaquePointer?
    try unsafe check { error in
      unsafe values.withUnsafeBytes { bytes in
        unsafe onyx_tensor_copy(1, extents.count, extents, bytes.baseAddress, bytes.count, &made, error)
      }
    }
    return unsafe made
  }

  static func release(_ values: [OpaquePointer?]) {
    unsafe values.withUnsafeBufferPointer { values in
      for index in 0..<values.count { unsafe onyx_value_release(values[index]) }
    }
  }

  static let digits = ModelCase("digits")

  @Test func theVersionIsTheLibrarys() { #expect(unsafe String(cString: onyx_version()) == Session.version) }

  @Test func portsSayWhatTheModelTakes() throws {
    let opened = try Opened(Self.digits.path, [("threads", "1")])
    #expect(unsafe onyx_session_thread_count(opened.session) == 1)
    #expect(unsafe onyx_session_input_count(opened.session) == 1)
    let input = unsafe try #require(onyx_session_input(opened.session, 0)).pointee
    #expect(unsafe String(cString: input.name) == "image" && String(cString: input.type) == "float32")
    #expect(unsafe input.kind == Int32(ONYX_KIND_TENSOR) && input.element_type == 1 && input.rank == 4 && !input.is_optional)
    #expect((0..<4).map { unsafe input.extents[$0] } == [-1, 1, 28, 28])
    #expect(unsafe String(cString: try #require(input.dimensions[0])) == "batch")
    #expect(unsafe input.dimensions[1] == nil)
    #expect(unsafe onyx_session_input(opened.session, 1) == nil && onyx_session_output(opened.session, -1) == nil)
  }

  @Test func aRunGivesWhatTheModelsDataSetSays() throws {
    let opened = try Opened(Self.digits.path)
    for set in try Self.digits.dataSets() {
      let image = try set.inputs[0].elements(as: Float.self)
      let extents = set.inputs[0].shape.map { Int64($0) }
      try unsafe image.withUnsafeBytes { bytes in
        var input: OpaquePointer?
        try unsafe Self.check { unsafe onyx_tensor_borrow(1, 4, extents, bytes.baseAddress, bytes.count, &input, $0) }
        let outputs = unsafe try opened.run([input])
        defer { unsafe Self.release(outputs) }
        unsafe onyx_value_release(input)
        let result = unsafe try Tensor(Self.floats(outputs[0]), shape: set.outputs[0].shape)
        #expect(allClose(result, set.outputs[0], rtol: 1e-4, atol: 1e-5) == nil)
        #expect((0..<2).map { unsafe onyx_value_extents(outputs[0])[$0] } == set.outputs[0].shape.map { Int64($0) })
        #expect(unsafe String(cString: onyx_value_description(outputs[0])) == "float32\(set.outputs[0].shape)")
      }
    }
  }

  /// A graph that gives its input back gives another tensor than the caller's memory, which may be gone by then.
  @Test func resultsAreNeverTheCallersMemory() throws {
    let node = Onnx.node("Identity", ["x"], ["y"])
    let opened = try Opened(bytes: Onnx.model(Onnx.graph(nodes: [node], inputs: ["x"], outputs: ["y"])))
    let values: [Float] = [1, 2, 3]
    try unsafe values.withUnsafeBytes { bytes in
      var input: OpaquePointer?
      try unsafe Self.check { unsafe onyx_tensor_borrow(1, 1, [3], bytes.baseAddress, 12, &input, $0) }
      #expect(unsafe onyx_value_bytes(input) == bytes.baseAddress)
      let output = unsafe try opened.run([input])[0]
      #expect(unsafe onyx_value_bytes(output) != bytes.baseAddress)
      #expect(unsafe Self.floats(output) == values)
      var fetched: OpaquePointer?
      try unsafe "x".withCString { name in
        try unsafe Self.check { unsafe onyx_session_fetch(opened.session, [input], [name], 1, &fetched, nil, $0) }
      }
      #expect(unsafe onyx_value_bytes(fetched) != bytes.baseAddress)
      unsafe onyx_value_release(input)
      unsafe onyx_value_release(output)
      unsafe onyx_value_release(fetched)
    }
  }

  /// A caller may write to its results: a constant of the model, and two outputs of one value, are memory of their own.
  @Test func resultsAreMemoryOfTheirOwn() throws {
    let constant = Onnx.raw("c", floats: [1, 2, 3])
    let nodes = [Onnx.node("Identity", ["c"], ["y"]), Onnx.node("Neg", ["x"], ["z"]), Onnx.node("Identity", ["z"], ["w"])]
    let graph = Onnx.graph(nodes: nodes, inputs: ["x"], outputs: ["y", "z", "w"], initializers: [constant])
    let opened = try Opened(bytes: Onnx.model(graph))
    for _ in 0..<2 {
      let input = unsafe try Self.copied([5, 6, 7], [3])
      let outputs = unsafe try opened.run([input])
      #expect(unsafe Self.floats(outputs[0]) == [1, 2, 3])
      #expect(unsafe Self.floats(outputs[1]) == [-5, -6, -7] && Self.floats(outputs[2]) == [-5, -6, -7])
      #expect(unsafe onyx_value_bytes(outputs[1]) != onyx_value_bytes(outputs[2]))
      for index in 0..<3 {
        unsafe UnsafeMutableRawPointer(mutating: onyx_value_bytes(outputs[index])).initializeMemory(as: Float.self, repeating: 0, count: 3)
      }
      unsafe Self.release(outputs)
      unsafe onyx_value_release(input)
    }
  }

  @Test func valuesInsideAreFetchedByName() throws {
    let opened = try Opened(Self.digits.path)
    let input = unsafe try Self.copied(Array(repeating: 0.5, count: 784), [1, 1, 28, 28])
    defer { unsafe onyx_value_release(input) }
    var results: [OpaquePointer?] = unsafe [nil, nil]
    try unsafe "relu".withCString { relu in
      try unsafe "logits".withCString { logits in
        try unsafe Self.check { unsafe onyx_session_fetch(opened.session, [input], [relu, logits], 2, &results, nil, $0) }
      }
    }
    let session = try Session(path: Self.digits.path)
    let expected = try session.run(
      ["image": Tensor(Array(repeating: Float(0.5), count: 784), shape: [1, 1, 28, 28])], fetching: ["relu"])
    #expect(unsafe Self.floats(results[0]) == (try expected["relu"]?.elements(as: Float.self)))
    #expect(unsafe Self.floats(results[1]) == (try expected["logits"]?.elements(as: Float.self)))
    unsafe Self.release(results)
    let unknown = unsafe "rleu".withCString { name in
      unsafe Self.failure { unsafe onyx_session_fetch(opened.session, [input], [name], 1, &results, nil, $0) }
    }
    #expect(unknown?.code == onyx_code(ONYX_USAGE) && unknown?.message.contains("relu") == true)
  }

  @Test func aCancelledRunEnds() throws {
    let opened = try Opened(Self.digits.path)
    let input = unsafe try Self.copied(Array(repeating: 0, count: 784), [1, 1, 28, 28])
    let control = unsafe onyx_run_make()
    defer {
      unsafe onyx_value_release(input)
      unsafe onyx_run_release(control)
    }
    unsafe Self.release(try opened.run([input], control))
    unsafe onyx_run_cancel(control)
    var output: OpaquePointer?
    let failure = unsafe Self.failure { unsafe onyx_session_run(opened.session, [input], &output, control, $0) }
    #expect(failure?.code == onyx_code(ONYX_BUDGET_EXCEEDED))
    #expect(unsafe output == nil)
  }

  /// What `onyx_session_attention` says of a model, as JSON.
  private func attention(_ session: OpaquePointer, _ inputs: [OpaquePointer?]) throws -> String {
    var json: UnsafeMutablePointer<CChar>?
    try unsafe Self.check { unsafe onyx_session_attention(session, inputs, &json, $0) }
    defer { unsafe onyx_text_release(json) }
    return unsafe String(cString: try #require(json))
  }

  @Test func attentionNamesWhatCanBeFetched() throws {
    let opened = try Opened(Self.digits.path)
    let input = unsafe try Self.copied(Array(repeating: 0.5, count: 2 * 784), [2, 1, 28, 28])
    defer { unsafe onyx_value_release(input) }
    let text = unsafe try attention(opened.session, [input])
    let image = try Tensor(Array(repeating: Float(0.5), count: 2 * 784), shape: [2, 1, 28, 28])
    let block = try #require(try Session(path: Self.digits.path).attention(["image": image]).first)
    #expect(text.contains("\"\(block.block.name)\""))
    for (name, gate) in zip(block.block.gates, block.gates) {
      #expect(text.contains("\"\(name)\""))
      var fetched: OpaquePointer?
      try unsafe name.withCString { name in
        try unsafe Self.check { unsafe onyx_session_fetch(opened.session, [input], [name], 1, &fetched, nil, $0) }
      }
      defer { unsafe onyx_value_release(fetched) }
      #expect(unsafe Self.floats(fetched) == (try gate.elements(as: Float.self)))
    }
    let wrong = unsafe try Self.copied([1], [1])
    defer { unsafe onyx_value_release(wrong) }
    var json: UnsafeMutablePointer<CChar>?
    let refused = unsafe Self.failure { unsafe onyx_session_attention(opened.session, [wrong], &json, $0) }
    #expect(unsafe refused?.code == onyx_code(ONYX_USAGE) && json == nil)
  }
}
