import OnyxGraph
import OnyxTensor

/// Functions of one floating number, element by element; computed in `Double`, rounded once.
package struct UnaryMath: ParametricOperator {
  /// One member of the family: y = function(x), or function(x, first parameter, second parameter).
  package struct Member: Sendable {
    /// The name of the operator.
    package let name: String
    let versions: [Int]
    /// Names of the formal input and output.
    let names: (input: String, output: String)
    /// The float attributes that are the parameters, at most two, and their defaults.
    let parameters: KeyValuePairs<String, Float>
    let uses: ElementFunction.Uses
    let function: @Sendable (_ x: Double, _ first: Double, _ second: Double) -> Double

    init(
      _ name: String, _ versions: [Int], _ input: String, _ output: String, _ uses: ElementFunction.Uses = [],
      _ function: @escaping @Sendable (Double) -> Double
    ) {
      self.name = name
      self.versions = versions
      names = (input, output)
      parameters = [:]
      self.uses = uses
      self.function = { x, _, _ in function(x) }
    }

    /// A member whose input is X and whose output is Y.
    init(
      _ name: String, _ versions: [Int], _ parameters: KeyValuePairs<String, Float>, _ uses: ElementFunction.Uses,
      _ function: @escaping @Sendable (_ x: Double, _ first: Double, _ second: Double) -> Double
    ) {
      self.name = name
      self.versions = versions
      names = ("X", "Y")
      self.parameters = parameters
      self.uses = uses
      self.function = function
    }

    var definition: OperatorDefinition {
      OperatorDefinition(
        Signature(
          name, versions: versions, inputs: [.required(names.input, "T")], outputs: [.required(names.output, "T")], types: ["T": .floats])
      ) { (attributes) throws(OnyxError) in try UnaryMath(self, &attributes) }
    }
  }

  static let members = functions + activations
  static let definitions = members.map(\.definition)

  /// What is done to each element.
  package let member: Member
  /// The parameters of the member, in its order: 32-bit floats for every element type.
  package let parameters: [Float]

  private init(_ member: Member, _ attributes: inout AttributeReader) throws(OnyxError) {
    self.member = member
    var parameters: [Float] = []
    for (name, value) in member.parameters { parameters.append(try attributes.float(name, default: value)) }
    self.parameters = parameters
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let first = Double(parameters.first ?? 0)
    let second = Double(parameters.dropFirst().first ?? 0)
    let function = member.function
    return [try x.mapFloats { function($0, first, second) }]
  }
}
