import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Proof and application of single patches.
struct PatchTests {
  /// a → Neg n → Sqrt s → Abs out, and n → Exp e → out2.
  static func chain(kept: Set<String> = []) throws -> (Workspace, [String: ValueID]) {
    var builder = GraphBuilder("test", opset: 26)
    let a = builder.input("a", .float32, ["n", 4])
    let n = builder.node("Neg", a, name: "neg")
    let s = builder.node("Sqrt", n, name: "sqrt")
    let out = builder.node("Abs", s, name: "abs")
    let e = builder.node("Exp", n, name: "exp")
    builder.output(out, e)
    let ids = ["a": a, "n": n, "s": s, "out": out, "e": e]
    return (try Workspace(builder.graph, inputs: [:], kept: Set(kept.compactMap { ids[$0] })), ids)
  }

  static func site(_ workspace: Workspace, _ index: Int) throws -> Site {
    Site(workspace: workspace, index: index, node: try #require(workspace.node(index)), foldingByteBudget: 0)
  }

  static func refusal(_ workspace: Workspace, _ patch: Patch) -> String? {
    if case .refused(let reason) = workspace.prove(patch) { return reason }
    return nil
  }

  /// A patch at the node `root` that replaces `old` by what `make` builds.
  static func refusal(
    kept: Set<String> = [], root: Int, removing: Set<Int>, replacing old: String, _ make: (inout Patch, [String: ValueID]) throws -> ValueID
  ) throws -> String? {
    let (workspace, ids) = try chain(kept: kept)
    var patch = Patch(for: try site(workspace, root))
    patch.remove(removing)
    patch.shunt(try #require(ids[old]), to: try make(&patch, ids))
    return refusal(workspace, patch)
  }

  @Test func validPatch() throws {
    var (workspace, ids) = try Self.chain()
    let a = try #require(ids["a"])
    let s = try #require(ids["s"])
    var patch = Patch(for: try Self.site(workspace, 1))
    patch.remove([1])
    patch.shunt(s, to: patch.node("Cos", [patch.node("Sin", [a])]))
    #expect(patch.taps == [a])
    guard case .proven(let inferred) = workspace.prove(patch) else { return #expect(Bool(false), "refused") }
    #expect(inferred.map { $0?.type } == [.tensor(.float32, shape: ["n", 4]), .tensor(.float32, shape: ["n", 4])])
    let added = workspace.apply(patch, inferred)
    #expect(added.count == 2 && workspace.producer(of: s) == added[1] && workspace.readers(of: a) == [0, added[0]])
    try workspace.graph().validate()
    #expect(
      nodeLines(workspace.graph()) == [
        "neg_output = Neg(a)", "sqrt = Sin(a)", "sqrt_output = Cos(sqrt)", "abs_output = Abs(sqrt_output)", "exp_output = Exp(neg_output)",
      ])
  }

  @Test func innerValuesDoNotEscape() throws {
    let reason = try Self.refusal(root: 1, removing: [0, 1], replacing: "s") { patch, ids in patch.node("Cos", [ids["a"]]) }
    #expect(reason == "The inner value 'neg_output' is also read by exp (Exp).")
    let output = try Self.refusal(root: 2, removing: [2, 3], replacing: "out") { patch, ids in patch.node("Cos", [ids["a"]]) }
    #expect(output == "The inner value 'exp_output' is an output of the graph.")
    let fetched = try Self.refusal(kept: ["s"], root: 2, removing: [1, 2], replacing: "out") { patch, ids in patch.node("Cos", [ids["n"]]) }
    #expect(fetched == "The inner value 'sqrt_output' is fetched.")
  }

  @Test func typesAndShapesStay() throws {
    let type = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("IsNaN", [ids["n"]]) }
    #expect(type == "The replacement of 'sqrt_output' is bool[n,4], not float32[n,4].")
    let rank = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("Flatten", [ids["n"]], ["axis": .int(0)])
    }
    #expect(rank == "The replacement of 'sqrt_output' is float32[1,4*n], not float32[n,4].")
    let shape = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("Transpose", [ids["n"]]) }
    #expect(shape == "The replacement of 'sqrt_output' is float32[4,n], not float32[n,4].")
  }

  @Test func invalidNodes() throws {
    let unknown = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("NoSuchOperator", [ids["n"]]) }
    #expect(unknown?.contains("NoSuchOperator is not implemented") == true)
    let attribute = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in
      patch.node("Sin", [ids["n"]], ["slope": .float(1)])
    }
    #expect(attribute?.contains("'slope'") == true)
    let arity = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("Add", [ids["n"]]) }
    #expect(arity?.contains("1 inputs") == true)
  }

  @Test func noCycles() throws {
    let downstream = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("Sin", [ids["out"]]) }
    #expect(downstream == "The value 'abs_output' depends on what it would replace.")
    let itself = try Self.refusal(root: 1, removing: [1], replacing: "s") { patch, ids in patch.node("Sin", [ids["s"]]) }
    #expect(itself?.contains("made by a node that it replaces") == true)
    let redirected = try Self.refusal(root: 1, removing: [1], replacing: "s") { _, ids in try #require(ids["out"]) }
    #expect(redirected == "The value 'abs_output' depends on what it would replace.")
  }

  /// After one patch, several nodes share a position; order among them still counts.
  @Test func noCyclesAmongNodesOfOnePosition() throws {
    var (workspace, ids) = try Self.chain()
    let s = try #require(ids["s"])
    var patch = Patch(for: try Self.site(workspace, 1))
    patch.remove([1])
    let first = patch.node("Sin", [ids["n"]])
    patch.shunt(s, to: patch.node("Cos", [first]))
    guard case .proven(let inferred) = workspace.prove(patch) else { return #expect(Bool(false), "refused") }
    let added = workspace.apply(patch, inferred)
    var back = Patch(for: try Self.site(workspace, added[0]))
    back.remove([added[0]])
    back.shunt(first, to: back.node("Tan", [s]))
    #expect(Self.refusal(workspace, back) == "The value 'sqrt_output' depends on what it would replace.")
    var forth = Patch(for: try Self.site(workspace, added[1]))
    forth.remove([added[1]])
    forth.shunt(s, to: forth.node("Tan", [first]))
    #expect(Self.refusal(workspace, forth) == nil)
  }

  @Test func replacedValuesLoseTheirNode() throws {
    let stays = try Self.refusal(root: 1, removing: [], replacing: "s") { patch, ids in patch.node("Sin", [ids["n"]]) }
    #expect(stays == "The value 'sqrt_output' is replaced, but its node stays.")
    let input = try Self.refusal(root: 1, removing: [], replacing: "a") { patch, ids in patch.node("Sin", [ids["n"]]) }
    #expect(input == "The value 'a' is replaced, but its node stays.")
  }

  @Test func equalConstantsAreShared() throws {
    var builder = GraphBuilder("test", opset: 26)
    let a = builder.input("a", .float32, [2])
    let one = builder.constant(try floats([1]), name: "one")
    builder.output(builder.node("Add", a, one))
    var workspace = try Workspace(builder.graph, inputs: [:], kept: [])
    var patch = Patch(for: try Self.site(workspace, 0))
    patch.remove([0])
    patch.shunt(builder.graph.outputs[0], to: patch.node("Mul", [a, patch.constant(try floats([1]))]))
    guard case .proven(let inferred) = workspace.prove(patch) else { return #expect(Bool(false), "refused") }
    _ = workspace.apply(patch, inferred)
    #expect(nodeLines(workspace.graph()) == ["Add_0_output = Mul(a, one)"] && workspace.graph().initializers.count == 1)
  }
}

/// What bodies capture counts as read, and follows replaced values.
struct CaptureTests {
  /// x → Neg n → Sqrt s; a node with a body reads s; its body captures n.
  static func graph() throws -> (Graph, n: ValueID, s: ValueID) {
    var builder = GraphBuilder("test", opset: 26)
    let x = builder.input("x", .float32, [2])
    let n = builder.node("Neg", x, name: "neg")
    let s = builder.node("Sqrt", n, name: "sqrt")
    var body = GraphBuilder("body", opset: 26)
    let inner = body.input("inner", .float32, [2])
    body.output(body.node("Abs", inner))
    var bodyGraph = body.graph
    bodyGraph.inputs = []
    bodyGraph.captures = [Capture(outer: n, inner: inner)]
    builder.output(builder.nodes("If", [s], outputs: 1, attributes: ["then_branch": .graph(bodyGraph)], name: "if")[0])
    return (builder.graph, n, s)
  }

  static func workspace(_ graph: Graph) throws -> Workspace {
    try Workspace(graph, inputs: [:], kept: [], knowledge: graph.values.map { _ in Inferred(.float32, [2]) })
  }

  @Test func capturedValuesEscape() throws {
    let (graph, _, s) = try Self.graph()
    let workspace = try Self.workspace(graph)
    var patch = Patch(for: try PatchTests.site(workspace, 1))
    patch.remove([0, 1])
    patch.shunt(s, to: patch.node("Cos", [graph.inputs[0]]))
    #expect(PatchTests.refusal(workspace, patch) == "The inner value 'neg_output' is also read by the body of if (If).")
  }

  @Test func capturesFollowReplacedValues() throws {
    let (graph, n, _) = try Self.graph()
    var workspace = try Self.workspace(graph)
    var patch = Patch(for: try PatchTests.site(workspace, 0))
    patch.remove([0])
    patch.shunt(n, to: graph.inputs[0])
    guard case .proven(let inferred) = workspace.prove(patch) else { return #expect(Bool(false), "refused") }
    _ = workspace.apply(patch, inferred)
    let result = workspace.graph()
    try result.validate()
    #expect(nodeLines(result)[0] == "sqrt_output = Sqrt(x)")
    #expect(result.nodes[1].attributes.values.flatMap(\.graphs)[0].captures.map(\.outer) == graph.inputs)
  }
}
