import Onyx
import OnyxCases
import OnyxFiles
import OnyxReport
import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where `onyx compare` takes the expected tensors from.
enum ComparisonReference {
  /// Tensors of a file, with their names where the format has them.
  case tensors(path: String, [(name: String?, tensor: Tensor)])
  /// A directory with output_N.pb.
  case dataSet(path: String)
  case model(Session, description: String)

  /// A directory, a file of tensors or a model; nil is `model` without rewrites.
  init(path: String?, model: String, options: SessionOptions) throws(OnyxError) {
    guard let path = path.map(Self.resolved) else {
      var options = options
      options.optimization = .none
      options.disabledRewrites = []
      options.precision = .float32
      self = .model(try Session(path: model, options: options), description: "itself without rewrites")
      return
    }
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw OnyxError(.missingFile, "There is no file or directory '\(path)'.", remedy: "Check the path of --reference.")
    }
    if isDirectory {
      let inner = BackendCase.files("output", in: path).isEmpty ? "\(path)/test_data_set_0" : path
      guard !BackendCase.files("output", in: inner).isEmpty else {
        throw .usage("'\(path)' holds no output_0.pb.", remedy: "A reference directory holds output_N.pb, or test_data_set_0 with them.")
      }
      self = .dataSet(path: inner)
    } else if try TensorFile.isTensorFile(path) {
      self = .tensors(path: path, try TensorFile.read(path))
    } else {
      self = .model(try Session(path: path, options: SessionOptions(threads: options.threads)), description: path)
    }
  }

  var description: String {
    switch self {
    case .tensors(let path, _), .dataSet(let path): path
    case .model(_, let description): description
    }
  }

  /// A folder without expected outputs stands for the model in it.
  private static func resolved(_ path: String) -> String {
    let hasOutputs = [path, "\(path)/test_data_set_0"].contains { !BackendCase.files("output", in: $0).isEmpty }
    return hasOutputs ? path : ModelFile.path(path)
  }

  /// The inputs that a data set or a file of inputs and outputs brings along; none for the other kinds and when the caller has
  /// `given` some.
  func inputs(for session: Session, unless given: Bool) throws(OnyxError) -> [String: Tensor] {
    guard !given else { return [:] }
    var inputs: [String: Tensor] = [:]
    if case .tensors(_, let tensors) = self {
      let names = session.inputs.map(\.name)
      for (name, tensor) in tensors { if let name, names.contains(name) { inputs[name] = tensor } }
      return inputs
    }
    guard case .dataSet(let path) = self else { return [:] }
    for (specification, file) in zip(
      session.inputs.filter { !$0.isOptional } + session.inputs.filter(\.isOptional), BackendCase.files("input", in: path))
    {
      for (name, tensor) in try TensorFile.read(file) {
        let known = name.flatMap { name in session.inputs.contains { $0.name == name } ? name : nil }
        inputs[known ?? specification.name] = tensor
      }
    }
    return inputs
  }

  /// The expected tensors by the names of the compared model, whose outputs are `outputs`.
  func tensors(for outputs: [String], inputs: [String: Tensor]) throws(OnyxError) -> [(name: String, tensor: Tensor)] {
    switch self {
    case .tensors(let path, let tensors):
      return try Self.named(tensors, by: outputs, path)
    case .dataSet(let path):
      var tensors: [(name: String?, tensor: Tensor)] = []
      for file in BackendCase.files("output", in: path) {
        for (_, tensor) in try TensorFile.read(file) { tensors.append((name: nil, tensor: tensor)) }
      }
      return try Self.named(tensors, by: outputs, path)
    case .model(let session, let description):
      let names = session.inputs.map(\.name)
      if let missing = session.inputs.first(where: { !$0.isOptional && inputs[$0.name] == nil }) {
        throw .usage(
          "The reference model needs an input '\(missing.name)', which the compared model lacks.", remedy: "Both must have the same inputs."
        )
      }
      let results = try session.run(inputs.filter { names.contains($0.key) })
      let expected = session.outputs.map(\.name)
      // Outputs of one name belong together; with other names the order decides.
      let matches = Set(expected) == Set(outputs)
      var tensors: [(name: String?, tensor: Tensor)] = []
      for name in expected {
        if let tensor = results[name] { tensors.append((name: matches ? name : nil, tensor: tensor)) }
      }
      return try Self.named(tensors, by: outputs, description)
    }
  }

  /// What the reference knows of tensors inside the graph: those of a file, or all that another model makes under the same names.
  func inside(_ wanted: [(name: String, tensor: Tensor)], inputs: [String: Tensor]) -> any ExpectedTensors {
    guard case .model(let session, _) = self else { return ListedTensors(wanted) }
    return FetchedTensors(session, inputs)
  }

  /// Tensors without names take those of the outputs in order.
  private static func named(
    _ tensors: [(name: String?, tensor: Tensor)], by outputs: [String], _ source: String
  ) throws(OnyxError) -> [(name: String, tensor: Tensor)] {
    var named: [(name: String, tensor: Tensor)] = []
    if tensors.count == outputs.count, tensors.allSatisfy({ $0.name == nil }) {
      for (name, expected) in zip(outputs, tensors) { named.append((name: name, tensor: expected.tensor)) }
      return named
    }
    for (name, tensor) in tensors {
      guard let name else {
        throw .usage(
          "'\(source)' has \(tensors.count) tensors without names; the model has \(outputs.count) outputs.",
          remedy: "Give one for each output, or names.")
      }
      named.append((name: name, tensor: tensor))
    }
    return named
  }
}
