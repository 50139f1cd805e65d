import OnyxGraph
import OnyxTensor

extension FusedActivation {
  /// Standard operators of one input that an activation can say.
  package static let operators = Set(ElementFunction.names(for: [.product, .plainProduct]))

  /// What a node of the standard does to its first input; nil for other operators, and for forms and bounds that an
  /// activation cannot say. `constant` gives the value of an input that is known before the run.
  package init?(_ node: Node, constant: (ValueID) -> Tensor?) {
    guard node.op.domain.isEmpty, let function = ElementFunction.named(node.op.name) else { return nil }
    guard node.op.name == "Clip" else {
      guard let parameters = function.parameters(of: node) else { return nil }
      self.init(function, parameters: parameters)
      return
    }
    func bound(_ index: Int, absent: Float) -> Float? {
      guard let input = node.operand(index) else { return absent }
      guard let tensor = constant(input), tensor.elementCount == 1, let number = (try? tensor.doubles())?.first else { return nil }
      return Double(Float(number)) == number ? Float(number) : nil
    }
    guard let low = bound(1, absent: -.infinity), let high = bound(2, absent: .infinity) else { return nil }
    self = .clip(min: low, max: high)
  }

  /// The activation of a FusedConv, FusedGemm or another operator of the domain `onyx`.
  package init?(fusedInto node: Node) {
    let name = node.text("activation", default: FusedActivation.none.name)
    guard let activation = try? FusedActivation(name: name, parameters: node.floats("activation_params") ?? []) else { return nil }
    self = activation
  }
}
