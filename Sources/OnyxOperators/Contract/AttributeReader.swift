import OnyxGraph
import OnyxTensor

/// Hands out a node's attributes and remembers which were read: one that no operator reads is an error, never ignored.
package struct AttributeReader {
  /// One attribute that an operator asked for.
  package struct Read: Sendable {
    /// The attribute.
    package let name: String
    /// The name of the kind; nil when any kind will do.
    package let kind: String?
    /// What stands for an absent attribute, when the operator says so.
    package let fallback: Attribute?
    /// Whether the operator refuses a node without it.
    package fileprivate(set) var isRequired = false
  }

  private var unread: [String: Attribute]
  /// What was asked for, in order.
  package private(set) var reads: [Read] = []
  /// Outputs of the node, omitted ones included.
  package let outputCount: Int
  /// Inputs of the node, omitted ones included.
  package let inputCount: Int

  /// A reader of the node that has read nothing.
  package init(_ node: Node) {
    unread = node.attributes
    outputCount = node.outputs.count
    inputCount = node.inputs.count
  }

  /// Throws `invalidModel` when an attribute was left unread.
  package func finish() throws(OnyxError) {
    guard let name = unread.keys.min() else { return }
    throw .invalid("The attribute '\(name)' is not defined for this operator.")
  }

  /// An attribute of any kind.
  package mutating func optional(_ name: String) -> Attribute? {
    reads.append(Read(name: name, kind: nil, fallback: nil))
    return unread.removeValue(forKey: name)
  }

  /// Throws `invalidModel` when the attribute is of another kind.
  private mutating func read<Value>(
    _ name: String, _ kind: AttributeKind<Value>, else fallback: Attribute? = nil
  ) throws(OnyxError) -> Value? {
    reads.append(Read(name: name, kind: kind.name, fallback: fallback))
    return try unread.removeValue(forKey: name)?.value(kind, of: name)
  }

  /// An int, a float, ints, floats or a UTF-8 text; nil or the default when absent. Each throws `invalidModel` for another kind.
  package mutating func int(_ name: String) throws(OnyxError) -> Int? { try read(name, .int) }
  package mutating func int(_ name: String, default value: Int) throws(OnyxError) -> Int {
    try read(name, .int, else: .int(Int64(value))) ?? value
  }

  /// An int that must be 0 or 1.
  package mutating func flag(_ name: String, default value: Bool) throws(OnyxError) -> Bool { try int(name, default: value ? 1 : 0) != 0 }

  package mutating func float(_ name: String) throws(OnyxError) -> Float? { try read(name, .float) }
  package mutating func float(_ name: String, default value: Float) throws(OnyxError) -> Float {
    try read(name, .float, else: .float(value)) ?? value
  }

  package mutating func ints(_ name: String) throws(OnyxError) -> [Int]? { try read(name, .ints) }
  package mutating func ints(_ name: String, default values: [Int]) throws(OnyxError) -> [Int] {
    try read(name, .ints, else: .ints(values.map(Int64.init))) ?? values
  }

  package mutating func floats(_ name: String) throws(OnyxError) -> [Float]? { try read(name, .floats) }

  package mutating func floats(_ name: String, default values: [Float]) throws(OnyxError) -> [Float] {
    try read(name, .floats, else: .floats(values)) ?? values
  }

  /// UTF-8 texts; nil when absent.
  package mutating func texts(_ name: String) throws(OnyxError) -> [String]? { try read(name, .texts) }

  package mutating func text(_ name: String) throws(OnyxError) -> String? { try read(name, .text) }
  package mutating func text(_ name: String, default value: String) throws(OnyxError) -> String {
    try read(name, .text, else: .text(value)) ?? value
  }

  /// A string that must be one of the cases of `T`.
  package mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String, default value: T) throws(OnyxError) -> T
  where T.RawValue == String {
    try Self.choice(name, try text(name, default: value.rawValue))
  }

  /// A required string that must be one of the cases of `T`.
  package mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String) throws(OnyxError) -> T where T.RawValue == String {
    try Self.choice(name, try required(name, try text(name)))
  }

  private static func choice<T: RawRepresentable & CaseIterable>(_ name: String, _ text: String) throws(OnyxError) -> T
  where T.RawValue == String {
    guard let choice = T(rawValue: text) else {
      throw .invalid(
        "The attribute '\(name)' is '\(text)'.", remedy: "Valid values: \(T.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return choice
  }

  /// A tensor, a graph or the type of a value; nil when absent. Each throws `invalidModel` for another kind.
  package mutating func tensor(_ name: String) throws(OnyxError) -> Tensor? { try read(name, .tensor) }
  package mutating func valueType(_ name: String) throws(OnyxError) -> ValueType? { try read(name, .type) }
  package mutating func graph(_ name: String) throws(OnyxError) -> Graph? { try read(name, .graph) }

  /// An element type, given as its TensorProto number.
  package mutating func elementType(_ name: String) throws(OnyxError) -> ElementType? {
    try int(name).map { (number) throws(OnyxError) in try Self.elementType(name, number) }
  }

  package mutating func elementType(_ name: String, default type: ElementType) throws(OnyxError) -> ElementType {
    try Self.elementType(name, try int(name, default: Int(type.rawValue)))
  }

  /// An element type; 0 (undefined, the default) counts as absent.
  package mutating func typeUnlessZero(_ name: String) throws(OnyxError) -> ElementType? {
    let number = try int(name, default: 0)
    return number == 0 ? nil : try Self.elementType(name, number)
  }

  private static func elementType(_ name: String, _ number: Int) throws(OnyxError) -> ElementType {
    guard let raw = Int32(exactly: number), let type = ElementType(rawValue: raw) else {
      throw .invalid("The attribute '\(name)' is \(number), which is no element type.")
    }
    return type
  }

  /// The value of an attribute that the standard requires.
  package mutating func required<T>(_ name: String, _ value: T?) throws(OnyxError) -> T {
    if let index = reads.lastIndex(where: { $0.name == name }) { reads[index].isRequired = true }
    guard let value else { throw .invalid("The attribute '\(name)' is missing.") }
    return value
  }
}
