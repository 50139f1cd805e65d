import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Operators on channel blocks: the layout by its definition, the rest against the plain operators.
struct BlockedOperatorTests {
  static func node(_ op: String, _ inputs: Int, _ attributes: [String: Attribute] = [:]) -> Node {
    Node(
      name: "tested", op: OperatorName(op, domain: "onyx"), opset: 1, inputs: (0..<inputs).map { ValueID($0) }, outputs: [ValueID(inputs)],
      attributes: attributes)
  }

  static func run(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    let made = try Catalog.makeTensorOperator(node(op, inputs.count, attributes))
    let result = try #require(try made.evaluate(inputs).first)
    let inferred = try made.infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: 1))
    #expect(inferred.map(\.type) == [.tensor(result.elementType, result.shape)])
    return result
  }

  static func plain(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    let made = try make(op, attributes, inputs: inputs.count)
    return try #require(try made.evaluate(inputs).first)
  }

  @Test func channelsStandInLanes() throws {
    let x = try Tensor((0..<2 * 17 * 3).map(Float.init), shape: [2, 17, 3])
    let y = try Self.run("BlockChannels", [x])
    #expect(y.shape == [2, 2, 3, 16])
    let values = try y.elements(as: Float.self)
    // Image 1, channel 16, pixel 2 is lane 0 of block 1; lane 1 is past the last channel.
    #expect(values[((1 * 2 + 1) * 3 + 2) * 16] == Float((1 * 17 + 16) * 3 + 2))
    #expect(values[((1 * 2 + 1) * 3 + 2) * 16 + 1] == 0)
    #expect(values[5] == 15 && values[16 + 5] == 16)
    let back = try Self.run("UnblockChannels", [y], ["channels": .int(17)])
    #expect(try back.elements(as: Float.self) == x.elements(as: Float.self))
  }

  @Test(arguments: [1, 2]) func convolutionIsThePlainOne(_ group: Int) throws {
    let (x, z) = (ramp(.float32, [2, 18, 5, 4]), ramp(.float32, [2, 20, 3, 2], 4))
    let (w, b) = (ramp(.float32, try Shape([20, 18 / group, 3, 3])), ramp(.float32, [20], 2))
    let window: [String: Attribute] = ["group": .int(Int64(group)), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])]
    let sum = try Self.plain("Add", [try Self.plain("Conv", [x, w, b], window), z])
    let expected = try Self.plain("Relu", [sum])
    let attributes = window.merging(["activation": .text("relu")]) { $1 }
    let blocked = try Self.run("BlockedConv", [ChannelBlocks.block(x), w, b, ChannelBlocks.block(z)], attributes)
    #expect(blocked.shape == [2, 2, 3, 2, 16])
    #expect(try ChannelBlocks.unblock(blocked, channels: 20).doubles() == expected.doubles())
    guard group == 1 else { return }
    let first = try Self.run("BlockedConv", [x, w, b, ChannelBlocks.block(z)], attributes)
    #expect(try first.doubles() == blocked.doubles(), "a plain input gives the same")
  }

  @Test func factorsScaleTheInput() throws {
    let (x, s, w) = (ramp(.float32, [2, 18, 3, 3]), ramp(.float32, [2, 18, 1, 1], 1), ramp(.float32, [16, 18, 1, 1], 2))
    let expected = try Self.plain("Conv", [try Self.plain("Mul", [x, s]), w])
    let result = try Self.run("BlockedConv", [ChannelBlocks.block(x), w, nil, nil, ChannelBlocks.block(s)])
    #expect(try ChannelBlocks.unblock(result, channels: 16).doubles() == expected.doubles())
  }

  @Test(arguments: ["MaxPool", "AveragePool"]) func poolIsThePlainOne(_ op: String) throws {
    let x = ramp(.float32, [2, 18, 6, 5])
    let attributes: [String: Attribute] = [
      "kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 0, 1]), "ceil_mode": .int(1),
    ]
    let result = try Self.run("Blocked\(op)", [ChannelBlocks.block(x)], attributes)
    #expect(try ChannelBlocks.unblock(result, channels: 18).doubles() == Self.plain(op, [x], attributes).doubles())
  }

  @Test func sizesAreSymbolic() throws {
    let x = Inferred(.float32, ["n", 18, "h", "w"])
    let w = Inferred(.float32, [20, 18, 3, 3])
    func infer(_ op: String, _ inputs: [Inferred?], _ attributes: [String: Attribute] = [:]) throws -> String {
      "\(try Catalog.make(Self.node(op, inputs.count, attributes)).infer(InferenceContext(inputs: inputs, outputCount: 1))[0].type)"
    }
    #expect(try infer("BlockChannels", [x]) == "float32[n,2,h,w,16]")
    let blocked = Inferred(.float32, ["n", 2, "h", "w", 16])
    #expect(try infer("UnblockChannels", [blocked], ["channels": .int(18)]) == "float32[n,18,h,w]")
    #expect(try infer("BlockedConv", [blocked, w], ["pads": .ints([1, 1, 1, 1])]) == "float32[n,2,h,w,16]")
    #expect(try infer("BlockedConv", [x, w], ["pads": .ints([1, 1, 1, 1])]) == "float32[n,2,h,w,16]")
    let products = try Catalog.make(Self.node("BlockedConv", 2)).multiplyAccumulates(
      inputs: [blocked.type, w.type], outputs: [.tensor(.float32, shape: ["n", 2, 10, 10, 16])])
    #expect(products.map { "\($0)" } == "324000*n")
  }

  @Test func wrongShapesAreRefused() throws {
    let (w, block) = (ramp(.float32, [16, 18, 1, 1]), try ChannelBlocks.block(ramp(.float32, [1, 18, 2, 2])))
    func reason(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) -> String {
      do throws(OnyxError) {
        let made = try Catalog.makeTensorOperator(Self.node(op, inputs.count, attributes))
        _ = try made.infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: 1))
        return "accepted"
      } catch { return error.reason }
    }
    #expect(reason("BlockChannels", [ramp(.float32, [4, 4])]).contains("no spatial axes"))
    #expect(reason("UnblockChannels", [ramp(.float32, [1, 2, 3, 4])], ["channels": .int(3)]).contains("not channel-blocked"))
    #expect(reason("UnblockChannels", [block], ["channels": .int(40)]).contains("do not fill"))
    #expect(reason("UnblockChannels", [block]).contains("'channels' is missing"))
    #expect(reason("BlockedConv", [block, w, nil, block]).contains("The input 'Z' has the shape"))
    #expect(reason("BlockedConv", [block, w, nil, nil, block]).contains("The input 'S' has the shape"))
    let first = ramp(.float32, [1, 18, 2, 2])
    #expect(reason("BlockedConv", [first, w, nil, nil, block]).contains("need a blocked input"))
  }
}
