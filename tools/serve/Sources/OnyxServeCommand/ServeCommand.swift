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

  @Option(help: "The address to listen at; 0.0.0.0 for all.")
  var host = "127.0.0.1"

  @Option(parsing: .unconditional, help: "The port for HTTP; 0 takes a free one, -1 none.")
  var port = 8000

  @Option(parsing: .unconditional, help: "The port for gRPC; 0 takes a free one, -1 none.")
  var grpcPort = 8001

  @Option(help: ArgumentHelp("Runs at the same time; one for each processor without it.", valueName: "N"))
  var workers: Int?

  @Option(help: ArgumentHelp("Threads of one run.", valueName: "N"))
  var threads = 1

  @Option(help: ArgumentHelp("Threads for connections.", valueName: "N"))
  var loops = 1

  @Option(help: ArgumentHelp("Requests of one model that may wait.", valueName: "N"))
  var queue = 1024

  @Option(help: ArgumentHelp("Bytes of one request at most.", valueName: "N"))
  var maxRequestBytes = 64 << 20

  @Option(help: ArgumentHelp("Bytes of all requests at the same time.", valueName: "N"))
  var maxBytesInFlight = 256 << 20

  @Option(help: ArgumentHelp("Open connections at most.", valueName: "N"))
  var maxConnections = 4096

  @Option(help: ArgumentHelp("The longest time from a request to its answer.", valueName: "MS"))
  var deadlineMs: Int?

  @Option(help: ArgumentHelp("How long a request may take to arrive and an answer to be taken.", valueName: "S"))
  var transferTimeout = 30

  @Option(help: ArgumentHelp("How long a connection may rest.", valueName: "S"))
  var idleTimeout = 300

  @Option(help: ArgumentHelp("How long requests may go on after SIGTERM.", valueName: "S"))
  var grace = 30

  @Option(help: ArgumentHelp("Bytes of memory for the process; models and runs that need more are refused.", valueName: "N"))
  var memory: Int?

  @Option(help: ArgumentHelp("Looks at the folder every so many seconds.", valueName: "S"))
  var poll: Int?

  @Option(help: ArgumentHelp("A file with the token that callers have to show.", valueName: "FILE"))
  var tokenFile: String?

  @Flag(help: "Clients may not load and unload models.")
  var noControl = false

  @Flag(help: "Logs each request.")
  var logRequests = false

  func validate() throws {
    func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
      guard let value, !range.contains(value) else { return }
      throw ValidationError("'--\(name) \(value)' does not lie in \(range.lowerBound) … \(range.upperBound).")
    }
    try check("port", port, -1...65_535)
    try check("grpc-port", grpcPort, -1...65_535)
    try check("workers", workers, 1...1024)
    try check("threads", threads, 1...1024)
    try check("loops", loops, 1...256)
    try check("queue", queue, 1...1_000_000)
    try check("max-request-bytes", maxRequestBytes, 1...1 << 31)
    try check("max-bytes-in-flight", maxBytesInFlight, 1...1 << 40)
    try check("max-connections", maxConnections, 1...1_000_000)
    try check("deadline-ms", deadlineMs, 1...86_400_000)
    try check("transfer-timeout", transferTimeout, 1...86_400)
    try check("idle-timeout", idleTimeout, 1...86_400)
    try check("grace", grace, 0...86_400)
    try check("memory", memory, 1 << 20...1 << 50)
    try check("poll", poll, 1...86_400)
  }

  func run() async throws {
    LoggingSystem.bootstrap { _ in JSONLog() }
    let log = Logger(label: "onyx-serve")
    let server = Server(try settings(), log: log)
    // Before the ports are open, so that no signal is lost.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    do { try await server.start() } catch {
      log.critical("Cannot listen", metadata: ["host": "\(host)", "reason": "\(error)"])
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
    settings.host = host
    settings.httpPort = port < 0 ? nil : port
    settings.grpcPort = grpcPort < 0 ? nil : grpcPort
    if let workers { settings.workers = workers }
    settings.threads = threads
    settings.loops = loops
    settings.queue = queue
    settings.maxRequestBytes = maxRequestBytes
    settings.maxBytesInFlight = maxBytesInFlight
    settings.maxConnections = maxConnections
    settings.deadline = deadlineMs.map { .milliseconds($0) }
    settings.transferTimeout = .seconds(transferTimeout)
    settings.idleTimeout = .seconds(idleTimeout)
    settings.gracePeriod = .seconds(grace)
    settings.memoryLimit = memory
    settings.pollInterval = poll.map { .seconds($0) }
    settings.token = try tokenFile.map { try ServerSettings.token(file: $0) }
    settings.allowsControl = !noControl
    settings.logsRequests = logRequests
    return settings
  }
}
