import ArgumentParser
import OnyxServe

/// Throws for a number outside of what an option takes.
private func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
  guard let value, !range.contains(value) else { return }
  throw ValidationError("'--\(name) \(value)' does not lie in \(range.lowerBound) … \(range.upperBound).")
}

/// What the settings are without options.
private let defaults = ServerSettings(models: "", processors: 1)
private let day = 86_400

/// Where the server is reached, by either protocol.
struct ListeningOptions: ParsableArguments {
  @Option(help: "The address to listen at; 0.0.0.0 for all.")
  var host = defaults.host

  @Option(parsing: .unconditional, help: "The port for HTTP; 0 takes a free one, -1 none.")
  var port = defaults.httpPort ?? -1

  @Option(parsing: .unconditional, help: "The port for gRPC; 0 takes a free one, -1 none.")
  var grpcPort = defaults.grpcPort ?? -1

  @Option(help: ArgumentHelp("Threads for connections.", valueName: "N"))
  var loops = defaults.loops

  func validate() throws {
    try check("port", port, -1...65_535)
    try check("grpc-port", grpcPort, -1...65_535)
    try check("loops", loops, 1...256)
  }

  func apply(to settings: inout ServerSettings) {
    settings.host = host
    settings.httpPort = port < 0 ? nil : port
    settings.grpcPort = grpcPort < 0 ? nil : grpcPort
    settings.loops = loops
  }
}

/// What runs at the same time.
struct WorkOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Runs at the same time; one for each processor without it.", valueName: "N"))
  var workers: Int?

  @Option(help: ArgumentHelp("Threads of one run.", valueName: "N"))
  var threads = defaults.threads

  @Option(help: ArgumentHelp("Bytes of memory for the process; models and runs that need more are refused.", valueName: "N"))
  var memory: Int?

  func validate() throws {
    try check("workers", workers, 1...1024)
    try check("threads", threads, 1...1024)
    try check("memory", memory, 1 << 20...1 << 50)
  }

  func apply(to settings: inout ServerSettings) {
    if let workers { settings.workers = workers }
    settings.threads = threads
    settings.memoryLimit = memory
  }
}

/// What is refused or given up.
struct LimitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Requests of one model that may wait.", valueName: "N"))
  var queue = defaults.queue

  @Option(help: ArgumentHelp("Bytes of one request at most.", valueName: "N"))
  var maxRequestBytes = defaults.maxRequestBytes

  @Option(help: ArgumentHelp("Bytes of all requests at the same time.", valueName: "N"))
  var maxBytesInFlight = defaults.maxBytesInFlight

  @Option(help: ArgumentHelp("Open connections at most.", valueName: "N"))
  var maxConnections = defaults.maxConnections

  @Option(help: ArgumentHelp("The longest time from a request to its answer.", valueName: "MS"))
  var deadlineMs: Int?

  @Option(help: ArgumentHelp("How long a request may take to arrive and an answer to be taken.", valueName: "S"))
  var transferTimeout = Int(defaults.transferTimeout.components.seconds)

  @Option(help: ArgumentHelp("How long a connection may rest.", valueName: "S"))
  var idleTimeout = Int(defaults.idleTimeout.components.seconds)

  @Option(help: ArgumentHelp("How long requests may go on after SIGTERM.", valueName: "S"))
  var grace = Int(defaults.gracePeriod.components.seconds)

  func validate() throws {
    try check("queue", queue, 1...1_000_000)
    try check("max-request-bytes", maxRequestBytes, 1...1 << 31)
    try check("max-bytes-in-flight", maxBytesInFlight, 1...1 << 40)
    try check("max-connections", maxConnections, 1...1_000_000)
    try check("deadline-ms", deadlineMs, 1...1000 * day)
    try check("transfer-timeout", transferTimeout, 1...day)
    try check("idle-timeout", idleTimeout, 1...day)
    try check("grace", grace, 0...day)
  }

  func apply(to settings: inout ServerSettings) {
    settings.queue = queue
    settings.maxRequestBytes = maxRequestBytes
    settings.maxBytesInFlight = maxBytesInFlight
    settings.maxConnections = maxConnections
    settings.deadline = deadlineMs.map { .milliseconds($0) }
    settings.transferTimeout = .seconds(transferTimeout)
    settings.idleTimeout = .seconds(idleTimeout)
    settings.gracePeriod = .seconds(grace)
  }
}

/// Who may ask for what, and what is told of it.
struct ControlOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Looks at the folder every so many seconds.", valueName: "S"))
  var poll: Int?

  @Option(help: ArgumentHelp("A file with the token that callers have to show.", valueName: "FILE"))
  var tokenFile: String?

  @Flag(help: "Clients may not load and unload models.")
  var noControl = false

  @Flag(help: "Logs each request.")
  var logRequests = false

  func validate() throws { try check("poll", poll, 1...day) }

  func apply(to settings: inout ServerSettings) throws {
    settings.pollInterval = poll.map { .seconds($0) }
    settings.token = try tokenFile.map { try ServerSettings.token(file: $0) }
    settings.allowsControl = !noControl
    settings.logsRequests = logRequests
  }
}
