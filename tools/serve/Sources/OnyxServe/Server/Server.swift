import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import Onyx
import Synchronization

/// A server of the models in a folder, over HTTP and gRPC by the Open Inference Protocol.
///
///     let server = Server(settings, log: Logger(label: "onyx-serve"))
///     try await server.start()
///     …
///     await server.stop()
public final class Server: Sendable {
  private struct Listeners {
    var http: (any Channel)?
    var grpc: (any Channel)?
    var poll: RepeatedTask?
  }

  private let core: ServerCore
  private let loops: MultiThreadedEventLoopGroup
  private let workers: NIOThreadPool
  private let connections = Connections()
  private let listeners = Mutex(Listeners())

  /// Nothing is opened before `start()`.
  public init(_ settings: ServerSettings, log: Logger) {
    var settings = settings
    // Some files stay for models and the listeners.
    settings.maxConnections = min(settings.maxConnections, max(16, ProcessFacts.raiseFileLimit() - 64))
    loops = MultiThreadedEventLoopGroup(numberOfThreads: settings.loops)
    workers = NIOThreadPool(numberOfThreads: settings.workers)
    workers.start()
    let limits = ServedModel.Limits(
      workers: settings.workers, threads: settings.threads, queue: settings.queue,
      memoryBudget: settings.memoryLimit.map { $0 / (2 * settings.workers) })
    let repository = Repository(
      ModelFolder(path: settings.models), limits: limits, memoryLimit: settings.memoryLimit, workers: workers, loops: loops, log: log)
    core = ServerCore(settings, repository: repository, log: log)
  }

  /// The port that HTTP is served at; nil when it is not.
  public var httpPort: Int? { listeners.withLock { $0.http?.localAddress?.port } }
  /// The port that gRPC is served at; nil when it is not.
  public var grpcPort: Int? { listeners.withLock { $0.grpc?.localAddress?.port } }
  /// Whether all models are loaded and the server was not told to stop.
  public var isReady: Bool { core.isReady }

  /// Opens the ports and begins to load the models. Throws when a port cannot be opened.
  public func start() async throws {
    let settings = core.settings
    if let port = settings.httpPort {
      let core = core
      let channel = try await bind(port, isHTTP: true) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(HTTPConnection(core))
        }
      }
      listeners.withLock { $0.http = channel }
    }
    if let port = settings.grpcPort {
      let core = core
      let channel = try await bind(port, isHTTP: false) { channel in
        channel.eventLoop.makeCompletedFuture { try Self.configure(channel, core) }
      }
      listeners.withLock { $0.grpc = channel }
    }
    core.log.notice(
      "Listening",
      metadata: ["host": "\(settings.host)", "http": "\(httpPort ?? 0)", "grpc": "\(grpcPort ?? 0)", "models": "\(settings.models)"])
    refresh()
    if let interval = settings.pollInterval {
      let task = loops.next().scheduleRepeatedTask(initialDelay: TimeAmount(interval), delay: TimeAmount(interval)) { [weak self] _ in
        self?.refresh()
      }
      listeners.withLock { $0.poll = task }
    }
  }

  /// Looks at the folder of models again, without waiting for it.
  public func refresh() { _ = core.repository.refresh(on: loops.next()) }

  private static func configure(_ channel: any Channel, _ core: ServerCore) throws {
    let manager = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: channel.eventLoop,
      configuration: .init(
        maxIdleTime: TimeAmount(core.settings.idleTimeout), maxAge: nil, maxGraceTime: TimeAmount(core.settings.transferTimeout),
        keepalive: nil))
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 1024), HTTP2Setting(parameter: .maxHeaderListSize, value: 16 << 10),
      HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20), HTTP2Setting(parameter: .maxFrameSize, value: 1 << 20),
    ]
    connection.targetWindowSize = 8 << 20
    // Clients of gRPC measure the line by pings, and cancel calls.
    connection.controlFrameRateLimit.maximumCount = 10_000
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.targetWindowSize = 1 << 20
    stream.outboundBufferSizeHighWatermark = 1 << 20
    stream.outboundBufferSizeLowWatermark = 256 << 10
    stream.streamResetFrameRateLimit.maximumCount = 10_000
    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: connection, streamConfiguration: stream, streamDelegate: manager.http2StreamDelegate
    ) { stream in
      stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(GRPCStream(core)) }
    }
    try channel.pipeline.syncOperations.addHandler(Greeting(patience: TimeAmount(core.settings.transferTimeout)))
    try channel.pipeline.syncOperations.addHandler(manager)
  }

  private func bind(
    _ port: Int, isHTTP: Bool, _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) async throws -> any Channel {
    let (core, connections) = (core, connections)
    return try await ServerBootstrap(group: loops)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16 << 10, maximum: 1 << 20))
      .childChannelInitializer { channel in
        guard connections.add(channel, limit: core.settings.maxConnections) else {
          core.metrics.refusedConnections.wrappingAdd(1, ordering: .relaxed)
          return channel.eventLoop.makeFailedFuture(Failure(.unavailable, "There are too many connections."))
        }
        core.metrics.connected(isHTTP, 1)
        channel.closeFuture.whenComplete { _ in
          connections.remove(channel)
          core.metrics.connected(isHTTP, -1)
        }
        return initializer(channel)
      }
      .bind(host: core.settings.host, port: port).get()
  }

  /// Takes no more connections, answers what has begun, and closes everything: after the grace period whatever still goes on.
  public func stop() async {
    guard !core.isStopping else { return }
    core.log.notice("Stopping")
    core.beginStopping()
    let open = listeners.withLock { $0 }
    open.poll?.cancel()
    for channel in [open.http, open.grpc].compactMap(\.self) { try? await channel.close() }
    connections.each { $0.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    let end = ContinuousClock.now + core.settings.gracePeriod
    while !(connections.isEmpty && core.repository.isIdle), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    let left = core.metrics.inFlight.load(ordering: .relaxed)
    connections.each { $0.close(promise: nil) }
    core.repository.stop()
    try? await workers.shutdownGracefully()
    try? await loops.shutdownGracefully()
    core.log.notice("Stopped", metadata: ["unanswered": "\(left)"])
  }
}

/// The open connections.
private final class Connections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  /// Whether there was room for one more.
  func add(_ channel: any Channel, limit: Int) -> Bool {
    channels.withLock { channels in
      guard channels.count < limit else { return false }
      channels[ObjectIdentifier(channel)] = channel
      return true
    }
  }

  func remove(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = nil } }

  var isEmpty: Bool { channels.withLock(\.isEmpty) }

  func each(_ body: (any Channel) -> Void) {
    for channel in channels.withLock({ Array($0.values) }) { body(channel) }
  }
}

/// Closes a connection whose HTTP/2 is broken or does not begin in time.
private final class Greeting: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame
  typealias InboundOut = HTTP2Frame

  private let patience: TimeAmount
  private var timer: Scheduled<Void>?

  init(patience: TimeAmount) { self.patience = patience }

  func handlerAdded(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    timer?.cancel()
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
