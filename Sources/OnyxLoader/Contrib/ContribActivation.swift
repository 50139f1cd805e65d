import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The activation that ONNX Runtime fused into a product: a standard operator of one input, Clip with bounds, or none.
struct ContribActivation {
  private var op: String?
  private var attributes: [String: Attribute] = [:]
  private var bounds: [Float]?

  /// Of FusedConv: the parameters stand in one list.
  init(convolution t: inout Translation) throws(OnyxError) {
    guard try take("activation", &t), let op else { return }
    let parameters = try t.attributes.floats("activation_params", default: [])
    let names = ["Relu": [], "Tanh": [], "Sigmoid": [], "LeakyRelu": ["alpha"], "HardSigmoid": ["alpha", "beta"], "Clip": ["min", "max"]]
    guard let expected = names[op] else { throw .unsupported("The activation '\(op)' of \(t.node.op) is not supported.") }
    guard parameters.count == expected.count || expected.isEmpty else {
      throw .invalid("The activation '\(op)' has \(parameters.count) parameters; it takes \(expected.count).")
    }
    if op == "Clip" { bounds = parameters } else { for (name, value) in zip(expected, parameters) { attributes[name] = .float(value) } }
  }

  /// Of FusedGemm: each parameter is an attribute.
  init(product t: inout Translation) throws(OnyxError) {
    let given = ["alpha", "beta", "gamma"].map { ($0, t.attributes.optional("activation_\($0)")) }
    guard try take("activation", &t), let op else { return }
    let names = [
      "Relu": [], "Tanh": [], "Sigmoid": [], "Softplus": [], "Softsign": [], "LeakyRelu": ["alpha"], "Elu": ["alpha"],
      "ThresholdedRelu": ["alpha"], "Celu": ["alpha"], "HardSigmoid": ["alpha", "beta"], "Selu": ["alpha", "gamma"],
    ]
    guard let expected = names[op] else { throw .unsupported("The activation '\(op)' of \(t.node.op) is not supported.") }
    for (name, value) in given where expected.contains(name) { attributes[name] = value }
  }

  private mutating func take(_ name: String, _ t: inout Translation) throws(OnyxError) -> Bool {
    let text = try t.attributes.text(name) ?? ""
    op = text.isEmpty ? nil : text
    return op != nil
  }

  /// The node `product`, activated, as the current node's result.
  func apply(_ product: String, _ inputs: [ValueID?], _ own: [String: Attribute], _ t: inout Translation) throws(OnyxError) {
    guard let op else {
      try t.result(product, inputs, own)
      return
    }
    let x = try t.value(product, inputs, product.lowercased(), own)
    try t.result(op, self.inputs(x, &t), attributes)
  }

  /// The activated value.
  func applied(to x: ValueID, _ t: inout Translation) throws(OnyxError) -> ValueID {
    guard let op else { return x }
    return try t.value(op, inputs(x, &t), "activation", attributes)
  }

  private func inputs(_ x: ValueID, _ t: inout Translation) throws(OnyxError) -> [ValueID?] {
    guard let bounds, bounds.count == 2 else { return [x] }
    return [x, try t.scalar(bounds[0], like: x, "least"), try t.scalar(bounds[1], like: x, "most")]
  }
}
