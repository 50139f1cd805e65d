import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// Tensors as people and servers write them.
struct JSONFormsTests {
  private func items(_ text: String) throws -> [JSONForms.Item] { try JSONForms.decode(Array(text.utf8)[...]) }

  @Test func nestedLists() throws {
    let item = try items("[[1, 2, 3], [4, 5, -6]]")[0]
    #expect(item.name == nil && !item.isTyped && item.tensor.shape == [2, 3])
    #expect(try item.tensor.elements(as: Int64.self) == [1, 2, 3, 4, 5, -6])
    #expect(try items("[1, 2.5]")[0].tensor.elements(as: Double.self) == [1, 2.5])
    #expect(try items("[[true], [false]]")[0].tensor.booleans() == [true, false])
    #expect(try items(#"["a", "b"]"#)[0].tensor.strings() == ["a", "b"])
    #expect(try items("7")[0].tensor.shape == [])
    #expect(try items("[]")[0].tensor.shape == [0])
    #expect(try items("[[], []]")[0].tensor.shape == [2, 0])
  }

  @Test func listsByName() throws {
    let read = try items(#"{"input_ids": [[5, 6]], "attention_mask": [[1, 1]], "x": {"type": "int8", "shape": [1], "data": [3]}}"#)
    #expect(read.map(\.name) == ["attention_mask", "input_ids", "x"] && read.map(\.isTyped) == [false, false, true])
    #expect(try read[1].tensor.elements(as: Int64.self) == [5, 6])
    #expect(read[2].tensor.elementType == .int8)
  }

  /// The request of the Open Inference Protocol, version 2: data flat or nested.
  @Test func requestsOfServers() throws {
    let read = try items(
      #"""
      {"id": "42", "inputs": [{"name": "a", "shape": [2, 2], "datatype": "UINT32", "data": [[1, 2], [3, 4]]},
       {"name": "b", "shape": [1], "datatype": "BOOL", "data": [true], "parameters": {}}], "outputs": [{"name": "y"}]}
      """#)
    #expect(read.map(\.name) == ["a", "b"] && read.allSatisfy(\.isTyped))
    #expect(try read[0].tensor.elements(as: UInt32.self) == [1, 2, 3, 4])
    let types = ["UINT8", "UINT16", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64"]
    for type in types { #expect(try items(#"{"shape": [1], "datatype": "\#(type)", "data": [1]}"#)[0].tensor.elementCount == 1) }
    #expect(try items(#"{"shape": [1], "datatype": "BYTES", "data": ["x"]}"#)[0].tensor.strings() == ["x"])
  }

  @Test func whatRunPrints() throws {
    let tensor = try Tensor([1, 2] as [Float], shape: [2])
    let text = String(decoding: try JSONTensor.encode([("y", tensor)]), as: UTF8.self)
    let read = try items(#"{"outputs": [\#(text)]}"#)
    #expect(read.map(\.name) == ["y"] && read[0].isTyped)
    #expect(try read[0].tensor.elements(as: Float.self) == [1, 2])
  }

  @Test(arguments: [
    "{}", "null", "[null]", "[[1], [2, 3]]", "[1, [2]]", "[[1], 2]", "[1, true]", #"["a", 1]"#, #"{"x": {}}"#, #"{"inputs": [{}]}"#,
    #"[{"name": "x"}, 3]"#, #"{"datatype": "FP8", "shape": [1], "data": [1]}"#, #"{"x": null}"#,
    #"{"shape": [2], "datatype": "FP32", "data": [1]}"#,
  ]) func refusesOtherForms(_ text: String) throws {
    let error = #expect(throws: OnyxError.self) { try items(text) }
    #expect(error?.code == .invalidModel)
  }

  @Test func theContentDecides() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array(" [1, 2]".utf8), to: "numbers")
    #expect(try TensorFile.read(path).map { $0.tensor.shape } == [[2]])
  }
}
