extension Node {
  /// An attribute of a known kind, or its default: for code that looks at nodes it does not run. Operators read theirs
  /// with a reader that checks kinds.
  package func int(_ name: String, default value: Int) -> Int {
    if case .int(let found)? = attributes[name] { return Int(found) }
    return value
  }

  package func float(_ name: String, default value: Float) -> Float {
    if case .float(let found)? = attributes[name] { return found }
    return value
  }

  package func ints(_ name: String) -> [Int]? {
    if case .ints(let found)? = attributes[name] { return found.map(Int.init) }
    return nil
  }

  package func floats(_ name: String) -> [Float]? {
    if case .floats(let found)? = attributes[name] { return found }
    return nil
  }

  package func text(_ name: String, default value: String) -> String {
    if case .string(let bytes)? = attributes[name] { return String(decoding: bytes, as: UTF8.self) }
    return value
  }

  /// Input `index`; nil when it is omitted.
  package func operand(_ index: Int) -> ValueID? { inputs.indices.contains(index) ? inputs[index] : nil }
}
