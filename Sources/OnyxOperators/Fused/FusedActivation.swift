import OnyxGraph
import OnyxTensor

/// A function of one element that FusedConv and FusedGemm apply to their results: a function of the standard with the use `product`
/// or `plainProduct`, or none.
package struct FusedActivation: Sendable, Hashable {
  /// The operator of the standard; nil for none.
  package let op: String?
  /// The value of the attribute `activation_params`: the parameters of the operator, in order; empty where they are its defaults by rule.
  package let parameters: [Float]

  private init(_ op: String?, _ parameters: [Float] = []) { (self.op, self.parameters) = (op, parameters) }

  package static let none = FusedActivation(nil)
  package static let relu = FusedActivation("Relu")
  package static let sigmoid = FusedActivation("Sigmoid")
  /// x · hardSigmoid(x) with alpha 1/6 and beta 1/2
  package static let hardSwish = FusedActivation("HardSwish")
  /// x · sigmoid(x)
  package static let swish = FusedActivation("Swish")
  package static let tanh = FusedActivation("Tanh")
  /// The form with erf.
  package static let gelu = FusedActivation("Gelu")

  /// Relu6 is clip(min: 0, max: 6); an absent bound is infinite.
  package static func clip(min: Float, max: Float) -> FusedActivation { FusedActivation("Clip", [min, max]) }
  /// max(0, min(1, alpha · x + beta))
  package static func hardSigmoid(alpha: Float, beta: Float) -> FusedActivation { FusedActivation("HardSigmoid", [alpha, beta]) }
  package static func leakyRelu(alpha: Float) -> FusedActivation { FusedActivation("LeakyRelu", [alpha]) }

  /// nil when no product may apply the function, or not with these parameters.
  init?(_ function: ElementFunction, parameters: [Float]) {
    if function.uses.contains(.product) {
      guard parameters.count == function.parameters.count else { return nil }
      self.init(function.name, parameters)
    } else {
      guard function.uses.contains(.plainProduct), parameters == function.parameters.map(\.value) else { return nil }
      self.init(function.name)
    }
  }

  /// Whether the results lie in 0 … 1.
  package var isGate: Bool { op == "Clip" ? parameters == [0, 1] : function?.uses.contains(.gate) ?? false }

  /// All parameters of the function, for kernels.
  package var kernelParameters: [Float] { parameters.isEmpty ? function?.parameters.map(\.value) ?? [] : parameters }

  private var function: ElementFunction? { op.flatMap { ElementFunction.named($0) } }
}

extension FusedActivation {
  /// The value of the attribute `activation`.
  package var name: String { function?.spelling ?? "none" }

  /// The activations by the value of the attribute `activation`.
  private static let spellings = Dictionary(
    ElementFunction.all.filter { !$0.uses.isDisjoint(with: [.product, .plainProduct]) }.map { ($0.spelling, $0) },
    uniquingKeysWith: { $1 })

  /// Throws `invalidModel` for an unknown name or a wrong number of parameters.
  package init(name: String, parameters: [Float]) throws(OnyxError) {
    let function = Self.spellings[name]
    let count = function.map { $0.uses.contains(.product) ? $0.parameters.count : 0 }
    guard parameters.count == count ?? 0, name == "none" || function != nil else {
      throw .invalid("There is no activation '\(name)' with \(parameters.count) parameters.")
    }
    self.init(function?.name, parameters)
  }

  /// Reads the attribute `key` and the parameters beside it.
  init(_ attributes: inout AttributeReader, _ key: String = "activation", default usual: FusedActivation = .none) throws(OnyxError) {
    let parameters = try attributes.floats(key + "_params")
    guard let name = try attributes.text(key) else {
      guard parameters == nil else { throw .invalid("The attribute '\(key)_params' is given without '\(key)'.") }
      self = usual
      return
    }
    try self.init(name: name, parameters: parameters ?? [])
  }

  /// The attributes that say this activation.
  package var attributes: [String: Attribute] { attributes(named: "activation") }

  /// The attributes that say this activation under another name than `activation`.
  package func attributes(named key: String) -> [String: Attribute] {
    parameters.isEmpty ? [key: .text(name)] : [key: .text(name), key + "_params": .floats(parameters)]
  }

  /// The reference: that of the standard operator.
  package func evaluate(_ x: Tensor) throws(OnyxError) -> Tensor {
    guard let op, let function else { return x }
    var inputs = [x]
    var attributes: [String: Attribute] = [:]
    for (parameter, value) in zip(function.parameters, parameters) {
      if op == "Clip" {
        inputs.append(try Tensor(floating: [Double(value)], as: x.elementType, shape: .scalar))
      } else {
        attributes[parameter.key] = .float(value)
      }
    }
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(inputs.count)],
      attributes: attributes)
    let results = try Catalog.makeTensorOperator(node).evaluate(inputs)
    guard let result = results.first else { throw .bug("The operator \(op) gave no result.") }
    return result
  }
}
