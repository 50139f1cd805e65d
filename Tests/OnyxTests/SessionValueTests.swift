import Onyx
import OnyxTestSupport
import Testing

/// Models whose inputs or outputs are no tensors.
@Suite struct SessionValueTests {
  /// s: SplitToSequence(x), each element of x by itself.
  private static let splitting = Onnx.model(
    Onnx.graph(
      nodes: [Onnx.node("SplitToSequence", ["x"], ["s"], name: "split")], inputs: ["x"], outputs: [],
      Wire.data(12, sequence("s"))))

  /// y: the last tensor of the sequence s.
  private static let picking = Onnx.model(
    Onnx.graph(
      nodes: [Onnx.node("SequenceAt", ["s", "p"], ["y"])], inputs: [],
      initializers: [Onnx.tensor("p", type: 7, dims: [], Wire.data(9, Wire.little(Int64(-1))))],
      Wire.data(11, sequence("s"))))

  /// b: whether the optional o holds something.
  private static let asking = Onnx.model(
    opset: 18,
    Onnx.graph(
      nodes: [Onnx.node("OptionalHasElement", ["o"], ["b"])], inputs: [], outputs: [], Wire.data(11, optional("o")),
      Wire.data(12, Onnx.value("b", type: 9, dims: []))))

  private static let floats = Wire.message(1, Wire.int(1, 1))
  private static func sequence(_ name: String) -> [UInt8] { Wire.text(1, name) + Wire.message(2, Wire.message(4, Wire.data(1, floats))) }
  private static func optional(_ name: String) -> [UInt8] { Wire.text(1, name) + Wire.message(2, Wire.message(9, Wire.data(1, floats))) }

  @Test func sequencesLeave() throws {
    let session = try Session(bytes: Self.splitting)
    #expect(session.outputs.map(\.description) == ["s: seq(float32)"])
    let x = try Tensor([1, 2, 3] as [Float])
    let values = try #require(try session.run(["x": .tensor(x)])["s"]).sequence()
    #expect(try values.map { try $0.tensor().elements(as: Float.self) } == [[1], [2], [3]])
    let error = failure { () throws(OnyxError) in try session.run(["x": x]) }
    #expect(error?.code == .usage && error?.reason == "The output 's' is seq(float32) of 3, no tensor.")
  }

  /// The sum of the elements of x, by way of a sequence.
  @Test func everyTensorIsFetchedAndSequencesAreLeftOut() throws {
    let bytes = Onnx.model(
      opset: 18,
      Onnx.graph(
        nodes: [
          Onnx.node("SplitToSequence", ["x"], ["s"], name: "split"),
          Onnx.node("ConcatFromSequence", ["s"], ["c"], attributes: [Onnx.attribute("axis", int: 0)]), Onnx.node("Neg", ["c"], ["y"]),
        ], inputs: ["x"], outputs: ["y"]))
    let session = try Session(bytes: bytes)
    let x = try Tensor([1, 2, 3] as [Float])
    #expect(Set(try session.run(["x": x], fetching: ["all"]).keys) == ["c", "y"])
    #expect(Set(try session.run(["x": .tensor(x)], fetching: ["all"]).keys) == ["c", "s", "y"])
    let error = failure { () throws(OnyxError) in try session.run(["x": x], fetching: ["s"]) }
    #expect(error?.code == .usage && error?.reason == "The output 's' is seq(float32) of 3, no tensor.")
  }

  @Test func sequencesEnter() throws {
    let session = try Session(bytes: Self.picking)
    let given = try Value.tensors([try Tensor([1, 2] as [Float]), try Tensor([7] as [Float])], of: .float32)
    #expect(try session.run(["s": given])["y"]?.tensor().elements(as: Float.self) == [7])
    let tensor = Value.tensor(try Tensor([1] as [Float]))
    let error = failure { () throws(OnyxError) in try session.run(["s": tensor]) }
    #expect(error?.code == .usage && error?.reason == "The input 's' must be seq(float32[?]); the tensor given is float32[1].")
    let empty = failure { () throws(OnyxError) in try session.run(["s": .sequence(of: .tensor(.float32), [])]) }
    #expect(empty?.code == .invalidModel)
  }

  @Test func optionalsThatAreNotGivenHoldNothing() throws {
    let session = try Session(bytes: Self.asking)
    let none: [String: Value] = [:]
    #expect(try session.run(none)["b"]?.tensor().elements(as: Bool.self) == [false])
    let some = Value.optional(of: .tensor(.float32), .tensor(try Tensor([1] as [Float])))
    #expect(try session.run(["o": some])["b"]?.tensor().elements(as: Bool.self) == [true])
  }

  @Test func kindsAreReadAsTheyAreWritten() {
    for text in ["float32", "seq(int64)", "optional(seq(string))", "map(int64,float32)", "seq(map(string,float32))"] {
      #expect(ValueKind(text)?.description == text)
    }
    for text in [
      "", "seq", "seq(", "seq(float31)", "map(int64)", String(repeating: "seq(", count: 9) + "bool" + String(repeating: ")", count: 9),
    ] {
      #expect(ValueKind(text) == nil, "\(text)")
    }
  }

  @Test func mapsHaveEachKeyOnce() throws {
    let values = try Tensor([1, 2] as [Float])
    let map = Value.map(try MapValue(keys: try Tensor(["a", "b"]), values: values))
    #expect(map.tensors(named: "m").map(\.name) == ["m.keys", "m.values"])
    #expect(throws: OnyxError.self) { try MapValue(keys: try Tensor(["a", "a"]), values: values) }
    #expect(throws: OnyxError.self) { try MapValue(keys: try Tensor([1, 2] as [Float]), values: values) }
    #expect(throws: OnyxError.self) { try MapValue(keys: try Tensor([1, 2, 3] as [Int64]), values: values) }
  }
}
