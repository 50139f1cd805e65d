import OnyxGraph
import OnyxTensor

/// QLinearConv into channel blocks: the same bytes in another order. Made by the optimizer only; domain `onyx`, version 1.
///
/// x is blocked, or plain [N, C, H, W] as the first layer of a network gets it; w is the plain filter. With z the result is that of
/// `QuantizedBinary` for its sum with z, and with a table what `ByteTable` makes of it.
package struct BlockedQLinearConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "BlockedQLinearConv", domain: "onyx", versions: [1],
      inputs: [
        .required("x", "T1"), .required("x_scale", "float32"), .required("x_zero_point", "T1"), .required("w", "T2"),
        .required("w_scale", "float32"), .required("w_zero_point", "T2"), .required("y_scale", "float32"),
        .required("y_zero_point", "T3"), .optional("B", "int32"), .optional("z", "T4"), .optional("z_scale", "float32"),
        .optional("z_zero_point", "T4"), .optional("sum_scale", "float32"), .optional("sum_zero_point", "T3"), .optional("table", "T3"),
      ],
      outputs: [.required("y", "T3")], types: ["T1": .bytes, "T2": .bytes, "T3": .bytes, "T4": .bytes]), BlockedQLinearConv.init)

  package static var name: OperatorName { definition.signature.op }

  /// Positions of the inputs behind those of QLinearConv.
  package enum Input: Int, Sendable, CaseIterable {
    case z = 9
    case zScale, zZeroPoint, sumScale, sumZeroPoint, table
  }

  /// The plain convolution.
  package let conv: QLinearConv

  init(_ attributes: inout AttributeReader) throws(OnyxError) { conv = try QLinearConv(&attributes) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let (x, y) = (try context.tensor(0), try context.tensor(7))
    guard let shape = x.shape, let w = try context.shape(3) else { return [y.resized(nil)] }
    guard w.count >= 3 else { throw .invalid("The weights have rank \(w.count); they need filters, channels and spatial axes.") }
    let isBlocked = shape.count == w.count + 1
    let plain = isBlocked ? try ChannelBlocks.unblock(shape, channels: w[1] * Dimension(conv.group)) : shape
    var inputs = Array(context.inputs.prefix(Input.z.rawValue))
    inputs[0] = x.resized(plain)
    let product = InferenceContext(inputs: inputs, outputCount: 1, symbolPrefix: context.symbolPrefix)
    guard let result = try conv.infer(product).first?.shape else { return [y.resized(nil)] }
    let blocked = try ChannelBlocks.block(result, context)
    try checkFinish(context, blocked)
    return [y.resized(blocked)]
  }

  /// z comes with its numbers and has the shape of the result; a table has 256 elements.
  private func checkFinish(_ context: InferenceContext, _ result: [Dimension]) throws(OnyxError) {
    let sum = Input.allCases.dropLast().map { context.optional($0.rawValue) }
    guard sum.allSatisfy({ $0 != nil }) || sum.allSatisfy({ $0 == nil }) else {
      throw .invalid("z needs scales and zero points, and they need z.")
    }
    for index in Input.allCases.dropFirst().dropLast() { try checkOneElement(context, index.rawValue) }
    if let shape = context.optional(Input.table.rawValue)?.shape, shape.count != 1 || shape[0].known.map({ $0 != 256 }) ?? false {
      throw .invalid("The table of shape \(shape) has not 256 elements.")
    }
    guard let z = sum[0]?.shape else { return }
    guard z.count == result.count, zip(z, result).allSatisfy({ $0.known == nil || $1.known == nil || $0 == $1 }) else {
      throw .invalid("z of shape \(z) is added to a result of shape \(result).")
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    var inputs = Array(context.inputs.prefix(Input.z.rawValue))
    let (x, w) = (try context.input(0), try context.input(3))
    if x.shape.rank == w.shape.rank + 1 {
      let (channels, overflow) = w.shape[1].multipliedReportingOverflow(by: conv.group)
      guard !overflow else { throw .invalid("\(conv.group) groups of \(w.shape[1]) channels are too many.") }
      inputs[0] = try ChannelBlocks.unblock(x, channels: channels)
    }
    guard let plain = try conv.evaluate(inputs).first else { throw .bug("A convolution gave no result.") }
    var y = try ChannelBlocks.block(plain)
    if context.optional(Input.z.rawValue) != nil {
      let sum: [Tensor?] = [y, try context.input(6), try context.input(7)] + context.inputs[Input.z.rawValue...Input.sumZeroPoint.rawValue]
      y = try Self.result("QuantizedBinary", sum)
    }
    if let table = context.optional(Input.table.rawValue) { y = try Self.result("ByteTable", [y, table]) }
    return [y]
  }

  private static func result(_ op: String, _ inputs: [Tensor?]) throws(OnyxError) -> Tensor {
    let node = Node(
      op: OperatorName(op, domain: "onyx"), opset: 1, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(inputs.count)])
    guard let y = try Catalog.makeTensorOperator(node).evaluate(inputs).first else { throw .bug("The operator \(op) gave no result.") }
    return y
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count > 3, let w = inputs[3]?.shape, w.count >= 3, let y = outputs.first??.shape, y.count == w.count + 1 else {
      return nil
    }
    // The blocked result with the filters that there are.
    return try? y[0] * w.product() * Array(y[2..<(y.count - 1)]).product()
  }
}
