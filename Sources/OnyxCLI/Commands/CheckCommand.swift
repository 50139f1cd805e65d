import ArgumentParser
import Onyx
import OnyxKernels
import OnyxReport
import OnyxRuntime
import OnyxTensor
import OnyxThreads

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Loads a model, infers all shapes and plans a run, without running it.",
    discussion: """
      Exits 0 when the model can run, otherwise with the code of the first error: 65 invalid, 66 missing file, \
      69 unsupported, 75 over the memory budget; 64 when the sizes that --dim leaves open do not suit the model as 1.
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
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
    /// Sizes of dynamic dimensions that nobody gave.
    let assumed: [String: Int]

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(model, forKey: .model)
      try container.encode(valid, forKey: .valid)
      try container.encode(code, forKey: .code)
      try container.encode(error, forKey: .error)
      try container.encode(assumed, forKey: .assumed)
    }

    enum CodingKeys: String, CodingKey { case model, valid, code, error, assumed }
  }

  func run() throws {
    var assumed: [String] = []
    do throws(OnyxError) {
      let session = try Session(path: model, options: options.options)
      let sizes = try dimensions.sizes(for: session.inputs)
      let names = DimensionArguments.names(in: session.inputs)
      assumed = names.filter { sizes[$0] == nil }
      let plan = try plan(session, sizes, assumed: assumed)
      if json {
        try report(valid: true, nil, assumed)
      } else {
        let text = names.isEmpty ? "" : " with " + names.map { "\($0) = \(sizes[$0] ?? 1)" }.joined(separator: ", ")
        let steps = "\(plan.steps.count) step" + (plan.steps.count == 1 ? "" : "s")
        Console.out("\(model): valid; \(steps) and \(plan.activationByteCount) bytes of activations\(text)\n")
      }
    } catch {
      // A wrong flag says nothing of the model, and a size that was assumed nothing against it.
      let isValid = error.code == .usage
      guard json, !isValid || !assumed.isEmpty else { throw error }
      try report(valid: isValid, error, assumed)
      throw ExitCode(error.code.exitCode)
    }
  }

  private func report(valid: Bool, _ error: OnyxError?, _ assumed: [String]) throws(OnyxError) {
    let sizes = Dictionary(assumed.map { ($0, 1) }, uniquingKeysWith: { first, _ in first })
    Console.document(
      try JSONText.encode(
        Report(model: model, valid: valid, code: error?.code.exitCode ?? 0, error: error?.description, assumed: sizes)))
  }

  /// Throws `usage` when only sizes that nobody gave do not suit the model.
  private func plan(_ session: Session, _ sizes: [String: Int], assumed: [String]) throws(OnyxError) -> Plan {
    do throws(OnyxError) {
      return try session.plan(dimensions: sizes)
    } catch {
      guard error.code == .invalidModel, !assumed.isEmpty else { throw error }
      let text = assumed.map { "\($0) = 1" }.joined(separator: ", ")
      let place = error.trail.first.map { "At node \($0): " } ?? ""
      throw .usage(
        "No run can be planned with \(text), which nobody gave. \(place)\(error.reason)",
        remedy: "Give sizes that suit the model with --dim NAME=N; the model may be valid.")
    }
  }
}
