import OnyxTensor

/// What a ModelProto says besides its graph, and the graph. Named `ModelGraph` so that the facade can own `Model`.
package struct ModelGraph: Sendable {
  package var irVersion: Int
  /// Operator set versions by domain as the file imports them.
  package var opsets: [String: Int]
  package var producerName: String = ""
  package var producerVersion: String = ""
  package var domain: String = ""
  package var modelVersion: Int = 0
  package var documentation: String = ""
  package var metadata: [String: String] = [:]
  package var graph: Graph
  /// Operators as the file spells them, before old forms are turned into today's and functions are inlined.
  package var census: [OperatorCount] = []
  /// The functions that the file brings along; the graph holds their nodes in place of the calls.
  package var functions: [ModelFunction] = []
  /// The files that its tensors view.
  package var files: [FileMapping] = []

  package init(irVersion: Int, opsets: [String: Int], graph: Graph) {
    self.irVersion = irVersion
    self.opsets = opsets
    self.graph = graph
  }

  /// The newest version of an operator set that nodes of the model or of its functions follow, and of the standard's main set ("") also
  /// the one that the model imports; 1 when there is none.
  package func newestOpset(of domain: String) -> Int {
    census.reduce(domain.isEmpty ? opsets["", default: 1] : 1) { $1.op.domain == domain ? max($0, $1.opset) : $0 }
  }
}

/// A function of a model: an operator that the file itself defines by nodes.
package struct ModelFunction: Sendable, Hashable {
  package let name: String
  package let domain: String
  /// Names of the formal inputs and outputs.
  package let inputs, outputs: [String]
  /// Of its nodes, in the order of the file.
  package let operators: [OperatorName]

  package init(name: String, domain: String, inputs: [String], outputs: [String], operators: [OperatorName]) {
    self.name = name
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    self.operators = operators
  }
}

/// How often a file uses an operator, bodies and functions included.
package struct OperatorCount: Sendable, Hashable {
  package let op: OperatorName
  /// The imported version of its domain.
  package let opset: Int
  package let count: Int
  /// Name of the first node that uses it.
  package let example: String

  package init(op: OperatorName, opset: Int, count: Int, example: String) {
    self.op = op
    self.opset = opset
    self.count = count
    self.example = example
  }
}
