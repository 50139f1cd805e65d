import Onyx
import OnyxTestSupport
import Testing

/// What a caller can do wrong, with the exact texts.
@Suite struct InputBindingTests {
  private static func text(_ bytes: [UInt8], _ inputs: [String: Tensor], fetching names: [String] = []) throws -> String {
    let session = try Session(bytes: bytes)
    let error = failure { () throws(OnyxError) in try session.run(inputs, fetching: names) }
    #expect(error?.code == .usage)
    return error?.description ?? "no error"
  }

  @Test func missingInput() throws {
    #expect(
      try Self.text(SmallModel.root, [:]) == """
        The input 'x' is missing.
          Give a tensor of type float32[n]: --input x=FILE, or run(["x": tensor]).
        """)
  }

  @Test func unknownInputNamesTheNearest() throws {
    #expect(
      try Self.text(SmallModel.sum(), ["a": vector(1), "B": vector(2)]) == """
        The model has no input 'B'.
          Did you mean 'b'? The inputs are: 'a', 'b'.
        """)
    #expect(
      try Self.text(SmallModel.root, ["photograph": vector(1)]) == """
        The model has no input 'photograph'.
          The inputs are: 'x'.
        """)
  }

  @Test func wrongElementType() throws {
    #expect(
      try Self.text(SmallModel.root, ["x": Tensor([1.0, 2.0] as [Double], shape: [2])]) == """
        The input 'x' must be float32[n]; the tensor given is float64[2].
          Convert its numbers first: x.astype("float32") in NumPy.
        """)
  }

  @Test(arguments: [[], [1, 2], [2, 1, 1]] as [[Int]]) func wrongRank(_ shape: [Int]) throws {
    let tensor = try Tensor(floating: Array(repeating: 0, count: shape.reduce(1, *)), as: .float32, shape: try Shape(shape))
    #expect(
      try Self.text(SmallModel.root, ["x": tensor]) == """
        The input 'x' must be float32[n]; the tensor given is \(tensor.typeDescription).
          Give a tensor of that type and shape; named dimensions can have any size.
        """)
  }

  @Test func wrongSize() throws {
    let model = Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Sqrt", ["x"], ["y"])], inputs: [], outputs: [], Wire.data(11, Onnx.value("x", dims: [Wire.int(1, 3)])),
        Wire.data(12, Onnx.value("y"))))
    #expect(
      try Self.text(model, ["x": vector(1, 2)]) == """
        The input 'x' must be float32[3]; the tensor given is float32[2].
          Give a tensor of that type and shape.
        """)
  }

  @Test func aNameOfTwoSizesIsAWarning() throws {
    let session = try Session(bytes: SmallModel.sum("n", "n"))
    #expect(try session.run(["a": vector(1, 2), "b": vector(1, 5)])["y"]?.doubles() == [2, 7])
    #expect(session.warnings.isEmpty)
    #expect(try session.run(["a": vector(1, 2), "b": vector(1)])["y"]?.doubles() == [2, 3])
    #expect(session.warnings == ["The dimension 'n' is 2 in the input 'a' and 1 in 'b'; its name is taken to mean nothing."])
    #expect(try session.run(["a": vector(1), "b": vector(1, 4, 7)], fetching: ["y"])["y"]?.doubles() == [2, 5, 8])
    #expect(session.warnings.count == 1)
    #expect(try session.run(["a": vector(1, 2), "b": vector(1, 5)])["y"]?.doubles() == [2, 7])
    #expect(try Session(bytes: SmallModel.sum("n", "m")).run(["a": vector(1, 2), "b": vector(1)])["y"]?.doubles() == [2, 3])
  }

  /// y = Expand(a, Shape(b)) is a while both have the dimension n.
  @Test(arguments: SessionOptions.Optimization.allCases) func nothingFollowsFromANameOfTwoSizes(_ optimization: SessionOptions.Optimization)
    throws
  {
    let dims = [Wire.text(2, "n")]
    let nodes = [Onnx.node("Shape", ["b"], ["s"]), Onnx.node("Expand", ["a", "s"], ["y"])]
    let model = Onnx.model(
      Onnx.graph(nodes: nodes, inputs: [], Wire.data(11, Onnx.value("a", dims: dims)), Wire.data(11, Onnx.value("b", dims: dims))))
    var options = SessionOptions(threads: 1)
    options.optimization = optimization
    let session = try Session(bytes: model, options: options)
    #expect(try session.run(["a": vector(1, 2), "b": vector(5, 6)])["y"]?.doubles() == [1, 2])
    #expect(try session.run(["a": vector(3), "b": vector(5, 6, 7)])["y"]?.doubles() == [3, 3, 3])
    #expect(session.warnings.count == 1)
    let error = failure { () throws(OnyxError) in
      try session.run(["a": try Tensor([1, 2] as [Float], shape: [2]), "b": try Tensor([1, 2, 3] as [Float], shape: [3])])
    }
    #expect(error?.description.contains("Expand") == true, "the graph needs them equal")
  }

  @Test(arguments: ["?", "-1", "None", "unk__12", "*", "1", " "]) func namesThatNameNothing(_ name: String) throws {
    let session = try Session(bytes: SmallModel.sum(name, name))
    #expect(try session.run(["a": vector(1, 2), "b": vector(1)])["y"]?.doubles() == [2, 3])
    #expect(session.warnings.isEmpty)
    #expect(Set(session.inputs.map(\.description)).count == 2)
  }

  @Test(arguments: ["n", "batch_size", "N2", "2*height", "past + 1", "unk__x"]) func namesThatNameASize(_ name: String) throws {
    let session = try Session(bytes: SmallModel.sum(name, name))
    _ = try session.run(["a": vector(1, 2), "b": vector(1)])
    #expect(session.warnings.count == 1)
  }

  @Test func shapesThatNoNodeTakesNameTheNode() throws {
    let session = try Session(bytes: SmallModel.sum("n", "m"))
    let error = failure { () throws(OnyxError) in
      try session.run(["a": try Tensor([1, 2] as [Float], shape: [2]), "b": try Tensor([1, 2, 3] as [Float], shape: [3])])
    }
    #expect(
      error?.description.contains("(Add)") == true && error?.description.contains("float32[2], float32[3]") == true,
      "\(error?.description ?? "no error")")
  }

  @Test func unknownTensorsCannotBeFetched() throws {
    #expect(
      try Self.text(Onnx.good, ["x": vector(1)], fetching: ["tt"]) == """
        The graph has no tensor 'tt'.
          The tensors are: 't', 'y', 'w', 'x'.
        """)
    #expect(
      try Self.text(Onnx.good, ["x": vector(1)], fetching: ["join"]) == """
        The graph has no tensor 'join'.
          That is a node; it makes 'y'.
        """)
    #expect(try Self.text(Onnx.good, ["x": vector(1)], fetching: [""]).hasPrefix("The graph has no tensor ''."))
  }
}
