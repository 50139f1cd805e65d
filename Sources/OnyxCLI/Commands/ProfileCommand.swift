import ArgumentParser
import Onyx
import OnyxFiles
import OnyxReport

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows where the time of a run goes: by operator, module, attention block and step.",
    discussion: """
      A step belongs to the module and the block of the nodes that were fused into it. \
      GFLOP/s and GB/s count the direct form of each operator, with every tensor read or written once. Inputs that no file \
      gives are generated from a seed.
      """)

  @Argument(help: ModelFile.help, transform: ModelFile.argument)
  var model: String

  @OptionGroup var inputs: InputArguments
  @OptionGroup var session: SessionArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How many runs to measure; three more warm up.", valueName: "N"))
  var runs = 20

  @Option(parsing: .unconditional, help: ArgumentHelp("Modules nested deeper count for the one around them; default: 2.", valueName: "N"))
  var depth = 2

  @Option(help: ArgumentHelp("Writes the runs as a trace for Perfetto or Chrome.", valueName: "FILE"))
  var trace: String?

  @Flag(help: "Prints one JSON document.")
  var json = false

  func validate() throws {
    guard runs >= 1, runs <= 100_000 else { throw ValidationError("'--runs \(runs)' does not lie in 1 … 100000.") }
    guard depth >= 0 else { throw ValidationError("'--depth \(depth)' is not at least 0.") }
  }

  func run() throws {
    let progress = Progress("runs", of: runs)
    let profile = try Profile(
      path: model, options: session.options(for: model), runs: runs, depth: depth, watchesThreads: trace != nil, progress: progress.report
    ) { (session) throws(OnyxError) in
      try inputs.tensors(for: session)
    }
    progress.end()
    if let trace { try FileBytes.write(Array(try profile.trace().utf8), to: trace) }
    if json { Console.document(try JSONText.encode(profile)) } else { Console.out(profile.text) }
  }
}
