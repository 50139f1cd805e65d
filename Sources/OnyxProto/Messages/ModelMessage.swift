/// The content of a ModelProto, as the file says it: checked as wire data, not yet as a model.
package struct ModelMessage: Sendable {
  package var irVersion: Int64 = 0
  package var producerName = ""
  package var producerVersion = ""
  package var domain = ""
  package var modelVersion: Int64 = 0
  package var documentation = ""
  package var graph: GraphMessage?
  package var opsets: [OpsetMessage] = []
  package var metadata: [StringPair] = []
  package var functions: [FunctionMessage] = []
  /// Fields of the file that no IR version up to `newestIRVersion` has; they are not kept.
  package var unknownFieldCount = 0

  /// The version of the schema that these messages know in full.
  package static let newestIRVersion: Int64 = 14

  package init() {}
}

/// OperatorSetIdProto.
package struct OpsetMessage: Sendable {
  package var domain: String
  package var version: Int64

  package init(domain: String, version: Int64) {
    self.domain = domain
    self.version = version
  }
}

/// StringStringEntryProto.
package struct StringPair: Sendable, Hashable {
  package var key: String
  package var value: String

  package init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// FunctionProto: operators written as nodes.
package struct FunctionMessage: Sendable {
  package var name = ""
  package var domain = ""
  package var overload = ""
  package var inputs: [String] = []
  package var outputs: [String] = []
  /// Attributes that a call may give.
  package var attributes: [String] = []
  /// Attributes that a call may give, with their defaults.
  package var defaults: [AttributeMessage] = []
  package var nodes: [NodeMessage] = []
  package var opsets: [OpsetMessage] = []

  package init() {}
}
