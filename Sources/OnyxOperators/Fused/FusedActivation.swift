import OnyxGraph
import OnyxTensor

/// A function of one element that FusedConv and FusedGemm apply to their results; each is a standard operator.
package enum FusedActivation: Sendable, Hashable {
  case none
  case relu
  /// Relu6 is clip(min: 0, max: 6); an absent bound is infinite.
  case clip(min: Float, max: Float)
  case sigmoid
  /// max(0, min(1, alpha · x + beta))
  case hardSigmoid(alpha: Float, beta: Float)
  /// x · hardSigmoid(x) with alpha 1/6 and beta 1/2
  case hardSwish
  /// x · sigmoid(x)
  case swish
  case tanh
  case leakyRelu(alpha: Float)
  /// The form with erf.
  case gelu
}

extension FusedActivation {
  /// The value of the attribute `activation`.
  package var name: String {
    switch self {
    case .none: "none"
    case .relu: "relu"
    case .clip: "clip"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hardSigmoid"
    case .hardSwish: "hardSwish"
    case .swish: "swish"
    case .tanh: "tanh"
    case .leakyRelu: "leakyRelu"
    case .gelu: "gelu"
    }
  }

  /// The value of the attribute `activation_params`.
  package var parameters: [Float] {
    switch self {
    case .clip(let min, let max): [min, max]
    case .hardSigmoid(let alpha, let beta): [alpha, beta]
    case .leakyRelu(let alpha): [alpha]
    default: []
    }
  }

  /// Throws `invalidModel` for an unknown name or a wrong number of parameters.
  package init(name: String, parameters: [Float]) throws(OnyxError) {
    switch (name, parameters.count) {
    case ("none", 0): self = .none
    case ("relu", 0): self = .relu
    case ("clip", 2): self = .clip(min: parameters[0], max: parameters[1])
    case ("sigmoid", 0): self = .sigmoid
    case ("hardSigmoid", 2): self = .hardSigmoid(alpha: parameters[0], beta: parameters[1])
    case ("hardSwish", 0): self = .hardSwish
    case ("swish", 0): self = .swish
    case ("tanh", 0): self = .tanh
    case ("leakyRelu", 1): self = .leakyRelu(alpha: parameters[0])
    case ("gelu", 0): self = .gelu
    default: throw .invalid("There is no activation '\(name)' with \(parameters.count) parameters.")
    }
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
    guard let (op, attributes) = standardOperator else { return x }
    var inputs = [x]
    if case .clip(let min, let max) = self {
      for bound in [min, max] { inputs.append(try Tensor(floating: [Double(bound)], as: x.elementType, shape: .scalar)) }
    }
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(inputs.count)],
      attributes: attributes)
    let results = try Catalog.make(node).evaluate(inputs)
    guard let result = results.first else { throw .bug("The operator \(op) gave no result.") }
    return result
  }

  private var standardOperator: (op: String, attributes: [String: Attribute])? {
    switch self {
    case .none: nil
    case .relu: ("Relu", [:])
    case .clip: ("Clip", [:])
    case .sigmoid: ("Sigmoid", [:])
    case .hardSigmoid(let alpha, let beta): ("HardSigmoid", ["alpha": .float(alpha), "beta": .float(beta)])
    case .hardSwish: ("HardSwish", [:])
    case .swish: ("Swish", [:])
    case .tanh: ("Tanh", [:])
    case .leakyRelu(let alpha): ("LeakyRelu", ["alpha": .float(alpha)])
    case .gelu: ("Gelu", [:])
    }
  }
}
