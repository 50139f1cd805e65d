import COnyx
import Foundation
import OnyxC
import OnyxTestSupport
import Testing

/// SAFETY: as in `CInterfaceTests`.
@Suite("Values of the C interface")
struct CValueTests {
  typealias Failure = CInterfaceTests.Failure
  static let usage = onyx_code(ONYX_USAGE)

  @Test func stringsComeBackWithTheirZeros() throws {
    var value: OpaquePointer?
    let texts = ["näh", "", "a\0b"]
    let copies = unsafe texts.map { text in
      let bytes = Array(text.utf8) + [0]
      let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      for (index, byte) in bytes.enumerated() { unsafe (memory + index).initialize(to: CChar(bitPattern: byte)) }
      return unsafe UnsafePointer<CChar>?(memory)
    }
    defer {
      unsafe copies.withUnsafeBufferPointer { copies in
        for index in 0..<copies.count { unsafe copies[index]?.deallocate() }
      }
    }
    try unsafe CInterfaceTests.check { unsafe onyx_tensor_strings(1, [3], copies, texts.map(\.utf8.count), &value, $0) }
    defer { unsafe onyx_value_release(value) }
    #expect(unsafe onyx_value_element_type(value) == 8 && onyx_value_count(value) == 3 && onyx_value_bytes(value) == nil)
    for (index, text) in texts.enumerated() {
      var length = 0
      let address = unsafe try #require(onyx_value_string(value, index, &length))
      #expect(unsafe Array(UnsafeRawBufferPointer(start: address, count: length)) == Array(text.utf8))
    }
    #expect(unsafe onyx_value_string(value, 3, nil) == nil)
  }

  @Test func sequencesOptionalsAndMapsAreMadeAndTakenApart() throws {
    let (one, two) = unsafe (try CInterfaceTests.copied([1], [1]), try CInterfaceTests.copied([2, 3], [2]))
    var sequence: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_sequence_make("float32", [one, two], 2, &sequence, $0) }
    #expect(unsafe onyx_value_kind(sequence) == Int32(ONYX_KIND_SEQUENCE) && onyx_value_count(sequence) == 2)
    var element: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_value_element(sequence, 1, &element, $0) }
    #expect(unsafe CInterfaceTests.floats(element) == [2, 3])
    unsafe onyx_value_release(element)
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_value_element(sequence, 2, &element, $0) }?.code == Self.usage)
    var optional: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_optional_make("seq(float32)", sequence, &optional, $0) }
    #expect(unsafe String(cString: onyx_value_description(optional)) == "optional(seq(float32)): seq(float32) of 2")
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_optional_make("seq(int64)", sequence, &optional, $0) }?.code == Self.usage)
    var keys: OpaquePointer?
    try unsafe CInterfaceTests.check { error in
      unsafe [Int64(7), 9].withUnsafeBytes { unsafe onyx_tensor_copy(7, 1, [2], $0.baseAddress, 16, &keys, error) }
    }
    var map: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_map_make(keys, two, &map, $0) }
    #expect(unsafe onyx_value_count(map) == 2)
    var (gotKeys, gotValues): (OpaquePointer?, OpaquePointer?) = (nil, nil)
    try unsafe CInterfaceTests.check { unsafe onyx_value_entries(map, &gotKeys, &gotValues, $0) }
    #expect(unsafe CInterfaceTests.floats(gotValues) == [2, 3] && onyx_value_element_type(gotKeys) == 7)
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_value_entries(two, &gotKeys, &gotValues, $0) }?.code == Self.usage)
    unsafe CInterfaceTests.release([one, two, sequence, optional, keys, map, gotKeys, gotValues])
  }

  @Test(arguments: [(1, [2], 4), (1, [-1], 4), (99, [1], 4), (8, [1], 0), (9, [1], 1), (22, [1], 1)] as [(Int32, [Int64], Int)])
  func wrongTensorsAreRefused(_ type: Int32, _ extents: [Int64], _ byteCount: Int) {
    let bytes = [UInt8](repeating: 9, count: 8)
    for borrows in [true, false] {
      var value: OpaquePointer?
      let failure = unsafe CInterfaceTests.failure { error in
        unsafe bytes.withUnsafeBytes { bytes in
          let make = unsafe borrows ? onyx_tensor_borrow : onyx_tensor_copy
          return unsafe make(type, extents.count, extents, bytes.baseAddress, byteCount, &value, error)
        }
      }
      #expect(failure != nil, "\(type) \(extents)")
      #expect(unsafe value == nil)
    }
  }

  /// Memory at an odd address is copied.
  @Test func whatIsNotAlignedIsCopied() throws {
    let bytes = [UInt8](repeating: 0, count: 13)
    try unsafe bytes.withUnsafeBytes { bytes in
      let start = unsafe try #require(bytes.baseAddress)
      let odd = unsafe UInt(bitPattern: start) % 4 == 0 ? start + 1 : start
      var value: OpaquePointer?
      try unsafe CInterfaceTests.check { unsafe onyx_tensor_borrow(1, 1, [3], odd, 12, &value, $0) }
      #expect(unsafe UInt(bitPattern: onyx_value_bytes(value)) % 64 == 0)
      unsafe onyx_value_release(value)
    }
  }

  @Test func nothingAtAllIsAnswered() {
    #expect(unsafe onyx_session_input_count(nil) == 0 && onyx_value_rank(nil) == 0 && onyx_value_bytes(nil) == nil)
    #expect(unsafe onyx_value_kind(nil) == Int32(ONYX_KIND_UNKNOWN) && onyx_error_message(nil) == nil)
    onyx_session_release(nil)
    onyx_value_release(nil)
    onyx_error_release(nil)
    onyx_run_cancel(nil)
    #expect(onyx_session_run(nil, nil, nil, nil, nil) == Self.usage)
    #expect(onyx_session_open(nil, nil, nil, nil) == Self.usage)
    #expect(onyx_tensor_strings(1, nil, nil, nil, nil, nil) == Self.usage)
  }

  @Test(arguments: [
    ("threads", "4", true), ("threads", "four", false), ("memory_budget", "-1", false), ("deadline", "0.5", true),
    ("deadline", "nan", false), ("seed", "18446744073709551615", true), ("optimization", "canonical", true),
    ("optimization", "max", false), ("instruction_set", "scalar", true), ("precision", "bf16", true), ("winograd", "false", true),
    ("winograd", "no", false), ("disable_kernel", "add_f32", true), ("cache", "x", false),
  ]) func optionsAreSetFromText(_ name: String, _ value: String, _ isValid: Bool) {
    let options = unsafe onyx_options_make()
    defer { unsafe onyx_options_release(options) }
    #expect(unsafe onyx_options_set(options, name, value, nil) == (isValid ? CInterfaceTests.ok : Self.usage))
  }

  @Test(arguments: [
    ("summary", "\"totals\""), ("coverage", "\"operators\""), ("attention", "\"CBAM\""), ("metadata", "\"opsets\""),
    ("summary_text", "Sigmoid "),
    ("coverage_text", "are supported."),
  ])
  func reportsTellOfAModel(_ kind: String, _ part: String) throws {
    var text: UnsafeMutablePointer<CChar>?
    try unsafe CInterfaceTests.check { unsafe onyx_model_report(CInterfaceTests.digits.path, kind, &text, $0) }
    #expect(unsafe String(cString: try #require(text)).contains(part))
    unsafe onyx_text_release(text)
    let opened = try CInterfaceTests.Opened(CInterfaceTests.digits.path)
    try unsafe CInterfaceTests.check { unsafe onyx_session_report(opened.session, kind, &text, $0) }
    let ofSession = unsafe String(cString: try #require(text))
    unsafe onyx_text_release(text)
    let model = [UInt8](try Data(contentsOf: URL(filePath: CInterfaceTests.digits.path)))
    try unsafe CInterfaceTests.check { unsafe onyx_model_report_bytes(model, model.count, nil, kind, &text, $0) }
    #expect(unsafe String(cString: try #require(text)) == ofSession)
    unsafe onyx_text_release(text)
    #expect(unsafe onyx_model_report(CInterfaceTests.digits.path, "picture", &text, nil) == Self.usage)
    #expect(unsafe onyx_model_report("/nowhere.onnx", kind, &text, nil) == onyx_code(ONYX_MISSING_FILE))
  }
}
