import ArgumentParser
import Onyx
import OnyxReport
import OnyxRuntime
import OnyxTensor

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Loads a model, infers all shapes and plans a run, without running it.",
    discussion: """
      Exits 0 when the model can run, otherwise with the code of the first error: 65 invalid, 66 missing file, \
      69 unsupported, 75 over the memory budget.
      """)

  @Argument(help: "The .onnx file.")
  var model: String

  @OptionGroup var dimensions: DimensionArguments
  @OptionGroup var options: PlanArguments

  @Flag(help: "Prints one JSON document.")
  var json = false

  private struct Report: Encodable {
    let model: String
    let valid: Bool
    let code: Int32
    let error: String?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(model, forKey: .model)
      try container.encode(valid, forKey: .valid)
      try container.encode(code, forKey: .code)
      try container.encode(error, forKey: .error)
    }

    enum CodingKeys: String, CodingKey { case model, valid, code, error }
  }

  func run() throws {
    do throws(OnyxError) {
      let session = try Session(path: model, options: options.options)
      let sizes = try dimensions.sizes(for: session.inputs)
      let plan = try session.plan(dimensions: sizes)
      if json {
        Console.document(try JSONText.encode(Report(model: model, valid: true, code: 0, error: nil)))
      } else {
        let names = DimensionArguments.names(in: session.inputs)
        let assumed = names.isEmpty ? "" : " with " + names.map { "\($0) = \(sizes[$0] ?? 1)" }.joined(separator: ", ")
        let steps = "\(plan.steps.count) step" + (plan.steps.count == 1 ? "" : "s")
        Console.out("\(model): valid; \(steps) and \(plan.activationByteCount) bytes of activations\(assumed)\n")
      }
    } catch {
      // A wrong flag says nothing of the model.
      guard json, error.code != .usage else { throw error }
      Console.document(try JSONText.encode(Report(model: model, valid: false, code: error.code.exitCode, error: error.description)))
      throw ExitCode(error.code.exitCode)
    }
  }
}
