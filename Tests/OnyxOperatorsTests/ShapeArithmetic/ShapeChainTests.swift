import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// The shape arithmetic that exporters write around Reshape and Expand, inferred over a dynamic batch.
struct ShapeChainTests {
  /// The inferred type of the graph's only output.
  private func outputType(_ builder: GraphBuilder) throws -> String {
    let graph = builder.graph
    try graph.validate()
    let inference = try GraphInference(graph)
    return "\(try #require(inference[graph.outputs[0]]).type)"
  }

  @Test func shapeGatherUnsqueezeConcatReshape() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 3, 18])
    let batch = b.node("Gather", b.node("Shape", x), b.constant(i64([0], [])))
    let parts = b.node("Unsqueeze", batch, b.constant(i64([0])))
    let target = b.nodes(
      "Concat", [parts, b.constant(i64([54])), b.constant(i64([1])), b.constant(i64([1]))], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Reshape", x, target))
    #expect(try outputType(b) == "float32[batch,54,1,1]")
  }

  @Test func shapeSliceConcatExpand() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 16, "h", "w"])
    let token = b.input("token", .float32, [1, 1, 64])
    let batch = b.node("Slice", b.node("Shape", x), b.constant(i64([0])), b.constant(i64([1])), b.constant(i64([0])))
    let target = b.nodes("Concat", [batch, b.constant(i64([-1 + 2, 64]))], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Expand", token, target))
    #expect(try outputType(b) == "float32[batch,1,64]")
  }

  /// tf2onnx writes a Dense layer over the last axis like this.
  @Test func shapeCastGatherConcatReshape() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 6, 9])
    let shape = b.node("Cast", b.node("Shape", x), attributes: ["to": .int(6)])
    let picked = b.node("Gather", shape, b.constant(i64([0, 1])))
    let target = b.nodes("Concat", [picked, b.constant(i32([-1]))], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Reshape", x, b.node("Cast", target, attributes: ["to": .int(7)])))
    #expect(try outputType(b) == "float32[batch,6,9]")
  }

  /// Keras: the last axes multiplied into one, then -1 taken from the rest.
  @Test func reduceProdOfShape() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 6, 9])
    let free = b.node("Gather", b.node("Shape", x), b.constant(i64([1, 2])))
    let size = b.node("ReduceProd", free, b.constant(i64([0])), attributes: ["keepdims": .int(1)])
    let target = b.nodes("Concat", [b.constant(i64([-1])), size], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Reshape", x, target))
    #expect(try outputType(b) == "float32[batch,54]")
  }

  /// PyTorch: a channel shuffle, view(b, groups, c / groups, h, w) and back.
  @Test func channelShuffle() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 8, "h", "w"])
    let parts = b.nodes("Split", [b.node("Shape", x)], outputs: 4, attributes: ["num_outputs": .int(4)])
    let perGroup = b.node("Div", parts[1], b.constant(i64([2])))
    let five = b.nodes(
      "Concat", [parts[0], b.constant(i64([2])), perGroup, parts[2], parts[3]], outputs: 1, attributes: ["axis": .int(0)])[0]
    let grouped = b.node("Reshape", x, five)
    let shuffled = b.node("Transpose", grouped, attributes: ["perm": .ints([0, 2, 1, 3, 4])])
    let four = b.nodes("Concat", [parts[0], b.constant(i64([-1])), parts[2], parts[3]], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Reshape", shuffled, four))
    #expect(try outputType(b) == "float32[batch,8,h,w]")
  }

  /// PyTorch: pads written back to front, turned around by Reshape, Slice and Transpose.
  @Test func padsInReverseOrder() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 3, "h", "w"])
    let zeros = b.node("ConstantOfShape", b.constant(i64([4])), attributes: ["value": .tensor(i64([0]))])
    let all = b.nodes("Concat", [b.constant(i64([1, 2, 3, 4])), zeros], outputs: 1, attributes: ["axis": .int(0)])[0]
    let rows = b.node("Reshape", all, b.constant(i64([-1, 2])))
    let turned = b.node("Slice", rows, b.constant(i64([-1])), b.constant(i64([.min])), b.constant(i64([0])), b.constant(i64([-1])))
    let pads = b.node("Reshape", b.node("Transpose", turned, attributes: ["perm": .ints([1, 0])]), b.constant(i64([-1])))
    b.output(b.node("Pad", x, pads))
    #expect(try outputType(b) == "float32[batch,3,h+7,w+3]")
  }

  /// PyTorch: interpolate to twice the size, written as sizes.
  @Test func resizeToComputedSizes() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 3, "h", "w"])
    let shape = b.node("Shape", x)
    let fixed = b.node("Slice", shape, b.constant(i64([0])), b.constant(i64([2])))
    let spatial = b.node("Slice", shape, b.constant(i64([2])), b.constant(i64([.max])))
    let sizes = b.nodes("Concat", [fixed, b.node("Mul", spatial, b.constant(i64([2, 2])))], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.nodes("Resize", [x, nil, nil, sizes], outputs: 1)[0])
    #expect(try outputType(b) == "float32[batch,3,2*h,2*w]")
  }

  /// Size, Squeeze and Identity carry values too: flatten everything and unflatten by the batch.
  @Test func sizeSqueezeIdentity() throws {
    var b = GraphBuilder(opset: Catalog.newestOpset)
    let x = b.input("x", .float32, ["batch", 4, 4])
    let batch = b.node("Squeeze", b.node("Shape", x, attributes: ["end": .int(1)]), b.constant(i64([0])))
    let rest = b.node("Div", b.node("Size", x), b.node("Identity", batch))
    let axes = b.constant(i64([0]))
    let target = b.nodes(
      "Concat", [b.node("Unsqueeze", batch, axes), b.node("Unsqueeze", rest, axes)], outputs: 1, attributes: ["axis": .int(0)])[0]
    b.output(b.node("Reshape", x, target))
    #expect(try outputType(b) == "float32[batch,16]")
  }
}
