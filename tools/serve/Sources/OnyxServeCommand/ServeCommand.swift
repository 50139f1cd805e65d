import ArgumentParser
import Logging
import NIOCore
import Onyx
import OnyxServe
import UnixSignals

/// `onyx-serve`: models over HTTP and gRPC, until SIGTERM or SIGINT.
@main
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "onyx-serve", abstract: "Serves the ONNX models of a folder over HTTP and gRPC, by the Open Inference Protocol.",
    discussion: """
      The folder holds NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx; docs/serving.md tells the rest.
      SIGTERM and SIGINT end the server once it has answered what has begun; SIGHUP makes it look at the folder again.
      """,
    version: "onyx-serve \(Session.version)")

  @Argument(help: "The folder of models.")
  var models: String

  @OptionGroup(title: "Listening")
  var listening: ListeningOptions

  @OptionGroup(title: "Work")
  var work: WorkOptions

  @OptionGroup(title: "Limits")
  var limits: LimitOptions

  @OptionGroup(title: "Control")
  var control: ControlOptions

  func run() async throws {
    LoggingSystem.bootstrap { _ in JSONLog() }
    let log = Logger(label: "onyx-serve")
    let server = Server(try settings(), log: log)
    // Before the ports are open, so that no signal is lost.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    do { try await server.start() } catch {
      log.critical("Cannot listen", metadata: ["host": "\(listening.host)", "reason": "\(error)"])
      await server.stop()
      throw ExitCode(71)
    }
    for await signal in signals {
      if signal == .sighup { server.refresh() } else { break }
    }
    await server.stop()
  }

  private func settings() throws -> ServerSettings {
    var settings = ServerSettings(models: models, processors: System.coreCount)
    listening.apply(to: &settings)
    work.apply(to: &settings)
    limits.apply(to: &settings)
    try control.apply(to: &settings)
    return settings
  }
}
