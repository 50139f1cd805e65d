extension Node {
  /// The attribute `name`, or its default where it is absent or of another kind: for code that looks at nodes it does not run.
  /// Operators read theirs with a reader that checks kinds.
  package func int(_ name: String, default value: Int) -> Int { attribute(name, .int) ?? value }

  package func float(_ name: String, default value: Float) -> Float { attribute(name, .float) ?? value }

  package func ints(_ name: String) -> [Int]? { attribute(name, .ints) }

  package func floats(_ name: String) -> [Float]? { attribute(name, .floats) }

  package func text(_ name: String, default value: String) -> String { attribute(name, .text) ?? value }

  /// Input `index`; nil when it is omitted.
  package func operand(_ index: Int) -> ValueID? { inputs.indices.contains(index) ? inputs[index] : nil }

  private func attribute<Value>(_ name: String, _ kind: AttributeKind<Value>) -> Value? { attributes[name]?.value(kind) }
}
