import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Pieces of attention blocks, as exporters write them.
struct BlockFactory {
  var builder = GraphBuilder("block", opset: Catalog.newestOpset)
  private var seed = 0.0

  mutating func map(_ shape: [Dimension] = ["batch", 16, 7, 5], _ name: String = "x") -> ValueID { builder.input(name, .float32, shape) }

  mutating func weights(_ shape: [Int]) throws -> ValueID {
    seed += 1
    let shape = try Shape(shape)
    let offset = seed
    return builder.constant(
      try Tensor(floating: (0..<shape.elementCount).map { Double($0 % 7) / 7 - offset / 50 }, as: .float32, shape: shape))
  }

  mutating func ints(_ values: Int...) throws -> ValueID { builder.constant(try Tensor(values)) }

  mutating func node(_ op: String, _ inputs: ValueID..., attributes: [String: Attribute] = [:]) -> ValueID {
    builder.nodes(op, inputs, outputs: 1, attributes: attributes)[0]
  }

  /// A 1×1 convolution.
  mutating func conv(_ x: ValueID, _ inputs: Int, _ outputs: Int) throws -> ValueID {
    node("Conv", x, try weights([outputs, inputs, 1, 1]))
  }

  mutating func linear(_ x: ValueID, _ inputs: Int, _ outputs: Int) throws -> ValueID {
    node("Add", node("MatMul", x, try weights([inputs, outputs])), try weights([outputs]))
  }

  /// Ends the graph and finds its blocks.
  mutating func matches(_ outputs: ValueID...) throws -> [AttentionMatchSummary] {
    for output in outputs { builder.output(output) }
    try builder.graph.validate()
    return try AttentionMatchSummary.all(in: builder.graph)
  }
}
