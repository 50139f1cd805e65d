import OnyxGraph
import OnyxTensor

/// Reading an old form: attributes leave the node as they are read.
extension Node {
  mutating func takeInts(_ name: String) throws(OnyxError) -> [Int64]? {
    switch attributes.removeValue(forKey: name) {
    case .ints(let values): values
    case nil: nil
    case let other?: throw Self.mismatch(name, other, "ints")
    }
  }

  mutating func takeInt(_ name: String) throws(OnyxError) -> Int64? {
    switch attributes.removeValue(forKey: name) {
    case .int(let value): value
    case nil: nil
    case let other?: throw Self.mismatch(name, other, "int")
    }
  }

  mutating func takeFloat(_ name: String) throws(OnyxError) -> Float? {
    switch attributes.removeValue(forKey: name) {
    case .float(let value): value
    case nil: nil
    case let other?: throw Self.mismatch(name, other, "float")
    }
  }

  mutating func takeFloats(_ name: String) throws(OnyxError) -> [Float]? {
    switch attributes.removeValue(forKey: name) {
    case .floats(let values): values
    case nil: nil
    case let other?: throw Self.mismatch(name, other, "floats")
    }
  }

  mutating func takeText(_ name: String) throws(OnyxError) -> String? {
    switch attributes.removeValue(forKey: name) {
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    case nil: nil
    case let other?: throw Self.mismatch(name, other, "string")
    }
  }

  /// Input `index`, which the old form requires.
  func input(_ index: Int) throws(OnyxError) -> ValueID {
    guard inputs.indices.contains(index), let id = inputs[index] else { throw .invalid("Input \(index) is missing.") }
    return id
  }

  /// The value of an attribute that the old form requires.
  func required<T>(_ name: String, _ value: T?) throws(OnyxError) -> T {
    guard let value else { throw .invalid("The attribute '\(name)' is missing.") }
    return value
  }

  /// Fails when inputs stand where the old form has none, so that an added input cannot take a wrong position.
  func expectInputs(atMost count: Int) throws(OnyxError) {
    guard inputs.count <= count else {
      throw .invalid("The node has \(inputs.count) inputs; the operator takes at most \(count) in this version.")
    }
  }

  /// Adds inputs, of which the last ones may be absent.
  mutating func appendInputs(_ added: [ValueID?]) {
    inputs += added
    while let last = inputs.last, last == nil { inputs.removeLast() }
  }

  private static func mismatch(_ name: String, _ found: Attribute, _ wanted: String) -> OnyxError {
    .invalid("The attribute '\(name)' is of kind \(found.kind), not \(wanted).")
  }
}
