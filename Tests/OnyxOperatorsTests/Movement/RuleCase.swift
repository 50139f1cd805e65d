import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// What a type and shape rule says of symbolic inputs, as text: "float32[n,4]", with the known value behind "=".
struct RuleCase: Sendable, CustomTestStringConvertible {
  let op: String
  let inputs: [Inferred?]
  let attributes: [String: Attribute]
  let expected: [String]

  init(_ op: String, _ inputs: [Inferred?], _ attributes: [String: Attribute] = [:], gives expected: String...) {
    self.op = op
    self.inputs = inputs
    self.attributes = attributes
    self.expected = expected
  }

  var testDescription: String {
    "\(op)(\(inputs.map { $0.map(text) ?? "-" }.joined(separator: ", "))) \(attributes.map { "\($0.key)=\($0.value.text)" }.sorted())"
  }

  func run() throws {
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) },
      outputs: expected.indices.map { ValueID(inputs.count + $0) }, attributes: attributes)
    let made = try Catalog.make(node)
    let results = try made.infer(InferenceContext(inputs: inputs, outputCount: expected.count, symbolPrefix: "t"))
    #expect(results.map(text) == expected)
  }
}

private func text(_ inferred: Inferred) -> String {
  guard inferred.value != nil else { return "\(inferred.type)" }
  if let dimensions = inferred.dimensions { return "\(inferred.type) = \(dimensions)" }
  return "\(inferred.type) = constant"
}

/// A value of a type with symbolic dimensions.
func symbolic(_ type: ElementType = .float32, _ shape: [Dimension]?) -> Inferred { Inferred(type, shape) }

/// An int64 vector whose elements are known, some as symbols.
func sizes(_ values: [Dimension]) -> Inferred {
  Inferred(.tensor(.int64, shape: [Dimension(values.count)]), value: .dimensions(values))
}

func constant(_ tensor: Tensor) -> Inferred { Inferred(constant: tensor) }
