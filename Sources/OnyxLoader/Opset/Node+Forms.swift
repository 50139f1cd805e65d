import OnyxGraph
import OnyxTensor

/// Reading an old form: attributes leave the node as they are read.
extension Node {
  mutating func takeInts(_ name: String) throws(OnyxError) -> [Int64]? { try take(name, .ints)?.map(Int64.init) }
  mutating func takeInt(_ name: String) throws(OnyxError) -> Int64? { try take(name, .int).map(Int64.init) }
  mutating func takeFloat(_ name: String) throws(OnyxError) -> Float? { try take(name, .float) }
  mutating func takeFloats(_ name: String) throws(OnyxError) -> [Float]? { try take(name, .floats) }
  mutating func takeText(_ name: String) throws(OnyxError) -> String? { try take(name, .text) }
  mutating func takeTexts(_ name: String) throws(OnyxError) -> [String]? { try take(name, .texts) }

  private mutating func take<Value>(_ name: String, _ kind: AttributeKind<Value>) throws(OnyxError) -> Value? {
    guard let attribute = attributes.removeValue(forKey: name) else { return nil }
    return try attribute.value(kind, of: name)
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
}
