import OnyxTensor

/// The forms in which people write tensors as JSON: tensor objects, alone or in an array, as inputs of a request of the Open Inference
/// Protocol or as outputs of `onyx run --json`; nested lists; and nested lists by the names of inputs.
package enum JSONForms {
  /// A tensor; `isTyped` says whether the text tells its element type. Others hold int64, float64, bool or string.
  package struct Item {
    package let name: String?
    package let tensor: Tensor
    package let isTyped: Bool
  }

  /// Throws `invalidModel` for a text of another form.
  package static func decode(_ bytes: ArraySlice<UInt8>) throws(OnyxError) -> [Item] {
    let value = try JSONValue(parsing: bytes)
    switch value {
    case .array(let items):
      if case .object? = items.first { return try objects(items) }
      return [Item(name: nil, tensor: try nested(value), isTyped: false)]
    case .object(let members):
      if members["data"] != nil || members["type"] != nil || members["datatype"] != nil { return try objects([value]) }
      for key in ["inputs", "outputs"] {
        if case .array(let items)? = members[key], case .object? = items.first { return try objects(items) }
      }
      guard !members.isEmpty else { throw unknown }
      var result: [Item] = []
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        if case .object(let inner) = value {
          result.append(Item(name: name, tensor: try JSONTensor.tensor(inner), isTyped: true))
        } else {
          result.append(Item(name: name, tensor: try nested(value), isTyped: false))
        }
      }
      return result
    default: return [Item(name: nil, tensor: try nested(value), isTyped: false)]
    }
  }

  private static var unknown: OnyxError {
    .invalid(
      "The JSON file holds no tensors.",
      remedy: "Write nested lists, {\"NAME\": [[…]]}, or {\"name\", \"type\", \"shape\", \"data\"} objects.")
  }

  private static func objects(_ items: [JSONValue]) throws(OnyxError) -> [Item] {
    var result: [Item] = []
    for item in items {
      guard case .object(let members) = item else { throw .invalid("The JSON file holds something that is no tensor object.") }
      var name: String?
      if case .string(let text)? = members["name"] { name = text }
      result.append(Item(name: name, tensor: try JSONTensor.tensor(members), isTyped: true))
    }
    return result
  }

  /// A nested list as a tensor. Throws `invalidModel` for lists of different lengths or kinds side by side.
  private static func nested(_ value: JSONValue) throws(OnyxError) -> Tensor {
    var extents: [Int] = []
    var outermost = value
    while case .array(let items) = outermost {
      extents.append(items.count)
      guard let first = items.first else { break }
      outermost = first
    }
    var leaves: [JSONValue] = []
    try collect(value, extents[...], into: &leaves)
    let type: ElementType
    switch leaves.first {
    case .bool?: type = .bool
    case .string?: type = .string
    case .number?, nil:
      type = leaves.allSatisfy { if case .number(let text) = $0 { Int64(text) != nil } else { false } } ? .int64 : .float64
    default: throw unknown
    }
    return try JSONElements(type: type, data: leaves).tensor(try Shape(extents))
  }

  /// Adds what is no list, in row-major order. The nesting is at most as deep as the parser allows.
  private static func collect(_ value: JSONValue, _ extents: ArraySlice<Int>, into leaves: inout [JSONValue]) throws(OnyxError) {
    guard let extent = extents.first else {
      if case .array = value { throw ragged }
      leaves.append(value)
      return
    }
    guard case .array(let items) = value, items.count == extent else { throw ragged }
    for item in items { try collect(item, extents.dropFirst(), into: &leaves) }
  }

  private static var ragged: OnyxError { .invalid("The nested lists of the JSON file have different lengths.") }

  /// The leaves of a list that may be nested.
  static func flattened(_ items: [JSONValue]) -> [JSONValue] {
    items.flatMap { item -> [JSONValue] in if case .array(let inner) = item { flattened(inner) } else { [item] } }
  }

  /// The element types of the Open Inference Protocol.
  static func type(openInference name: String) -> ElementType? {
    switch name {
    case "BOOL": .bool
    case "UINT8": .uint8
    case "UINT16": .uint16
    case "UINT32": .uint32
    case "UINT64": .uint64
    case "INT8": .int8
    case "INT16": .int16
    case "INT32": .int32
    case "INT64": .int64
    case "FP16": .float16
    case "BF16": .bfloat16
    case "FP32": .float32
    case "FP64": .float64
    case "BYTES": .string
    default: nil
    }
  }
}
