import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// A run of an operator that only moves elements: which element of the first input stands at each place of each output
/// (-1: none, so 0, false or the empty string). Checked for every element type that the signature allows.
struct MovedCase: Sendable, CustomTestStringConvertible {
  typealias Result = (shape: Shape, elements: [Int])

  let op: String
  let shape: Shape
  let rest: [Tensor?]
  let attributes: [String: Attribute]
  let expected: [Result]
  /// Evaluated without the inference checks over symbolic values, where 0 stands for something else than an extent.
  let isDirect: Bool
  let note: String

  init(
    _ op: String, _ shape: Shape, _ rest: [Tensor?] = [], _ attributes: [String: Attribute] = [:], gives expected: Result...,
    isDirect: Bool = false, note: String = ""
  ) {
    self.op = op
    self.shape = shape
    self.rest = rest
    self.attributes = attributes
    self.expected = expected
    self.isDirect = isDirect
    self.note = note
  }

  var testDescription: String {
    "\(op)\(shape) \(rest.map { $0.map(\.typeDescription) ?? "-" }) \(attributes.map { "\($0.key)=\($0.value.text)" }.sorted()) \(note)"
  }

  func run() throws {
    let signature = try #require(Catalog.definition(of: OperatorName(op))).signature
    for type in try #require(signature.types[signature.inputs[0].type]).sorted(by: { $0.rawValue < $1.rawValue }) {
      let inputs = [samples(type, Array(0..<shape.elementCount), shape)] + rest
      let results =
        isDirect
        ? try evaluatedDirectly(op, inputs, attributes, outputs: expected.count)
        : try evaluate(op, inputs, attributes: attributes, outputs: expected.count)
      #expect(results.count == expected.count)
      for (result, want) in zip(results, expected) {
        expectClose(result, samples(type, want.elements, want.shape), tolerance: 0, "\(testDescription), \(type)")
      }
    }
  }
}

func evaluatedDirectly(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute], outputs: Int) throws -> [Tensor] {
  let node = Node(
    op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) },
    outputs: (0..<outputs).map { ValueID(inputs.count + $0) }, attributes: attributes)
  return try Catalog.makeTensorOperator(node).evaluate(inputs, outputCount: outputs)
}

/// Distinguishable elements of any type, one for each number; -1 is the blank element.
func samples(_ type: ElementType, _ numbers: [Int], _ shape: Shape) -> Tensor {
  switch type.domain {
  case .floating:
    let values = [0.5, 1, 1.5, 2, 3, 4, 6, -0.5, -1, -1.5, -2, -3, -4, -6]
    let isPowers = type == .float8e8m0
    return tensor(
      type, numbers.map { $0 < 0 ? 0 : isPowers ? Double(sign: .plus, exponent: $0 % 100 - 50, significand: 1) : values[$0 % 14] }, shape)
  case .signed, .unsigned: return ints(type, numbers.map { $0 < 0 ? 0 : Int64($0 % 251 - ($0 % 3)) }, shape)
  case .bool: return bools(numbers.map { $0 >= 0 && ($0 % 3 == 0 || $0 % 7 == 2) }, shape)
  case .complex: return complexes(type, numbers.map { $0 < 0 ? (0, 0) : (Double($0), -Double($0) / 2) }, shape)
  case .string: return strings(numbers.map { $0 < 0 ? "" : "é\($0)" }, shape)
  }
}

func complexes(_ type: ElementType, _ values: [(Double, Double)], _ shape: Shape? = nil) -> Tensor {
  try! Tensor(complex: values.map { Complex128($0.0, $0.1) }, as: type, shape: shape ?? [values.count])
}
