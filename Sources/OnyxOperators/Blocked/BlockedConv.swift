import OnyxGraph
import OnyxTensor

/// activation(Conv(X · S, W, B) + Z) in channel blocks. Made by the optimizer only; domain `onyx`, version 1.
///
/// X is blocked, or plain [N, C, H, W] as the first layer of a network gets it; W is the plain filter of Conv; Z has the shape of
/// the blocked result; S = [N, ⌈C/16⌉, 1…, 16] are factors for the input's channels and needs a blocked X.
package struct BlockedConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BlockedConv", domain: "onyx", versions: [1],
      inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T"), .optional("Z", "T"), .optional("S", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), BlockedConv.init)

  /// Applied last.
  package let activation: FusedActivation
  /// The plain convolution.
  package let conv: Conv

  package init(activation: FusedActivation, conv: Conv) {
    self.activation = activation
    self.conv = conv
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    activation = try FusedActivation(&attributes)
    conv = try Conv(&attributes)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let x = try context.shape(0), let w = try context.shape(1) else { return [Inferred(element, nil)] }
    guard w.count >= 3 else { throw .invalid("The weights have rank \(w.count); they need filters, channels and spatial axes.") }
    let isBlocked = x.count == w.count + 1
    let plain = isBlocked ? try ChannelBlocks.unblock(x, channels: w[1] * Dimension(conv.group)) : x
    let product = InferenceContext(
      inputs: [Inferred(element, plain), try context.input(1), context.optional(2)], outputCount: 1, symbolPrefix: context.symbolPrefix)
    guard let result = try conv.infer(product).first?.shape else { return [Inferred(element, nil)] }
    let shape = try ChannelBlocks.block(result, context)
    if let z = context.optional(3)?.shape { try Self.check("Z", z, against: shape) }
    if let s = context.optional(4)?.shape {
      guard isBlocked else { throw .invalid("The factors 'S' need a blocked input.") }
      try Self.check("S", s, against: [x[0], x[1]] + Array(repeating: 1, count: x.count - 3) + [Dimension(ChannelBlocks.size)])
    }
    return [Inferred(element, shape)]
  }

  private static func check(_ name: String, _ given: [Dimension], against shape: [Dimension]) throws(OnyxError) {
    let agrees = given.count == shape.count && zip(given, shape).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
    guard agrees else { throw .invalid("The input '\(name)' has the shape \(given), not \(shape).") }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let w = try context.input(1)
    var x = try context.input(0)
    if let s = context.optional(4) { x = try Self.scaled(x, by: s) }
    if x.shape.rank == w.shape.rank + 1 {
      let (channels, overflow) = w.shape[1].multipliedReportingOverflow(by: conv.group)
      guard !overflow else { throw .invalid("\(conv.group) groups of \(w.shape[1]) channels are too many.") }
      x = try ChannelBlocks.unblock(x, channels: channels)
    }
    let results = try conv.evaluate([x, w, context.optional(2)])
    guard let product = results.first else { throw .bug("The convolution gave no result.") }
    var y = try ChannelBlocks.block(product)
    if let z = context.optional(3) {
      guard z.shape == y.shape else { throw .invalid("The input 'Z' has the shape \(z.shape), not \(y.shape).") }
      let (left, right) = (try y.doubles(), try z.doubles())
      y = try Tensor(floating: left.indices.map { left[$0] + right[$0] }, as: y.elementType, shape: y.shape)
    }
    return [try activation.evaluate(y)]
  }

  /// X · S: each lane of each block by its factor.
  private static func scaled(_ x: Tensor, by s: Tensor) throws(OnyxError) -> Tensor {
    let (values, factors) = (try x.doubles(), try s.doubles())
    let block = x.shape[2...].reduce(1, *)
    guard x.shape.rank >= 4, factors.count * block == values.count * ChannelBlocks.size else {
      throw .invalid("The factors 'S' of shape \(s.shape) do not fit the input of shape \(x.shape).")
    }
    let size = ChannelBlocks.size
    return try Tensor(
      floating: values.indices.map { values[$0] * factors[$0 / block * size + $0 % size] }, as: x.elementType, shape: x.shape)
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count > 1, let w = inputs[1]?.shape, w.count >= 3, let y = outputs.first??.shape, y.count == w.count + 1 else {
      return nil
    }
    // The blocked result with the filters that there are.
    return try? y[0] * w.product() * Array(y[2..<(y.count - 1)]).product()
  }
}
