import OnyxTensor

/// A kind of attribute and the value that one of this kind holds: what every reader of attributes converts with.
package struct AttributeKind<Value>: Sendable {
  /// The name ONNX gives the kind.
  package let name: String
  fileprivate let value: @Sendable (Attribute) -> Value?
}

extension AttributeKind where Value == Int {
  /// An int.
  package static var int: Self { Self(name: "int") { if case .int(let value) = $0 { Int(value) } else { nil } } }
}

extension AttributeKind where Value == Float {
  /// A float.
  package static var float: Self { Self(name: "float") { if case .float(let value) = $0 { value } else { nil } } }
}

extension AttributeKind where Value == [Int] {
  /// Ints.
  package static var ints: Self { Self(name: "ints") { if case .ints(let values) = $0 { values.map(Int.init) } else { nil } } }
}

extension AttributeKind where Value == [Float] {
  /// Floats.
  package static var floats: Self { Self(name: "floats") { if case .floats(let values) = $0 { values } else { nil } } }
}

extension AttributeKind where Value == String {
  /// A string of UTF-8 text.
  package static var text: Self {
    Self(name: "string") { if case .string(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
  }
}

extension AttributeKind where Value == [String] {
  /// Strings of UTF-8 text.
  package static var texts: Self {
    Self(name: "strings") { if case .strings(let values) = $0 { values.map { String(decoding: $0, as: UTF8.self) } } else { nil } }
  }
}

extension AttributeKind where Value == ValueType {
  /// The type of a value.
  package static var type: Self { Self(name: "type") { if case .type(let type) = $0 { type } else { nil } } }
}

extension AttributeKind where Value == Tensor {
  /// A tensor.
  package static var tensor: Self { Self(name: "tensor") { if case .tensor(let tensor) = $0 { tensor } else { nil } } }
}

extension AttributeKind where Value == Graph {
  /// A body.
  package static var graph: Self { Self(name: "graph") { if case .graph(let graph) = $0 { graph } else { nil } } }
}

extension Attribute {
  /// The value; nil when the attribute is of another kind.
  package func value<Value>(_ kind: AttributeKind<Value>) -> Value? { kind.value(self) }

  /// The value of the attribute `name`. Throws `invalidModel` when it is of another kind.
  package func value<Value>(_ kind: AttributeKind<Value>, of name: String) throws(OnyxError) -> Value {
    guard let value = value(kind) else { throw .invalid("The attribute '\(name)' is of kind \(self.kind), not \(kind.name).") }
    return value
  }
}
