/// Protobuf fields written by hand, so that the tests do not lean on the writer they test.
package enum Wire {
  package static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  package static func tag(_ number: Int, _ type: Int) -> [UInt8] { varint(UInt64(number << 3 | type)) }
  package static func int(_ number: Int, _ value: Int64) -> [UInt8] { tag(number, 0) + varint(UInt64(bitPattern: value)) }
  package static func data(_ number: Int, _ content: [UInt8]) -> [UInt8] { tag(number, 2) + varint(UInt64(content.count)) + content }
  package static func text(_ number: Int, _ content: String) -> [UInt8] { data(number, Array(content.utf8)) }
  package static func message(_ number: Int, _ fields: [UInt8]...) -> [UInt8] { data(number, fields.flatMap { $0 }) }
  package static func float(_ number: Int, _ value: Float) -> [UInt8] { tag(number, 5) + little(value.bitPattern) }
  package static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
  }
  package static func floats(_ values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }
}

/// Messages of ONNX from their fields.
package enum Onnx {
  package static func model(ir: Int64 = 10, opset: Int64 = 21, _ graph: [UInt8], _ more: [UInt8]...) -> [UInt8] {
    Wire.int(1, ir) + Wire.message(8, Wire.int(2, opset)) + Wire.data(7, graph) + more.flatMap { $0 }
  }

  package static func graph(
    nodes: [[UInt8]], inputs: [String] = ["x"], outputs: [String] = ["y"], initializers: [[UInt8]] = [], _ more: [UInt8]...
  ) -> [UInt8] {
    nodes.flatMap { Wire.data(1, $0) } + Wire.text(2, "g") + initializers.flatMap { Wire.data(5, $0) }
      + inputs.flatMap { Wire.data(11, value($0)) } + outputs.flatMap { Wire.data(12, value($0)) } + more.flatMap { $0 }
  }

  /// A float32 value of shape [n].
  package static func value(_ name: String, type: Int64 = 1, dims: [[UInt8]] = [Wire.text(2, "n")]) -> [UInt8] {
    Wire.text(1, name) + Wire.message(2, Wire.message(1, Wire.int(1, type), Wire.data(2, dims.flatMap { Wire.data(1, $0) })))
  }

  package static func node(
    _ op: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "", attributes: [[UInt8]] = []
  ) -> [UInt8] {
    inputs.flatMap { Wire.text(1, $0) } + outputs.flatMap { Wire.text(2, $0) } + (name.isEmpty ? [] : Wire.text(3, name)) + Wire.text(4, op)
      + attributes.flatMap { Wire.data(5, $0) } + (domain.isEmpty ? [] : Wire.text(7, domain))
  }

  package static func attribute(_ name: String, int value: Int64) -> [UInt8] { Wire.text(1, name) + Wire.int(3, value) + Wire.int(20, 2) }
  package static func attribute(_ name: String, graph: [UInt8]) -> [UInt8] { Wire.text(1, name) + Wire.data(6, graph) + Wire.int(20, 5) }
  package static func attribute(_ name: String, reference: String, type: Int64 = 2) -> [UInt8] {
    Wire.text(1, name) + Wire.text(21, reference) + Wire.int(20, type)
  }

  package static func tensor(_ name: String, type: Int64 = 1, dims: [Int64], _ content: [UInt8]) -> [UInt8] {
    dims.flatMap { Wire.int(1, $0) } + Wire.int(2, type) + Wire.text(8, name) + content
  }

  package static func raw(_ name: String, floats: [Float]) -> [UInt8] {
    tensor(name, dims: [Int64(floats.count)], Wire.data(9, Wire.floats(floats)))
  }

  package static func external(_ name: String, dims: [Int64], type: Int64 = 1, _ entries: [(String, String)]) -> [UInt8] {
    tensor(name, type: type, dims: dims, entries.flatMap { Wire.message(13, Wire.text(1, $0.0), Wire.text(2, $0.1)) } + Wire.int(14, 1))
  }

  package static func function(
    _ name: String, domain: String = "local", inputs: [String], outputs: [String], attributes: [String] = [], nodes: [[UInt8]],
    _ more: [UInt8]...
  ) -> [UInt8] {
    let interface = inputs.flatMap { Wire.text(4, $0) } + outputs.flatMap { Wire.text(5, $0) } + attributes.flatMap { Wire.text(6, $0) }
    let body = Wire.text(1, name) + interface + nodes.flatMap { Wire.data(7, $0) } + Wire.text(10, domain)
    return Wire.data(25, body + more.flatMap { $0 })
  }

  /// A small model that is right: y = Concat(Sqrt(x), w).
  package static let good = model(
    graph(
      nodes: [
        node("Sqrt", ["x"], ["t"], name: "root"), node("Concat", ["t", "w"], ["y"], name: "join", attributes: [attribute("axis", int: 0)]),
      ],
      initializers: [raw("w", floats: [3, 4])]),
    Wire.text(2, "tests"), Wire.message(14, Wire.text(1, "author"), Wire.text(2, "me")))
}
