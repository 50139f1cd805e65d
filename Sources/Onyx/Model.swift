import OnyxGraph
import OnyxInsight
import OnyxLoader
import OnyxTensor

/// An ONNX model: what its file says, and what can be told of it without running it. `Session` runs it.
///
/// A model loads whether or not Onyx has its operators; `coverage()` tells which are missing. Its graph is that of the file with
/// the nodes of its functions in place of their calls, in today's forms of the standard.
public struct Model: Sendable {
  /// As the loader made it.
  package let source: ModelGraph

  /// Loads the model file at `path`; external data is looked for beside it. Weights view the mapped file.
  ///
  /// Throws `missingFile`, and `invalidModel` for a file that is no valid ONNX model.
  public init(path: String) throws(OnyxError) { source = try ModelLoader.load(contentsOf: path) }

  /// Loads a serialized model. Its external data is looked for in `baseDirectory`; without one such a model is refused.
  ///
  /// Throws as `init(path:)`, and `usage` for external data without a base directory.
  public init(bytes: [UInt8], baseDirectory: String? = nil) throws(OnyxError) {
    source = try ModelLoader.load(bytes: bytes, baseDirectory: baseDirectory)
  }

  /// The name of the exporter: "pytorch"; empty where the file does not say it.
  public var producerName: String { source.producerName }

  /// The version of the exporter; empty where the file does not say it.
  public var producerVersion: String { source.producerVersion }

  /// The name space of the model, reversed as in "com.example"; empty where the file does not say it.
  public var domain: String { source.domain }

  /// The version of the model itself; 0 where the file does not say it.
  public var version: Int { source.modelVersion }

  /// The name of its graph.
  package var graphName: String { source.graph.name }

  /// What its author says about it; empty where nothing is said.
  public var documentation: String { source.documentation }

  /// The version of the file format.
  public var irVersion: Int { source.irVersion }

  /// Versions of the operator sets by domain, "ai.onnx" for the standard.
  public var opsets: [String: Int] { source.opsetsByDomain }

  /// `metadata_props` of the file.
  public var metadata: [String: String] { source.metadata }

  /// The inputs in the model's order; optional are those with a default.
  public var inputs: [TensorSpecification] {
    source.graph.inputs.map { TensorSpecification(source.graph[$0], isOptional: source.graph.initializers[$0] != nil) }
  }

  /// The outputs in the model's order.
  public var outputs: [TensorSpecification] { source.graph.outputs.map { TensorSpecification(source.graph[$0]) } }
}
