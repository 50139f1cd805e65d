import ArgumentParser
import Onyx
import OnyxCases
import OnyxReport
import OnyxTensor

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Runs a model and measures how far its outputs are from expected ones.",
    discussion: """
      The reference is a file of tensors named as outputs or as any tensor of the graph, a directory with output_N.pb (and \
      input_N.pb, used unless --input is given), or another model, run on the same inputs. Without one it is the same model \
      without rewrites. Tolerances are those of 'onyx test'. When a tensor differs, the first node whose output differs though \
      what it reads does not is named, as far as the reference knows the tensors between; and the exit code is 1.

        onyx compare model-int8.onnx --reference model.onnx --rtol 0.1
        onyx compare model.onnx --precision bf16 --rtol 0.05
        onyx compare model.onnx --reference expected.npz --input x=x.npy
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @Option(
    help: ArgumentHelp("What is expected: .npz, .npy, .json or .pb, a directory of .pb files, or another .onnx file.", valueName: "PATH"))
  var reference: String?

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @OptionGroup var bounds: ToleranceArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  func run() throws {
    let session = try Session(path: model, options: session.options(for: model))
    let expected = try ComparisonReference(path: reference, model: model, options: self.session.options)
    var given = try expected.inputs(for: session, unless: !inputs.input.isEmpty)
    if given.isEmpty {
      given = try inputs.tensors(for: session)
    } else if session.inputs.contains(where: { !$0.isOptional && given[$0.name] == nil }) {
      given = try inputs.completed(given, for: session, try inputs.dimensions.sizes(for: session.inputs))
    }
    let outputs = session.outputs.map(\.name)
    let names = Set(session.inputs.map(\.name))
    let wanted = try expected.tensors(for: outputs, inputs: given).filter { !names.contains($0.name) }
    guard !wanted.isEmpty else {
      throw OnyxError.usage("The reference '\(expected.description)' holds no expected tensor.", remedy: "Name its tensors as outputs.")
    }
    let results = try session.run(given, fetching: wanted.map(\.name).filter { !outputs.contains($0) })
    for warning in session.warnings { Console.error("warning: \(warning)") }
    let tolerance = bounds.tolerance
    var comparison = OutputComparison(model: model, reference: expected.description)
    for (name, tensor) in wanted {
      guard let actual = results[name] else { throw OnyxError.bug("The tensor '\(name)' was not returned.") }
      try comparison.add(name, actual, expected: tensor, tolerance: tolerance)
    }
    if !comparison.agrees {
      var search = try DivergenceSearch(session, inputs: given, expected: expected.inside(wanted, inputs: given), tolerance: tolerance)
      comparison.firstDivergence = try search.first()
    }
    if json { Console.document(try JSONText.encode(comparison)) } else { Console.out(comparison.text) }
    if !comparison.agrees { throw ExitCode(1) }
  }
}
