import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// One node that must be refused, and what the error must say: a row of a test table.
struct FailureCase: Sendable, CustomTestStringConvertible {
  let op: String
  let domain: String
  let inputs: [Tensor?]
  let attributes: [String: Attribute]
  let outputs: Int
  let code: OnyxError.Code
  /// A part of the reason.
  let says: String

  init(
    _ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:], outputs: Int = 1, code: OnyxError.Code = .invalidModel,
    domain: String = "", says: String
  ) {
    self.op = op
    self.domain = domain
    self.inputs = inputs
    self.attributes = attributes
    self.outputs = outputs
    self.code = code
    self.says = says
  }

  var testDescription: String { "\(op): \(says)" }

  func run() {
    let error = failure(op, inputs, attributes: attributes, outputs: outputs, domain: domain)
    #expect(error?.code == code, "\(testDescription): \(error.map { "\($0)" } ?? "accepted")")
    #expect(error?.reason.contains(says) == true, "\(testDescription): \(error?.reason ?? "accepted")")
  }
}

/// A tensor of small integers, exact in every type: element i is (7·i + 3·seed) mod 11, less 5 for signed types.
func ramp(_ type: ElementType, _ shape: Shape, _ seed: Int = 0) -> Tensor {
  let least = type.domain == .unsigned ? 0 : 5
  return tensor(type, (0..<shape.elementCount).map { Double(($0 * 7 + seed * 3) % 11 - least) }, shape)
}

/// An operator of the catalog with these attributes.
func make(_ op: String, _ attributes: [String: Attribute] = [:], inputs: Int = 1, outputs: Int = 1) throws -> any TensorOperator {
  try Catalog.makeTensorOperator(
    Node(
      name: "tested", op: OperatorName(op), opset: Catalog.newestOpset, inputs: (0..<inputs).map { ValueID($0) },
      outputs: (0..<outputs).map { ValueID(inputs + $0) }, attributes: attributes))
}

/// The first output's type for inputs of these types, as text.
func inferredType(_ op: String, _ inputs: [ValueType], _ attributes: [String: Attribute] = [:]) throws -> String {
  let context = InferenceContext(inputs: inputs.map { Inferred($0) }, outputCount: 1, symbolPrefix: "tested")
  return try "\(make(op, attributes, inputs: inputs.count).infer(context)[0].type)"
}

/// The products that one run takes for inputs of these types, as text.
func countedProducts(_ op: String, _ inputs: [ValueType], _ attributes: [String: Attribute] = [:]) throws -> String {
  let context = InferenceContext(inputs: inputs.map { Inferred($0) }, outputCount: 1, symbolPrefix: "tested")
  let made = try make(op, attributes, inputs: inputs.count)
  let outputs = try made.infer(context).map { Optional($0.type) }
  return made.multiplyAccumulates(inputs: inputs, outputs: outputs).map { "\($0)" } ?? "unknown"
}
