import OnyxGraph
import OnyxProto
import OnyxTensor

extension LoadContext {
  /// The type that the file gives to `value`; nil when it gives none. A dimension that has no name, or one that names nothing, gets a
  /// symbol of its own.
  func type(_ message: TypeMessage, of value: String) throws(OnyxError) -> ValueType? {
    switch message {
    case .none: return nil
    case .tensor(0, _), .sparseTensor(0, _): return nil
    case .tensor(let element, let shape): return .tensor(try ElementType(inFiles: element), shape: try dimensions(shape, value))
    case .sparseTensor(let element, let shape): return .sparseTensor(try ElementType(inFiles: element), shape: try dimensions(shape, value))
    case .sequence(let element): return try type(element, of: value).map { .sequence($0) }
    case .optional(let element): return try type(element, of: value).map { .optional($0) }
    case .map(let key, let element):
      let key = try ElementType(inFiles: key)
      return try type(element, of: value).map { .map(key: key, value: $0) }
    case .opaque(let domain, let name):
      throw .unsupported(
        "The value '\(value)' is of the opaque type \(domain).\(name).", remedy: "Onyx knows the types of the standard only.")
    }
  }

  private func dimensions(_ messages: [DimensionMessage]?, _ value: String) throws(OnyxError) -> [Dimension]? {
    guard let messages else { return nil }
    guard messages.count <= 255 else { throw .unsupported("The value '\(value)' has \(messages.count) dimensions; 255 are the most.") }
    var result: [Dimension] = []
    for (axis, message) in messages.enumerated() {
      switch message {
      // Some exporters write -1 for a dimension that they do not know.
      case .value(let size) where size >= 0: result.append(Dimension(Int(size)))
      case .parameter(let name) where Self.names(name): result.append(Dimension(symbol: name))
      default: result.append(Dimension(symbol: freshSymbol("\(value).\(axis)")))
      }
    }
    return result
  }

  /// Whether a `dim_param` means the same size wherever it stands. ONNX asks for identifiers (IR, "Static tensor shapes"); exporters
  /// write expressions of identifiers too ("2*height", "past + 1"), and for what they do not know "?", "-1", "None" or, as tf2onnx,
  /// "unk__12".
  private static func names(_ text: String) -> Bool {
    if text == "None" || (text.hasPrefix("unk__") && text.dropFirst(5).allSatisfy(\.isNumber)) { return false }
    return text.unicodeScalars.contains { $0 == "_" || $0.properties.isAlphabetic }
  }
}
