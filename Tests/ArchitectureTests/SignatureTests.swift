import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Every signature and every attribute that an operator reads, against the schemas that tools/generate_standard.py wrote down for the
/// domains of the standard and tools/generate_contrib.py for com.microsoft. Only onyx's own operators have none.
@Suite("Operators take what the standard says")
struct SignatureTests {
  static let operators = Catalog.definitions.filter { $0.signature.op.domain != "onyx" }

  @Test(arguments: operators.map(\.signature)) func inputsOutputsAndTypes(_ signature: Signature) throws {
    let standard = try #require(StandardSchema.all["\(signature.op)"], "\(signature.op) is not in the standard")
    #expect(signature.versions.last == standard.version)
    #expect(signature.inputs.map(\.standardText) == standard.inputs)
    #expect(signature.outputs.map(\.standardText) == standard.outputs)
    let tensors = signature.types.mapValues { Set($0.map(\.description)) }
    #expect(tensors.merging(signature.others.mapValues { Set($0.map(\.description)) }) { $0.union($1) } == standard.types)
  }

  @Test(arguments: operators.map(\.signature.op)) func attributes(_ op: OperatorName) throws {
    let standard = try #require(StandardSchema.all["\(op)"], "\(op) is not in the standard")
    let read = try Self.reads(of: op, standard)
    #expect(Set(read.map(\.name)) == Set(standard.attributes.keys), "\(op)")
    for attribute in read {
      guard let wanted = standard.attributes[attribute.name] else { continue }
      let found = attribute.standardText(kind: wanted.kind)
      let deviation = Self.deviations["\(op).\(attribute.name)"]
      #expect(found == deviation?.text ?? wanted.text, "\(op).\(attribute.name)")
      #expect(deviation?.text != wanted.text, "\(op).\(attribute.name) does not deviate")
    }
  }

  /// Where an operator reads an attribute otherwise than the standard says, and why nothing differs.
  static let deviations: [String: (text: String, reason: String)] = [
    "Attention.softmax_precision": ("int=0", "0 is the undefined type: the attribute is absent"),
    "RNN.activations": ("strings", "the default names Tanh for each direction that there is"),
  ]

  @Test func everyDeviationIsOfAnOperator() {
    for name in Self.deviations.keys {
      #expect(Self.operators.contains { name.hasPrefix("\($0.signature.op).") }, "\(name)")
    }
  }

  /// What the operator reads of a node that has the required attributes only.
  private static func reads(of op: OperatorName, _ standard: StandardSchema) throws -> [AttributeReader.Read] {
    var given: [String: Attribute] = [:]
    for (name, attribute) in standard.attributes where attribute.text.hasSuffix("!") {
      given[name] = samples["\(op).\(name)"] ?? StandardSchema.sample(of: attribute.kind)
    }
    given.merge(needed["\(op)"] ?? [:]) { $1 }
    let node = Node(op: op, opset: Catalog.newestOpset, inputs: [ValueID(0)], outputs: [ValueID(1)], attributes: given)
    var reader = AttributeReader(node)
    _ = try #require(Catalog.definition(of: op)).make(&reader)
    try reader.finish()
    return reader.reads
  }

  /// Required attributes that must mean something.
  private static let samples: [String: Attribute] = [
    "BitShift.direction": .text("LEFT"), "Einsum.equation": .text("a->a"), "If.then_branch": body(0, 1), "If.else_branch": body(0, 1),
    "com.microsoft.MatMulNBits.block_size": .int(16),
    "Loop.body": body(2, 2), "Scan.body": body(1, 1), "SequenceMap.body": body(1, 1),
    "ai.onnx.preview.training.Momentum.mode": .text("standard"),
  ]

  /// A graph of so many inputs and outputs.
  private static func body(_ inputs: Int, _ outputs: Int) -> Attribute {
    var graph = Graph()
    graph.inputs = (0..<inputs).map { graph.addValue("input\($0)") }
    graph.outputs = (0..<outputs).map { graph.addValue("output\($0)") }
    return .graph(graph)
  }

  /// What an operator cannot do without, although the standard requires no single attribute of these, or not with this content.
  private static let needed: [String: [String: Attribute]] = {
    let labels: [String: Attribute] = ["classlabels_ints": .ints([1])]
    let leaf: [String: Attribute] = [
      "nodes_treeids": .ints([0]), "nodes_nodeids": .ints([0]), "nodes_featureids": .ints([0]),
      "nodes_modes": .strings([Array("LEAF".utf8)]),
      "nodes_values": .floats([0]), "nodes_truenodeids": .ints([0]), "nodes_falsenodeids": .ints([0]),
    ]
    return [
      "Constant": ["value_int": .int(1)],
      "ai.onnx.ml.DictVectorizer": ["int64_vocabulary": .ints([1])],
      "ai.onnx.ml.Imputer": ["imputed_value_int64s": .ints([1])],
      "ai.onnx.ml.LabelEncoder": ["keys_int64s": .ints([1]), "values_int64s": .ints([1])],
      "ai.onnx.ml.LinearClassifier": labels.merging(["coefficients": .floats([1])]) { $1 },
      "ai.onnx.ml.OneHotEncoder": ["cats_int64s": .ints([1])],
      "ai.onnx.ml.SVMClassifier": labels.merging(["rho": .floats([0])]) { $1 },
      "ai.onnx.ml.TreeEnsemble": tree,
      "ai.onnx.ml.TreeEnsembleClassifier": leaf.merging(["classlabels_int64s": .ints([1])]) { $1 },
      "ai.onnx.ml.TreeEnsembleRegressor": leaf,
      "ai.onnx.ml.ZipMap": ["classlabels_int64s": .ints([1])],
    ]
  }()

  /// A branch to one leaf.
  private static let tree: [String: Attribute] = {
    guard let number = try? Tensor([Float(0)]), let mode = try? Tensor([UInt8(0)]) else { return [:] }
    return [
      "nodes_featureids": .ints([0]), "nodes_modes": .tensor(mode), "nodes_splits": .tensor(number), "nodes_truenodeids": .ints([0]),
      "nodes_trueleafs": .ints([1]), "nodes_falsenodeids": .ints([0]), "nodes_falseleafs": .ints([1]), "leaf_targetids": .ints([0]),
      "leaf_weights": .tensor(number), "tree_roots": .ints([0]),
    ]
  }()
}

extension Parameter {
  /// As the standard's file writes it: "name:type", with "?" for optional, "*N" for variadic, "~" for several types.
  fileprivate var standardText: String {
    switch presence {
    case .required: "\(name):\(type)"
    case .optional: "\(name):\(type)?"
    case .variadic(let least): "\(name):\(type)*\(least)" + (isHomogeneous ? "" : "~")
    }
  }
}

extension AttributeReader.Read {
  /// "kind=default", or "kind!" when required; an attribute read as it is has the kind that the standard says.
  fileprivate func standardText(kind standardKind: String) -> String {
    let kind = kind ?? standardKind
    if isRequired { return kind + "!" }
    return switch fallback {
    case nil: kind
    case .int(let value): "\(kind)=\(value)"
    case .float(let value): "\(kind)=\(value)"
    case .string(let bytes): "\(kind)=\(String(decoding: bytes, as: UTF8.self))"
    case .ints(let values): "\(kind)=\(values.map { "\($0)" }.joined(separator: ","))"
    case .some(let other): "\(kind)=\(other)"
    }
  }
}
