import OnyxGraph
import OnyxTensor

/// MaxPool (without indices) and AveragePool over a channel-blocked value. Made by the optimizer only; domain `onyx`, version 1.
package struct BlockedPool: TensorOperator {
  static let definitions = [
    definition("BlockedMaxPool") { (attributes) throws(OnyxError) in BlockedPool(try MaxPool(&attributes)) },
    definition("BlockedAveragePool") { (attributes) throws(OnyxError) in BlockedPool(try AveragePool(&attributes)) },
  ]

  private static func definition(
    _ name: String, _ make: @escaping @Sendable (inout AttributeReader) throws(OnyxError) -> BlockedPool
  ) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, domain: "onyx", versions: [1], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
        types: ["T": name == "BlockedMaxPool" ? .blocked : .floats]),
      make)
  }

  /// The plain operator.
  package let pool: any TensorOperator
  /// The window of the plain operator.
  package let window: WindowAttributes

  private init(_ pool: MaxPool) {
    self.pool = pool
    window = pool.window
  }

  private init(_ pool: AveragePool) {
    self.pool = pool
    window = pool.window
  }

  /// Every lane is a channel of its own: the pool sees as many channels as there are lanes.
  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let x = try context.shape(0) else { return [Inferred(element, nil)] }
    let lanes = try ChannelBlocks.unblock(x, channels: x.count > 1 ? x[1] * Dimension(ChannelBlocks.size) : 0)
    let result = try pool.infer(InferenceContext(inputs: [Inferred(element, lanes)], outputCount: 1, symbolPrefix: context.symbolPrefix))
    guard let y = result.first?.shape else { return [Inferred(element, nil)] }
    return [Inferred(element, [y[0], x[1]] + y[2...] + [Dimension(ChannelBlocks.size)])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    guard x.shape.rank >= 4 else { throw .invalid("The shape \(x.shape) is not channel-blocked.") }
    let plain = try ChannelBlocks.unblock(x, channels: x.shape[1] * ChannelBlocks.size)
    let results = try pool.evaluate([plain])
    guard let y = results.first else { throw .bug("The pool gave no result.") }
    return [try ChannelBlocks.block(y)]
  }
}
