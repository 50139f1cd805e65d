import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import Testing

/// One node of ONNX Runtime's and what it must give after the translation: a row of a test table.
struct ContribCase: Sendable, CustomTestStringConvertible {
  let op: String
  let domain: String
  let inputs: [Tensor?]
  let attributes: [String: Attribute]
  /// nil for an output that the node leaves out.
  let expected: [Tensor?]
  /// The inputs that are initializers.
  let constants: Set<Int>
  /// Largest difference, absolute and relative.
  let tolerance: Double
  let note: String

  init(
    _ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:], gives expected: [Tensor?] = [],
    domain: String = "com.microsoft", constants: Set<Int> = [], tolerance: Double = 2e-6, note: String = ""
  ) {
    self.op = op
    self.domain = domain
    self.inputs = inputs
    self.attributes = attributes
    self.expected = expected
    self.constants = constants
    self.tolerance = tolerance
    self.note = note
  }

  var testDescription: String { note.isEmpty ? op : "\(op) \(note)" }

  /// The graph of the node n over the inputs a, b, c …
  func graph(symbolic: Bool, outputs: Int? = nil) -> Graph {
    var builder = GraphBuilder("g", opset: Catalog.newestOpset)
    var ids: [ValueID?] = []
    for (index, input) in inputs.enumerated() {
      let name = String(UnicodeScalar(UInt8(97 + index)))
      guard let input else {
        ids.append(nil)
        continue
      }
      if constants.contains(index) {
        ids.append(builder.constant(input, name: name))
      } else {
        let shape = input.shape.enumerated().map { axis, size in symbolic ? Dimension(symbol: "\(name)\(axis)") : Dimension(size) }
        ids.append(builder.input(name, input.elementType, shape))
      }
    }
    while let last = ids.last, last == nil { ids.removeLast() }
    let made = builder.nodes(op, ids, outputs: outputs ?? expected.count, attributes: attributes, domain: domain, name: "n")
    var graph = builder.graph
    if outputs == nil {
      for (index, want) in expected.enumerated() where want == nil { graph.nodes[0].outputs[index] = nil }
    }
    graph.outputs = graph.nodes[0].outputs.compactMap { $0 }.filter { made.contains($0) }
    return graph
  }

  /// Translates, infers and runs the graph, with known and with symbolic shapes.
  func run() throws {
    for isSymbolic in [false, true] {
      let label = isSymbolic ? "\(testDescription), symbolic" : testDescription
      let graph = try ContribOperators.translate(graph(symbolic: isSymbolic))
      try graph.validate()
      #expect(graph.nodes.allSatisfy { $0.op.domain.isEmpty }, "\(label)")
      _ = try GraphInference(graph)
      let given = zip(inputs.indices, inputs).filter { !constants.contains($0.0) }.compactMap(\.1)
      let values = try interpreted(graph, Dictionary(uniqueKeysWithValues: zip(graph.inputs, given)))
      for (output, want) in zip(graph.outputs, expected.compactMap { $0 }) {
        let got = try #require(values[output], "\(label)")
        #expect(got.elementType == want.elementType && got.shape == want.shape, "\(label): \(got.typeDescription)")
        let (a, b) = (try numbers(of: got), try numbers(of: want))
        for (x, y) in zip(a, b) { #expect(abs(x - y) <= tolerance * max(1, abs(y)), "\(label): \(a) instead of \(b)") }
      }
    }
  }

  private func numbers(of tensor: Tensor) throws -> [Double] {
    tensor.elementType.isFloating ? try tensor.doubles() : try tensor.integers().map { Double($0) }
  }
}

/// What the nodes make of the given values, by the references.
func interpreted(_ graph: Graph, _ given: [ValueID: Tensor]) throws -> [ValueID: Tensor] {
  var values = graph.initializers.merging(given) { $1 }
  for index in try graph.topologicalOrder() {
    let node = graph.nodes[index]
    let results = try Catalog.makeTensorOperator(node).evaluate(
      node.inputs.map { $0.flatMap { values[$0] } }, outputCount: node.outputs.count)
    for case (let id?, let result) in zip(node.outputs, results) { values[id] = result }
  }
  return values
}

func numbers(_ type: ElementType, _ values: [Double], _ shape: Shape) -> Tensor {
  type.isFloating
    ? try! Tensor(floating: values, as: type, shape: shape) : try! Tensor(integral: values.map { Int64($0) }, as: type, shape: shape)
}
