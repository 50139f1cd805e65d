import Onyx

/// How a server listens and what it allows.
public struct ServerSettings: Sendable {
  /// The folder of models.
  public var models: String
  /// The address to listen at.
  public var host = "127.0.0.1"
  /// The port for HTTP; 0 takes a free one, nil none.
  public var httpPort: Int? = 8000
  /// The port for gRPC; 0 takes a free one, nil none.
  public var grpcPort: Int? = 8001
  /// Runs at the same time.
  public var workers: Int
  /// Threads of one run.
  public var threads = 1
  /// Threads that read and write connections.
  public var loops = 1
  /// Requests of one model that may wait.
  public var queue = 1024
  /// Bytes of one request at most, unpacked.
  public var maxRequestBytes = 64 << 20
  /// Bytes of all requests at the same time.
  public var maxBytesInFlight: Int
  /// Open connections at most.
  public var maxConnections = 4096
  /// The longest time from the arrival of a request to its answer; nil: none.
  public var deadline: Duration?
  /// How long a request may take to arrive, and an answer to be taken.
  public var transferTimeout = Duration.seconds(30)
  /// How long a connection may rest.
  public var idleTimeout = Duration.seconds(300)
  /// How long requests may go on once the server is told to stop.
  public var gracePeriod = Duration.seconds(30)
  /// Bytes that the process may take; nil: whatever there is.
  public var memoryLimit: Int?
  /// How often the folder is looked at; nil: only when a client or SIGHUP asks for it.
  public var pollInterval: Duration?
  /// What callers have to show: `Authorization: Bearer …`; nil: nothing.
  public var token: String?
  /// Whether clients may load and unload models.
  public var allowsControl = true
  /// Whether each request makes a line of the log.
  public var logsRequests = false

  /// A server of the models in a folder, with as many workers as there are processors.
  public init(models: String, processors: Int) {
    self.models = models
    workers = max(1, processors)
    maxBytesInFlight = 256 << 20
  }
}

extension ServerSettings {
  /// The token that a file holds, without the space around it. Throws `OnyxError` for a file that cannot be read or is empty.
  public static func token(file path: String) throws(OnyxError) -> String {
    guard let bytes = try? Files.read(path), let text = String(validating: bytes, as: UTF8.self) else {
      throw OnyxError(.missingFile, "The token file '\(path)' cannot be read.")
    }
    let token = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !token.isEmpty else { throw OnyxError(.usage, "The token file '\(path)' is empty.", remedy: "Write the token into it.") }
    return token
  }
}
