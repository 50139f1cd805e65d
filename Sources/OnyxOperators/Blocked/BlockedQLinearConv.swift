import OnyxGraph
import OnyxTensor

/// QLinearConv into channel blocks: the same bytes in another order. Made by the optimizer only; domain `onyx`, version 1.
///
/// x is blocked, or plain [N, C, H, W] as the first layer of a network gets it; w is the plain filter.
package struct BlockedQLinearConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BlockedQLinearConv", domain: "onyx", versions: [1],
      inputs: [
        .required("x", "T1"), .required("x_scale", "float32"), .required("x_zero_point", "T1"), .required("w", "T2"),
        .required("w_scale", "float32"), .required("w_zero_point", "T2"), .required("y_scale", "float32"),
        .required("y_zero_point", "T3"), .optional("B", "int32"),
      ],
      outputs: [.required("y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": .bytes]), BlockedQLinearConv.init)

  /// The plain convolution.
  package let conv: QLinearConv

  init(_ attributes: inout AttributeReader) throws(OnyxError) { conv = try QLinearConv(&attributes) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let (x, y) = (try context.tensor(0), try context.tensor(7))
    guard let shape = x.shape, let w = try context.shape(3) else { return [y.resized(nil)] }
    guard w.count >= 3 else { throw .invalid("The weights have rank \(w.count); they need filters, channels and spatial axes.") }
    let isBlocked = shape.count == w.count + 1
    let plain = isBlocked ? try ChannelBlocks.unblock(shape, channels: w[1] * Dimension(conv.group)) : shape
    var inputs = context.inputs
    inputs[0] = x.resized(plain)
    let product = InferenceContext(inputs: inputs, outputCount: 1, symbolPrefix: context.symbolPrefix)
    guard let result = try conv.infer(product).first?.shape else { return [y.resized(nil)] }
    return [y.resized(try ChannelBlocks.block(result, context))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    var inputs = context.inputs
    let (x, w) = (try context.input(0), try context.input(3))
    if x.shape.rank == w.shape.rank + 1 {
      let (channels, overflow) = w.shape[1].multipliedReportingOverflow(by: conv.group)
      guard !overflow else { throw .invalid("\(conv.group) groups of \(w.shape[1]) channels are too many.") }
      inputs[0] = try ChannelBlocks.unblock(x, channels: channels)
    }
    return try conv.evaluate(inputs).map { (y) throws(OnyxError) in try ChannelBlocks.block(y) }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count > 3, let w = inputs[3]?.shape, w.count >= 3, let y = outputs.first??.shape, y.count == w.count + 1 else {
      return nil
    }
    // The blocked result with the filters that there are.
    return try? y[0] * w.product() * Array(y[2..<(y.count - 1)]).product()
  }
}
