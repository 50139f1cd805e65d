import ArgumentParser

@main
struct OnyxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "onyx", abstract: "Runs ONNX graphs on the CPU.")
}
