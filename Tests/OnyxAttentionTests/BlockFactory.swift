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

  /// Coordinate attention over a map of 16 channels, 7 rows and 5 columns.
  mutating func coordinate(_ x: ValueID) throws -> ValueID {
    let rows = node("ReduceMean", x, try ints(3))
    let columns = node(
      "Transpose", node("AveragePool", x, attributes: ["kernel_shape": .ints([7, 1])]), attributes: ["perm": .ints([0, 1, 3, 2])])
    let mixed = node("HardSwish", try conv(node("Concat", rows, columns, attributes: ["axis": .int(2)]), 16, 8))
    let parts = builder.nodes("Split", [mixed, try ints(7, 5)], outputs: 2, attributes: ["axis": .int(2)])
    let right = node("Transpose", parts[1], attributes: ["perm": .ints([0, 1, 3, 2])])
    let byRows = node("Sigmoid", try conv(parts[0], 8, 16))
    let byColumns = node("Sigmoid", try conv(right, 8, 16))
    return node("Mul", node("Mul", x, byColumns), byRows)
  }

  /// Triplet attention without its division by three.
  mutating func triplet(_ x: ValueID) throws -> ValueID {
    var terms: [ValueID] = []
    for permutation: [Int64] in [[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 2, 1]] {
      let turned = permutation == [0, 1, 2, 3] ? x : node("Transpose", x, attributes: ["perm": .ints(permutation)])
      let pools = [node("ReduceMax", turned, try ints(1)), node("ReduceMean", turned, try ints(1))]
      let both = node("Concat", pools[0], pools[1], attributes: ["axis": .int(1)])
      let map = node("Sigmoid", node("Conv", both, try weights([1, 2, 7, 7]), attributes: ["pads": .ints([3, 3, 3, 3])]))
      let scaled = node("Mul", turned, map)
      terms.append(turned == x ? scaled : node("Transpose", scaled, attributes: ["perm": .ints(permutation)]))
    }
    return node("Add", node("Add", terms[0], terms[1]), terms[2])
  }

  /// Gates from a convolution along the 16 channels of a map.
  mutating func channelConvolution(_ x: ValueID) throws -> ValueID {
    let column = node("Reshape", node("GlobalAveragePool", x), try ints(0, 1, 16, 1))
    let conv = node("Conv", column, try weights([1, 1, 5, 1]), attributes: ["pads": .ints([2, 0, 2, 0])])
    return node("Reshape", node("Sigmoid", conv), try ints(0, 16, 1, 1))
  }

  /// Ends the graph and finds its blocks.
  mutating func matches(_ outputs: ValueID...) throws -> [AttentionMatchSummary] {
    for output in outputs { builder.output(output) }
    try builder.graph.validate()
    return try AttentionMatchSummary.all(in: builder.graph)
  }
}
