import OnyxGraph
import OnyxTensor

/// Conv(X, W, B) whose input and result have their channels in the last axis: X [N, spatial…, C] → Y [N, spatial…, M], W as Conv's. Made by
/// the optimizer only; domain `onyx`, version 1.
package struct ChannelsLastConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ChannelsLastConv", domain: "onyx", versions: [1], inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), ChannelsLastConv.init)

  /// The plain convolution.
  package let conv: Conv

  package init(conv: Conv) { self.conv = conv }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    conv = try Conv(&attributes)
  }

  /// The order of axes that puts the last one second; its inverse puts the second last.
  private static func channelsFirst(_ rank: Int) -> [Int] { [0, rank - 1] + Array(1..<max(1, rank - 1)) }
  private static func channelsLast(_ rank: Int) -> [Int] { [0] + Array(2..<max(2, rank)) + [1] }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let x = try context.shape(0) else { return [Inferred(element, nil)] }
    guard x.count >= 3 else { throw .invalid("The input has rank \(x.count); a convolution needs batch, one spatial axis and channels.") }
    let plain = Inferred(element, Self.channelsFirst(x.count).map { x[$0] })
    let product = InferenceContext(inputs: [plain] + context.inputs.dropFirst(), outputCount: 1, symbolPrefix: context.symbolPrefix)
    guard let shape = try conv.infer(product).first?.shape else { return [Inferred(element, nil)] }
    return [Inferred(element, Self.channelsLast(shape.count).map { shape[$0] })]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let plain = try Self.transposed(x, Self.channelsFirst(x.shape.rank))
    let results = try conv.evaluate([plain] + context.inputs.dropFirst())
    guard let y = results.first else { throw .bug("The convolution gave no result.") }
    return [try Self.transposed(y, Self.channelsLast(y.shape.rank))]
  }

  private static func transposed(_ tensor: Tensor, _ order: [Int]) throws(OnyxError) -> Tensor {
    let results = try Transpose(permutation: order).evaluate([tensor])
    guard let result = results.first else { throw .bug("The transposition gave no result.") }
    return result
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    conv.multiplyAccumulates(inputs: inputs, outputs: outputs)
  }
}
