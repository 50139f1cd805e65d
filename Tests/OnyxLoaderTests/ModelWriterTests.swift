import OnyxGraph
import OnyxLoader
import OnyxProto
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct ModelWriterTests {
  typealias Load = GraphAssemblyTests

  static let models: [[UInt8]] =
    [Onnx.good] + [ModelFixture.functions, ModelFixture.captures, ModelFixture.everything, ModelFixture.old].map(base64)

  /// Everything a graph says, bodies included, with the values of its constants.
  static func dump(_ graph: Graph) throws -> String {
    var text = graph.text + "\(graph.metadata.sorted { $0.key < $1.key })"
    for (id, tensor) in graph.initializers.sorted(by: { graph[$0.key].name < graph[$1.key].name }) {
      text += "\n\(graph[id].name) = \(try tensor.doubles())"
    }
    text += graph.quantization.map { "\n\(graph[$0.key].name): \($0.value)" }.sorted().joined()
    for node in graph.nodes {
      text += "\n\(node.label) \(node.metadata.sorted { $0.key < $1.key })"
      for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
        for body in attribute.graphs {
          text += "\n\(name): \(try dump(body))" + body.captures.map { "\ncaptures \(graph[$0.outer].name)" }.joined()
        }
      }
    }
    return text
  }

  @Test(arguments: models.indices) func whatIsWrittenReadsTheSame(_ index: Int) throws {
    let model = try Load.load(Self.models[index], checks: false)
    let bytes = try ModelWriter.write(model)
    let again = try Load.load(bytes, checks: false)
    #expect(try Self.dump(again.graph) == Self.dump(model.graph))
    #expect(again.irVersion == max(model.irVersion, 4))
    #expect(again.metadata == model.metadata)
    #expect(
      [again.producerName, again.producerVersion, again.domain, again.documentation] == [
        model.producerName, model.producerVersion, model.domain, model.documentation,
      ])
    #expect(again.modelVersion == model.modelVersion)
    #expect(try ModelWriter.write(again) == bytes)
  }

  @Test func namesAreMadeUnique() throws {
    var builder = GraphBuilder("g", opset: 21)
    let x = builder.input("x", .float32, ["n"])
    let a = builder.node("Sqrt", x, name: "same")
    let b = builder.node("Sqrt", a, name: "same")
    builder.output(b)
    let again = try Load.load(try ModelWriter.write(ModelGraph(irVersion: 10, opsets: ["": 21], graph: builder.graph))).graph
    #expect(again.values.count == 3)
    #expect(Set(again.values.map(\.name)).count == 3)
    #expect(again[again.outputs[0]].name == "same_output")
  }

  /// Version 5 of ai.onnx.ml deprecates the old operators of trees: a file that says it could not be read by others.
  @Test func noVersionDeprecatesAnOperator() throws {
    var graph = Graph(name: "g")
    graph.inputs = [graph.addValue("x", type: .tensor(.float32, shape: ["n", 2]))]
    graph.outputs = [graph.addValue("y"), graph.addValue("z")]
    for (op, output) in zip(["Scaler", "TreeEnsembleRegressor"], graph.outputs) {
      graph.nodes.append(Node(op: OperatorName(op, domain: "ai.onnx.ml"), opset: 5, inputs: [graph.inputs[0]], outputs: [output]))
    }
    let bytes = try ModelWriter.write(ModelGraph(irVersion: 10, opsets: ["ai.onnx.ml": 3], graph: graph))
    #expect(try Load.load(bytes, checks: false).opsets == ["ai.onnx.ml": 4])
  }

  @Test func mixedOpsetsMustMeanTheSame() throws {
    func model(_ versions: [Int]) -> ModelGraph {
      var graph = Graph(name: "g")
      var value = graph.addValue("x", type: .tensor(.float32, shape: ["n"]))
      graph.inputs = [value]
      for version in versions {
        let next = graph.addValue("v")
        graph.nodes.append(Node(op: OperatorName("Sqrt"), opset: version, inputs: [value], outputs: [next]))
        value = next
      }
      graph.outputs = [value]
      return ModelGraph(irVersion: 10, opsets: ["": 20], graph: graph)
    }
    // Sqrt changed in 6 and 13.
    #expect(try Load.load(try ModelWriter.write(model([13, 21]))).opsets == ["": 21])
    let error = failure { () throws(OnyxError) in try ModelWriter.write(model([6, 21])) }
    #expect(error?.code == .unsupported)
  }
}
