import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Blocks in forms that the models of this repository do not have.
struct RecogniserTests {
  @Test func squeezeAndExcitation() throws {
    var f = BlockFactory()
    let x = f.map()
    let hidden = f.node("Relu", try f.conv(f.node("GlobalAveragePool", x), 16, 4))
    let gates = f.node("Sigmoid", try f.conv(hidden, 4, 16))
    let found = try f.matches(f.node("Mul", x, gates))
    #expect(found == [.init(.se, channels: 16, hidden: 4)])
    let match = try #require(try AttentionRecogniser(InferredGraph(f.builder.graph)).matches().first)
    #expect(match.reduction == 4 && match.gates == [gates] && match.nodes.count == 6 && match.weights.count == 2)
  }

  /// Swish and hard sigmoid written out, before anything is canonical.
  @Test func activationsWrittenOut() throws {
    var f = BlockFactory()
    let x = f.map()
    let inner = try f.conv(f.node("ReduceMean", x, try f.ints(2, 3)), 16, 4)
    let outer = try f.conv(f.node("Mul", f.node("Sigmoid", inner), inner), 4, 16)
    func number(_ value: Float) throws -> ValueID { f.builder.constant(try Tensor(scalar: value)) }
    let clipped = f.node("Clip", f.node("Add", outer, try number(3)), try number(0), try number(6))
    #expect(try f.matches(f.node("Mul", f.node("Div", clipped, try number(6)), x)) == [.init(.se, channels: 16, hidden: 4)])
  }

  @Test func poolingInSteps() throws {
    var f = BlockFactory()
    let x = f.map()
    let rows = f.node("ReduceMean", x, try f.ints(-1), attributes: ["keepdims": .int(0)])
    let vector = f.node("ReduceMean", rows, try f.ints(-1), attributes: ["keepdims": .int(0)])
    let gates = f.node("Sigmoid", try f.linear(vector, 16, 16))
    #expect(try f.matches(f.node("Mul", x, f.node("Unsqueeze", gates, try f.ints(2, 3)))) == [.init(.ese, channels: 16)])
  }

  /// ECA over [N, 1, C, 1], and over a map flattened first.
  @Test(arguments: [true, false]) func channelConvolutions(_ flattened: Bool) throws {
    var f = BlockFactory()
    let x = f.map()
    let flat = f.node("Reshape", x, try f.ints(0, 16, 35))
    let pooled = flattened ? f.node("ReduceMean", flat, try f.ints(2)) : f.node("GlobalAveragePool", x)
    let column = f.node("Reshape", pooled, try f.ints(0, 1, 16, 1))
    let conv = f.node("Conv", column, try f.weights([1, 1, 5, 1]), attributes: ["pads": .ints([2, 0, 2, 0])])
    let gates = f.node("Reshape", f.node("Sigmoid", conv), try f.ints(0, 16, 1, 1))
    #expect(try f.matches(f.node("Mul", x, gates)) == [.init(.eca, channels: 16, kernel: [5])])
  }

  /// PyTorch's exporter writes the pool of a map with channels last as its elements gathered one by one; in another order they are
  /// gates of other channels.
  @Test(arguments: [true, false]) func gatheredPools(_ isInOrder: Bool) throws {
    var f = BlockFactory()
    let x = f.map([2, 16, 7, 5])
    let flat = f.node("Reshape", f.node("GlobalAveragePool", x), try f.ints(-1))
    let places = (0..<32).map { isInOrder ? $0 : 31 - $0 }
    let indices = f.builder.constant(try Tensor(places).reshaped(to: try Shape([2, 16, 1, 1])))
    let hidden = f.node("Relu", try f.conv(f.node("Gather", flat, indices), 16, 4))
    let found = try f.matches(f.node("Mul", x, f.node("Sigmoid", try f.conv(hidden, 4, 16))))
    #expect(found == (isInOrder ? [.init(.se, channels: 16, hidden: 4)] : []))
  }

  @Test func convolutionThatShortensTheChannelsIsNone() throws {
    var f = BlockFactory()
    let x = f.map()
    let column = f.node("Reshape", f.node("GlobalAveragePool", x), try f.ints(0, 1, 16, 1))
    let conv = f.node("Conv", column, try f.weights([1, 1, 5, 1]), attributes: ["pads": .ints([4, 0, 0, 0])])
    #expect(try f.matches(f.node("Mul", x, f.node("Reshape", f.node("Sigmoid", conv), try f.ints(0, 16, 1, 1)))) == [])
  }

  /// A Transpose between [N, C] and [C, N] would give each image the gates of another.
  @Test func transposedBatchIsNone() throws {
    var f = BlockFactory()
    let x = f.map([16, 16, 7, 5])
    let vector = f.node("Flatten", f.node("GlobalAveragePool", x))
    let gates = f.node("Sigmoid", try f.linear(f.node("Transpose", vector, attributes: ["perm": .ints([1, 0])]), 16, 16))
    #expect(try f.matches(f.node("Mul", x, f.node("Reshape", gates, try f.ints(16, 16, 1, 1)))) == [])
  }

  @Test func globalContext() throws {
    for scales in [true, false] {
      var f = BlockFactory()
      let x = f.map()
      let scores = f.node("Reshape", try f.conv(x, 16, 1), try f.ints(0, 35, 1))
      let pixels = f.node("Softmax", scores, attributes: ["axis": .int(1)])
      let context = f.node("Reshape", f.node("MatMul", f.node("Reshape", x, try f.ints(0, 16, 35)), pixels), try f.ints(0, 16, 1, 1))
      let layers = try f.conv(f.node("Relu", try f.conv(context, 16, 4)), 4, 16)
      let y = scales ? f.node("Mul", x, f.node("Sigmoid", layers)) : f.node("Add", layers, x)
      #expect(try f.matches(y) == [.init(.gc, channels: 16, hidden: 4)])
    }
  }

  @Test func coordinate() throws {
    var f = BlockFactory()
    let x = f.map()
    #expect(try f.matches(try f.coordinate(x)) == [.init(.coordinate, channels: 16, hidden: 8)])
  }

  @Test func triplet() throws {
    var f = BlockFactory()
    let x = f.map()
    #expect(try f.matches(f.node("Mul", try f.triplet(x), try f.weights([]))) == [.init(.triplet, channels: 16)])
  }

  /// Σ weight · branch with one product for each branch.
  @Test func splitAttentionWrittenOut() throws {
    var f = BlockFactory()
    let x = f.map()
    let branches = try (0..<2).map { _ in f.node("Relu", try f.conv(x, 16, 16)) }
    let pooled = f.node("GlobalAveragePool", f.node("Add", branches[0], branches[1]))
    let scores = f.node("Reshape", try f.conv(f.node("Relu", try f.conv(pooled, 16, 8)), 8, 32), try f.ints(0, 2, 16, 1, 1))
    let weights = f.builder.nodes(
      "Split", [f.node("Softmax", scores, attributes: ["axis": .int(1)]), try f.ints(1, 1)], outputs: 2, attributes: ["axis": .int(1)])
    let terms = try zip(branches, weights).map { f.node("Mul", $0, f.node("Squeeze", $1, try f.ints(1))) }
    let names = branches.map { f.builder.graph[$0].name }
    #expect(Set(try f.matches(f.node("Add", terms[0], terms[1])).flatMap(\.inputs)) == Set(names))
    #expect(try AttentionMatchSummary.all(in: f.builder.graph).map(\.kind) == [.sk])
  }

  @Test func heads() throws {
    var f = BlockFactory()
    let x = f.map(["batch", 10, 64])
    let context = f.map(["batch", 9, 64], "context")
    func split(_ value: ValueID) throws -> ValueID {
      f.node("Transpose", f.node("Reshape", value, try f.ints(0, -1, 4, 16)), attributes: ["perm": .ints([0, 2, 1, 3])])
    }
    for (kind, other) in [(AttentionMatch.Kind.selfAttention, x), (.crossAttention, context)] {
      let q = try split(try f.linear(x, 64, 64))
      let k = f.node("Transpose", try split(try f.linear(other, 64, 64)), attributes: ["perm": .ints([0, 1, 3, 2])])
      let v = try split(try f.linear(other, 64, 64))
      let scores = f.node("Add", f.node("Mul", f.node("MatMul", q, k), try f.weights([])), try f.weights([10, 1]))
      let y = f.node("MatMul", f.node("Softmax", scores), v)
      let inputs = kind == .selfAttention ? ["x"] : ["x", "context"]
      let found = try f.matches(y).last
      #expect(found == AttentionMatchSummary(kind, channels: 64, heads: 4, inputs: inputs))
    }
  }

  /// Values first, as self-attention over images is often written; without an output layer.
  @Test func nonLocalWithValuesFirst() throws {
    var f = BlockFactory()
    let x = f.map()
    let maps = try (0..<3).map { _ in f.node("Reshape", try f.conv(x, 16, 8), try f.ints(0, 8, 35)) }
    let scores = f.node("MatMul", f.node("Transpose", maps[0], attributes: ["perm": .ints([0, 2, 1])]), maps[1])
    let probabilities = f.node("Transpose", f.node("Softmax", scores), attributes: ["perm": .ints([0, 2, 1])])
    #expect(try f.matches(f.node("MatMul", maps[2], probabilities)) == [.init(.nonLocal, channels: 16, heads: 1)])
  }

  /// The parts of a whole block are not told again; two blocks in a row are two.
  @Test func blocksInARow() throws {
    var f = BlockFactory()
    var x = f.map()
    for _ in 0..<2 {
      let gates = f.node("Sigmoid", try f.conv(f.node("Relu", try f.conv(f.node("GlobalAveragePool", x), 16, 2)), 2, 16))
      let point = f.node("Sigmoid", try f.conv(x, 16, 1))
      x = f.node("Add", f.node("Mul", x, gates), f.node("Mul", x, point))
    }
    #expect(try f.matches(x).map(\.kind) == [.scse, .scse])
  }

  @Test func noBlocks() throws {
    var f = BlockFactory()
    let x = f.map()
    let wide = try f.conv(x, 16, 32)
    let halves = f.builder.nodes("Split", [wide, try f.ints(16, 16)], outputs: 2, attributes: ["axis": .int(1)])
    let glu = f.node("Mul", halves[0], f.node("Sigmoid", halves[1]))
    let silu = f.node("Mul", glu, f.node("Sigmoid", glu))
    let pooled = f.node("Flatten", f.node("GlobalAveragePool", silu))
    let head = f.node("Softmax", try f.linear(pooled, 16, 10))
    // Gates for another map, gates that no layer computed, probabilities that weigh nothing computed.
    let foreign = f.node("Mul", x, f.node("Sigmoid", try f.conv(f.node("GlobalAveragePool", silu), 16, 16)))
    let bare = f.node("Mul", x, f.node("Sigmoid", f.node("GlobalAveragePool", x)))
    let lookup = f.node("MatMul", head, try f.weights([10, 3]))
    #expect(try f.matches(foreign, bare, lookup) == [])
  }
}
