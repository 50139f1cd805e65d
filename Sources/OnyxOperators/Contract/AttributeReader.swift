import OnyxGraph
import OnyxTensor

/// Hands out a node's attributes and remembers which were read: one that no operator reads is an error, never ignored.
package struct AttributeReader {
  private var unread: [String: Attribute]
  package let outputCount: Int
  package let inputCount: Int

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

  package mutating func optional(_ name: String) -> Attribute? { unread.removeValue(forKey: name) }

  package mutating func int(_ name: String, default value: Int) throws(OnyxError) -> Int { try int(name) ?? value }
  package mutating func int(_ name: String) throws(OnyxError) -> Int? {
    switch optional(name) {
    case .int(let value): Int(value)
    case nil: nil
    case let other?: throw mismatch(name, other, "int")
    }
  }

  /// An int that must be 0 or 1.
  package mutating func flag(_ name: String, default value: Bool) throws(OnyxError) -> Bool { try int(name, default: value ? 1 : 0) != 0 }

  package mutating func float(_ name: String, default value: Float) throws(OnyxError) -> Float { try float(name) ?? value }
  package mutating func float(_ name: String) throws(OnyxError) -> Float? {
    switch optional(name) {
    case .float(let value): value
    case nil: nil
    case let other?: throw mismatch(name, other, "float")
    }
  }

  package mutating func ints(_ name: String) throws(OnyxError) -> [Int]? {
    switch optional(name) {
    case .ints(let values): values.map(Int.init)
    case nil: nil
    case let other?: throw mismatch(name, other, "ints")
    }
  }

  package mutating func floats(_ name: String) throws(OnyxError) -> [Float]? {
    switch optional(name) {
    case .floats(let values): values
    case nil: nil
    case let other?: throw mismatch(name, other, "floats")
    }
  }

  package mutating func text(_ name: String, default value: String) throws(OnyxError) -> String { try text(name) ?? value }
  package mutating func text(_ name: String) throws(OnyxError) -> String? {
    switch optional(name) {
    case .string(let bytes): String(decoding: bytes, as: UTF8.self)
    case nil: nil
    case let other?: throw mismatch(name, other, "string")
    }
  }

  /// A string that must be one of the cases of `T`.
  package mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String, default value: T) throws(OnyxError) -> T
  where T.RawValue == String {
    guard let text = try text(name) else { return value }
    guard let choice = T(rawValue: text) else {
      throw .invalid(
        "The attribute '\(name)' is '\(text)'.", remedy: "Valid values: \(T.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return choice
  }

  package mutating func tensor(_ name: String) throws(OnyxError) -> Tensor? {
    switch optional(name) {
    case .tensor(let tensor): tensor
    case nil: nil
    case let other?: throw mismatch(name, other, "tensor")
    }
  }

  package mutating func graph(_ name: String) throws(OnyxError) -> Graph? {
    switch optional(name) {
    case .graph(let graph): graph
    case nil: nil
    case let other?: throw mismatch(name, other, "graph")
    }
  }

  /// An element type, given as its TensorProto number.
  package mutating func elementType(_ name: String) throws(OnyxError) -> ElementType? {
    guard let number = try int(name) else { return nil }
    guard let raw = Int32(exactly: number), let type = ElementType(rawValue: raw) else {
      throw .invalid("The attribute '\(name)' is \(number), which is no element type.")
    }
    return type
  }

  /// The value of an attribute that the standard requires.
  package func required<T>(_ name: String, _ value: T?) throws(OnyxError) -> T {
    guard let value else { throw .invalid("The attribute '\(name)' is missing.") }
    return value
  }

  private func mismatch(_ name: String, _ found: Attribute, _ wanted: String) -> OnyxError {
    .invalid("The attribute '\(name)' is of kind \(found.kind), not \(wanted).")
  }
}
