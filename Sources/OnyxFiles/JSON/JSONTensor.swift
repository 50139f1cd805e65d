import OnyxTensor

/// Tensors as JSON: {"name", "type", "shape", "data"}, or an array of them. The data are one flat list in row-major order:
/// numbers, true and false, strings; complex numbers as two numbers each; "NaN", "Infinity", "-Infinity" for what JSON lacks.
package enum JSONTensor {
  /// One object for one tensor, else an array. A newline ends the text.
  package static func encode(_ tensors: [(name: String?, tensor: Tensor)]) throws(OnyxError) -> [UInt8] {
    var objects: [String] = []
    for (name, tensor) in tensors { objects.append(try object(name, tensor)) }
    let text = objects.count == 1 ? objects[0] : "[" + objects.joined(separator: ",\n ") + "]"
    return Array((text + "\n").utf8)
  }

  package static func decode(_ bytes: ArraySlice<UInt8>) throws(OnyxError) -> [(name: String?, tensor: Tensor)] {
    let objects: [JSONValue]
    switch try JSONValue(parsing: bytes) {
    case .array(let items): objects = items
    case let value: objects = [value]
    }
    var result: [(name: String?, tensor: Tensor)] = []
    for object in objects {
      guard case .object(let members) = object else { throw .invalid("The JSON file holds something that is no tensor object.") }
      var name: String?
      if case .string(let text)? = members["name"] { name = text }
      result.append((name, try tensor(members)))
    }
    return result
  }

  private static func object(_ name: String?, _ tensor: Tensor) throws(OnyxError) -> String {
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    let data = try elements(tensor).joined(separator: ",")
    return "{\"name\":\(name.map(quoted) ?? "null"),\"type\":\"\(tensor.elementType)\",\"shape\":[\(shape)],\"data\":[\(data)]}"
  }

  private static func elements(_ tensor: Tensor) throws(OnyxError) -> [String] {
    switch tensor.elementType.domain {
    case .string: return try tensor.strings().map(quoted)
    case .bool: return try tensor.booleans().map { $0 ? "true" : "false" }
    case .signed: return try tensor.integers().map { "\($0)" }
    case .unsigned: return try tensor.integers().map { "\(UInt64(bitPattern: $0))" }
    case .complex: return try tensor.complexes().flatMap { [number($0.real), number($0.imaginary)] }
    case .floating:
      // The shortest text that reads back as the same float32 is shorter than that of the same float64.
      if tensor.elementType == .float64 { return try tensor.doubles().map(number) }
      return try tensor.doubles().map { $0.isFinite ? "\(Float($0))" : number($0) }
    }
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "\"NaN\"" }
    return value.isInfinite ? (value < 0 ? "\"-Infinity\"" : "\"Infinity\"") : "\(value)"
  }

  private static func quoted(_ text: String) -> String {
    var result = ""
    JSONText.write(text, to: &result)
    return result
  }

  /// The tensor of an object; instead of "type" it can have the "datatype" of the Open Inference Protocol, and its data can be nested.
  static func tensor(_ members: [String: JSONValue]) throws(OnyxError) -> Tensor {
    guard let type = type(of: members) else {
      throw .invalid(
        "A tensor object needs a \"type\".", remedy: "Types: \(ElementType.allCases.map(\.description).joined(separator: ", ")).")
    }
    guard case .array(let items)? = members["data"] else { throw .invalid("A tensor object needs \"data\", a list.") }
    let data = JSONForms.flattened(items)
    guard case .array(let dimensions)? = members["shape"] else { throw .invalid("A tensor object needs a \"shape\", a list of integers.") }
    var extents: [Int] = []
    for dimension in dimensions {
      guard case .number(let text) = dimension, let extent = Int(text) else {
        throw .invalid("The \"shape\" of a tensor object must be integers.")
      }
      extents.append(extent)
    }
    let shape = try Shape(extents)
    let perElement = type.domain == .complex ? 2 : 1
    guard data.count % perElement == 0, data.count / perElement == shape.elementCount else {
      throw .invalid("A tensor object of shape \(shape) has \(data.count) data.")
    }
    return try JSONElements(type: type, data: data).tensor(shape)
  }

  private static func type(of members: [String: JSONValue]) -> ElementType? {
    if case .string(let name)? = members["datatype"], members["type"] == nil { return JSONForms.type(openInference: name) }
    guard case .string(let name)? = members["type"] else { return nil }
    return ElementType.allCases.first { $0.description == name }
  }
}
