import OnyxGraph
import OnyxTensor

extension FusedActivation {
  /// Standard operators of one input that an activation can say.
  package static let operators: Set<String> = [
    "Relu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Tanh", "LeakyRelu", "Gelu",
  ]

  /// What a node of the standard does to its first input; nil for other operators, and for forms and bounds that an
  /// activation cannot say. `constant` gives the value of an input that is known before the run.
  package init?(_ node: Node, constant: (ValueID) -> Tensor?) {
    guard node.op.domain.isEmpty else { return nil }
    switch node.op.name {
    case "Relu": self = .relu
    case "Sigmoid": self = .sigmoid
    case "HardSigmoid": self = .hardSigmoid(alpha: node.float("alpha", default: 0.2), beta: node.float("beta", default: 0.5))
    case "HardSwish": self = .hardSwish
    case "Swish" where node.float("alpha", default: 1) == 1: self = .swish
    case "Tanh": self = .tanh
    case "LeakyRelu": self = .leakyRelu(alpha: node.float("alpha", default: 0.01))
    case "Gelu" where node.text("approximate", default: "none") == "none": self = .gelu
    case "Clip":
      func bound(_ index: Int, absent: Float) -> Float? {
        guard let input = node.operand(index) else { return absent }
        guard let tensor = constant(input), tensor.elementCount == 1, let number = (try? tensor.doubles())?.first else { return nil }
        return Double(Float(number)) == number ? Float(number) : nil
      }
      guard let low = bound(1, absent: -.infinity), let high = bound(2, absent: .infinity) else { return nil }
      self = .clip(min: low, max: high)
    default: return nil
    }
  }

  /// The activation of a FusedConv, FusedGemm or another operator of the domain `onyx`.
  package init?(fusedInto node: Node) {
    let name = node.text("activation", default: FusedActivation.none.name)
    guard let activation = try? FusedActivation(name: name, parameters: node.floats("activation_params") ?? []) else { return nil }
    self = activation
  }
}
