import COnyx
import Onyx
import OnyxC
import OnyxTensor
import OnyxTestSupport

/// Sequences of calls of `onyx.h` with odd arguments, as far as the header allows them: in any order, after failures, NULL where it may
/// stand, one object in many calls. An input is a program: each call takes its choices from the next bytes, and none past the end.
///
/// SAFETY: objects are used until they are released and released once; arrays live for the call; what the header leaves open is not done.
package final class CInterface: FuzzTarget {
  package static let name = "c-interface"
  private let models: [[UInt8]]

  package init() throws { models = try Seeds.models().filter { $0.count < 4096 }.prefix(60) + OddModels.all }

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    (0..<Int(20 + generator.next() % 400)).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    var calls = CCalls(input, models)
    return try calls.run()
  }
}

/// One program's objects.
@safe private struct CCalls {
  private var rest: ArraySlice<UInt8>
  private let models: [[UInt8]]
  private var options: [OpaquePointer] = unsafe []
  private var sessions: [OpaquePointer] = unsafe []
  private var values: [OpaquePointer] = unsafe []
  private var runs: [OpaquePointer] = unsafe []
  private var succeeded = false

  init(_ program: [UInt8], _ models: [[UInt8]]) {
    rest = program[...]
    self.models = models
  }

  private mutating func byte() -> Int { Int(rest.popFirst() ?? 0) }
  private mutating func pick<T>(_ choices: [T]) -> T { choices[byte() % choices.count] }
  private mutating func object(_ list: [OpaquePointer]) -> OpaquePointer? {
    unsafe list.isEmpty || rest.isEmpty ? nil : list[byte() % list.count]
  }

  mutating func run() throws(Finding) -> Bool {
    while !rest.isEmpty {
      switch byte() % 16 {
      case 0: makeOptions()
      case 1: try openSession()
      case 2, 3, 4: try makeTensor()
      case 5: try makeOther()
      case 6: try readValue()
      case 7, 8, 9: try runSession()
      case 10: try report()
      case 11: readPorts()
      case 12: releaseOne()
      case 13: if let run = unsafe object(runs) { unsafe onyx_run_cancel(run) } else { unsafe runs.append(onyx_run_make()) }
      case 14: try strings()
      default: onyx_value_release(nil)
      }
    }
    for index in unsafe values.indices { unsafe onyx_value_release(values[index]) }
    for index in unsafe sessions.indices { unsafe onyx_session_release(sessions[index]) }
    for index in unsafe options.indices { unsafe onyx_options_release(options[index]) }
    for index in unsafe runs.indices { unsafe onyx_run_release(runs[index]) }
    return succeeded
  }

  /// Looks at what a call left behind: an error there is of the code that was returned, and says no bug of Onyx.
  private mutating func check(_ code: onyx_code, _ error: OpaquePointer?, _ call: String) throws(Finding) {
    defer { unsafe onyx_error_release(error) }
    if code == ONYX_OK {
      succeeded = true
      guard unsafe error == nil else { throw Finding("\(call) succeeded and left an error.") }
      return
    }
    guard let error = unsafe error else { throw Finding("\(call) failed with \(code) and left no error.") }
    guard unsafe onyx_error_code(error) == code else { throw Finding("\(call) returned \(code), and its error is another one.") }
    let text = unsafe String(cString: onyx_error_message(error))
    guard code != ONYX_INTERNAL_BUG, !text.isEmpty, text.utf8.count < 1 << 16 else { throw Finding("\(call): \(code) \(text.prefix(500))") }
  }

  private mutating func makeOptions() {
    let made = unsafe object(options) ?? onyx_options_make()
    if let made = unsafe made {
      if unsafe !options.contains(made) { unsafe options.append(made) }
      let name = pick([
        "threads", "memory_budget", "deadline", "seed", "optimization", "instruction_set", "precision", "winograd", "disable_kernel", "x",
        "",
      ])
      let value = pick([
        "1", "2", "0", "-1", "1e9", "0.05", "none", "full", "scalar", "bf16", "true", "", "99999999999999999999", "nan", "inf", "conv",
        "avx2", "1000000",
      ])
      unsafe _ = onyx_options_set(made, name, value, nil)
    }
  }

  private mutating func openSession() throws(Finding) {
    guard unsafe sessions.count < 6 else { return }
    let model = pick(models)
    let bytes = byte() % 8 == 0 ? Array(model.prefix(byte() * 4)) : model
    var session: OpaquePointer?
    var error: OpaquePointer?
    let option = unsafe object(options)
    let code = unsafe bytes.withUnsafeBytes { unsafe onyx_session_open_bytes($0.baseAddress, $0.count, nil, option, &session, &error) }
    unsafe try check(code, error, "onyx_session_open_bytes")
    if let session = unsafe session { unsafe sessions.append(session) }
    if byte() % 16 == 0 {
      var none: OpaquePointer?
      unsafe _ = onyx_session_open(pick(["/", "", "/dev/null", "/nowhere/x.onnx"]), option, &none, nil)
      if unsafe none != nil { throw Finding("A session was opened of no model.") }
    }
  }

  private mutating func keep(_ code: onyx_code, _ value: OpaquePointer?, _ error: OpaquePointer?, _ call: String) throws(Finding) {
    unsafe try check(code, error, call)
    guard unsafe (value != nil) == (code == ONYX_OK) else { throw Finding("\(call) returned \(code) and a value or none.") }
    guard let value = unsafe value else { return }
    if unsafe values.count < 64 { unsafe values.append(value) } else { unsafe onyx_value_release(value) }
  }

  private mutating func makeTensor() throws(Finding) {
    let type = Int32(byte() % 4 == 0 ? byte() - 100 : pick([1, 1, 1, 7, 9, 6, 2]))
    let rank = pick([0, 1, 1, 1, 2, 3, 4, 65])
    let odd: [Int64] = [1, 2, 3, 4, 1, 2, 0, -1, 1 << 40, .max, .min]
    let extents = (0..<min(rank, 64)).map { _ in byte() % 4 == 0 ? pick(odd) : Int64(byte() % 4) }
    var count = 1
    for extent in extents { count = extent >= 0 && extent < 1000 && count < 1 << 14 ? count * Int(extent) : 0 }
    let width = ElementType(rawValue: type)?.byteWidth ?? 4
    let bytes = [UInt8](repeating: UInt8(byte()), count: byte() % 8 == 0 ? byte() : count * width)
    var value: OpaquePointer?
    var error: OpaquePointer?
    let code = unsafe bytes.withUnsafeBytes { unsafe onyx_tensor_copy(type, rank, extents, $0.baseAddress, $0.count, &value, &error) }
    unsafe try keep(code, value, error, "onyx_tensor_copy")
  }

  private mutating func strings() throws(Finding) {
    let count = byte() % 4
    var value: OpaquePointer?
    var error: OpaquePointer?
    var texts = (0..<count).map { _ in (0..<byte() % 6).map { _ in CChar(truncatingIfNeeded: byte()) } + [0] }
    let lengths = texts.map { $0.count - 1 }
    let code: onyx_code
    if texts.isEmpty {
      code = unsafe onyx_tensor_strings(1, [Int64(0)], nil, nil, &value, &error)
    } else {
      let first = unsafe texts[0].withUnsafeMutableBufferPointer { buffer in
        let pointers = unsafe [UnsafePointer<CChar>?](repeating: UnsafePointer(buffer.baseAddress), count: count)
        let sizes = [Int](repeating: lengths[0], count: count)
        return unsafe onyx_tensor_strings(1, [Int64(count)], pointers, count % 2 == 0 ? sizes : nil, &value, &error)
      }
      code = first
    }
    unsafe try keep(code, value, error, "onyx_tensor_strings")
  }

  private mutating func makeOther() throws(Finding) {
    var value: OpaquePointer?
    var error: OpaquePointer?
    let type = pick(["float32", "int64", "seq(float32)", "optional(seq(int64))", "map(string,float32)", "", "seq(", "string", "bool"])
    switch byte() % 3 {
    case 0:
      let elements = unsafe (0..<byte() % 4).map { _ in unsafe object(values) }
      let code = unsafe onyx_sequence_make(type, elements, elements.count, &value, &error)
      unsafe try keep(code, value, error, "onyx_sequence_make")
    case 1:
      let code = unsafe onyx_optional_make(type, object(values), &value, &error)
      unsafe try keep(code, value, error, "onyx_optional_make")
    default:
      guard let keys = unsafe object(values), let content = unsafe object(values) else { return }
      let code = unsafe onyx_map_make(keys, content, &value, &error)
      unsafe try keep(code, value, error, "onyx_map_make")
    }
  }

  private mutating func readValue() throws(Finding) {
    guard let value = unsafe object(values) else { return }
    let kind = unsafe onyx_value_kind(value)
    guard unsafe kind >= 1 && kind <= 4 && String(cString: onyx_value_description(value)).utf8.count < 10000 else {
      throw Finding("A value of kind \(kind).")
    }
    let rank = unsafe onyx_value_rank(value)
    if let extents = unsafe onyx_value_extents(value) { for axis in 0..<rank { _ = unsafe extents[axis] } }
    if let bytes = unsafe onyx_value_bytes(value) {
      var sum: UInt8 = 0
      for place in 0..<(unsafe onyx_value_byte_count(value)) { sum &+= unsafe bytes.load(fromByteOffset: place, as: UInt8.self) }
      succeeded = sum == 0 || succeeded
    }
    var length = 0
    for index in [0, byte(), Int.max] { if let text = unsafe onyx_value_string(value, index, &length) { _ = unsafe text[length] } }
    _ = unsafe onyx_value_element_type(value)
    var (element, error): (OpaquePointer?, OpaquePointer?) = (nil, nil)
    let index = pick([0, 1, 2, Int.max])
    let code = unsafe onyx_value_element(value, index, &element, &error)
    if unsafe code == ONYX_OK && index >= onyx_value_count(value) { throw Finding("Element \(index) of fewer.") }
    unsafe try keep(code, element, error, "onyx_value_element")
    var (keys, content, failure): (OpaquePointer?, OpaquePointer?, OpaquePointer?) = (nil, nil, nil)
    let entries = unsafe onyx_value_entries(value, &keys, &content, &failure)
    unsafe try keep(entries, keys, failure, "onyx_value_entries")
    unsafe onyx_value_release(content)
  }

  private mutating func runSession() throws(Finding) {
    guard let session = unsafe object(sessions) else { return }
    let count = unsafe onyx_session_input_count(session)
    var inputs = unsafe (0..<count).map { _ in byte() % 8 == 0 ? nil : unsafe object(values) }
    // A tensor of the wanted shape, so that runs go on past the check of their inputs.
    var own: [OpaquePointer] = unsafe []
    for index in 0..<count where byte() % 3 != 0 {
      guard let port = unsafe onyx_session_input(session, index), unsafe port.pointee.rank >= 0, unsafe port.pointee.rank < 6 else {
        continue
      }
      let extents = unsafe (0..<Int(port.pointee.rank)).map { axis in
        unsafe port.pointee.extents[axis] < 0 ? Int64(2) : port.pointee.extents[axis]
      }
      let elements = extents.reduce(1) { $0 < 1 << 16 && $1 < 1 << 16 ? $0 * Int($1) : 1 << 20 }
      guard elements < 1 << 16, let width = unsafe ElementType(rawValue: port.pointee.element_type)?.byteWidth, width > 0 else { continue }
      var value: OpaquePointer?
      let bytes = [UInt8](repeating: UInt8(byte() % 2), count: elements * width)
      let code = unsafe bytes.withUnsafeBytes {
        unsafe onyx_tensor_copy(port.pointee.element_type, extents.count, extents, $0.baseAddress, $0.count, &value, nil)
      }
      if code == ONYX_OK, let value = unsafe value {
        unsafe own.append(value)
        unsafe inputs[index] = value
      }
    }
    var error: OpaquePointer?
    if byte() % 4 == 0 {
      var results = unsafe [OpaquePointer?](repeating: nil, count: 2)
      let code = unsafe "y".withCString { first in
        unsafe pick(["y", "x", "t", "nothing"]).withCString { second in
          unsafe onyx_session_fetch(session, inputs, [first, second], 2, &results, object(runs), &error)
        }
      }
      unsafe try finish(code, results, error, "onyx_session_fetch")
    } else {
      var results = unsafe [OpaquePointer?](repeating: nil, count: max(1, onyx_session_output_count(session)))
      let outputs = unsafe onyx_session_output_count(session)
      let code = unsafe onyx_session_run(session, inputs, &results, object(runs), &error)
      unsafe try finish(code, Array(results.prefix(outputs)), error, "onyx_session_run")
    }
    for index in unsafe own.indices { unsafe onyx_value_release(own[index]) }
  }

  private mutating func finish(_ code: onyx_code, _ results: [OpaquePointer?], _ error: OpaquePointer?, _ call: String) throws(Finding) {
    unsafe try check(code, error, call)
    for index in unsafe results.indices {
      let result = unsafe results[index]
      guard unsafe (result != nil) == (code == ONYX_OK) else {
        throw Finding("\(call) returned \(code), and its results are another matter.")
      }
      guard let result = unsafe result else { continue }
      if unsafe values.count < 64 { unsafe values.append(result) } else { unsafe onyx_value_release(result) }
    }
  }

  private mutating func report() throws(Finding) {
    let kind = pick(["summary", "coverage", "attention", "metadata", "summary_text", "coverage_text", "", "x"])
    var (text, error): (UnsafeMutablePointer<CChar>?, OpaquePointer?) = (nil, nil)
    let code: onyx_code
    if let session = unsafe object(sessions), byte() % 2 == 0 {
      code = unsafe onyx_session_report(session, kind, &text, &error)
    } else {
      let model = pick(models)
      code = unsafe model.withUnsafeBytes { unsafe onyx_model_report_bytes($0.baseAddress, $0.count, nil, kind, &text, &error) }
    }
    unsafe try check(code, error, "onyx_model_report")
    guard unsafe (text != nil) == (code == ONYX_OK) else { throw Finding("A report of \(kind) with code \(code).") }
    unsafe onyx_text_release(text)
  }

  private mutating func readPorts() {
    guard let session = unsafe object(sessions) else { return }
    for index in [0, 1, Int.max] {
      for isInput in [true, false] {
        let found = unsafe isInput ? onyx_session_input(session, index) : onyx_session_output(session, index)
        guard let port = unsafe found?.pointee else { continue }
        _ = unsafe String(cString: port.name) + String(cString: port.type)
        for axis in 0..<max(0, Int(unsafe port.rank)) {
          _ = unsafe port.extents[axis]
          if let name = unsafe port.dimensions[axis] { _ = unsafe String(cString: name) }
        }
      }
    }
    _ = unsafe onyx_session_thread_count(session)
  }

  private mutating func releaseOne() {
    switch byte() % 4 {
    case 0: if unsafe !values.isEmpty { unsafe onyx_value_release(values.remove(at: byte() % values.count)) }
    case 1: if unsafe !sessions.isEmpty { unsafe onyx_session_release(sessions.remove(at: byte() % sessions.count)) }
    case 2: if unsafe !options.isEmpty { unsafe onyx_options_release(options.remove(at: byte() % options.count)) }
    default: if unsafe !runs.isEmpty { unsafe onyx_run_release(runs.remove(at: byte() % runs.count)) }
    }
  }
}
