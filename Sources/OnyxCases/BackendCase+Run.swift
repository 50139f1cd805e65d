import Onyx
import OnyxGraph
import OnyxProto
import OnyxTensor

extension BackendCase {
  /// Loads and runs the model and compares every output of every data set; the largest relative error of all.
  ///
  /// Throws what loading and running throw, and `invalidModel` for an output that differs, with the node that makes it.
  package func run(options: SessionOptions, tolerance: Tolerance) throws(OnyxError) -> Double {
    let session = try Session(path: modelPath, options: options)
    var largest = 0.0
    for dataSet in dataSets { largest = max(largest, try Self.run(session, dataSet, tolerance)) }
    return largest
  }

  /// Runs one data set.
  private static func run(_ session: Session, _ dataSet: String, _ tolerance: Tolerance) throws(OnyxError) -> Double {
    var inputs: [String: Value] = [:]
    for (specification, file) in zip(
      session.inputs.filter { !$0.isOptional } + session.inputs.filter(\.isOptional), files("input", in: dataSet))
    {
      let (name, value) = try read(file, specification)
      let known = session.inputs.contains { $0.name == name } ? name : nil
      inputs[known ?? specification.name] = value
    }
    let expectations = files("output", in: dataSet)
    guard expectations.count == session.outputs.count else {
      throw .invalid(
        "\(dataSet) has \(expectations.count) output files; the model has \(session.outputs.count) outputs.",
        remedy: "Each output needs a file output_N.pb.")
    }
    let outputs = try session.run(inputs)
    var largest = 0.0
    for ((specification, value), file) in zip(zip(session.outputs, session.model.graph.outputs), expectations) {
      let expected = try read(file, specification).value
      guard let actual = outputs[specification.name] else { throw .bug("The output '\(specification.name)' was not returned.") }
      let comparison = try Comparison(actual, expected: expected, tolerance: tolerance)
      if let mismatch = comparison.mismatch {
        let error = OnyxError.invalid("Output '\(specification.name)' of \(dataSet): \(mismatch)")
        guard let maker = session.model.graph.nodes.last(where: { $0.outputs.contains(value) }) else { throw error }
        throw error.at(node: maker.label)
      }
      largest = max(largest, comparison.maxRelative)
    }
    return largest
  }

  /// The value of a file, which does not say of itself what it is.
  private static func read(_ file: String, _ specification: TensorSpecification) throws(OnyxError) -> (name: String, value: Value) {
    if let kind = specification.kind, specification.elementType == nil { return try ValueMessage.decode(contentsOf: file, as: kind) }
    let (name, tensor) = try TensorMessage.decode(contentsOf: file)
    return (name, .tensor(tensor))
  }
}
