import DequeModule
import NIOCore
import NIOHTTP1
import Onyx
import Synchronization

/// One connection over HTTP/1.1: requests are answered one after the other, in their order.
///
/// It goes on reading while a request runs, so that it hears of a client that leaves; what comes then waits here, up to a limit.
package final class HTTPConnection: ChannelInboundHandler {
  package typealias InboundIn = HTTPServerRequestPart
  package typealias OutboundOut = HTTPServerResponsePart

  /// A request that is received or run.
  private struct Exchange {
    let head: HTTPRequestHead
    let began: ContinuousClock.Instant
    let name: String
    var body = ByteBuffer()
    /// Bytes that are reserved for the body.
    var reserved = 0
    /// What it will be answered whatever else comes.
    var failure: Failure?
    var route: Route?
    var job: Job?

    /// The model that it names.
    var model: String? {
      switch route {
      case .infer(let name, _), .modelReady(let name, _), .modelMetadata(let name, _): name
      default: nil
      }
    }
  }

  private enum State {
    /// Nothing goes on.
    case idle
    /// A request comes in.
    case receiving
    /// A request is run or answered.
    case answering
    /// The last answer is given; what still comes is dropped until the connection closes.
    case closing
  }

  private let core: ServerCore
  private var state = State.idle
  private var exchange: Exchange?
  private var waiting: Deque<HTTPServerRequestPart> = []
  private var waitingBytes = 0
  private var isStopping = false
  /// Numbers the requests, so that a late answer finds out that nobody waits for it.
  private var number = 0
  private var due: NIODeadline?
  private var timer: Scheduled<Void>?

  package init(_ core: ServerCore) { self.core = core }

  package func channelActive(context: ChannelHandlerContext) {
    expect(within: core.settings.idleTimeout, context)
    context.fireChannelActive()
  }

  package func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    if let exchange {
      exchange.job?.cancel()
      finish(Failure(.cancelled, "The client has left."))
    }
    state = .closing
    context.fireChannelInactive()
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What is no HTTP: the decoder has said so, and NIO's error handler before this one has answered.
    context.close(promise: nil)
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      isStopping = true
      if case .idle = state { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    switch state {
    case .closing: return
    case .idle, .receiving: take(part, context)
    case .answering:
      if case .body(let bytes) = part { waitingBytes += bytes.readableBytes }
      waiting.append(part)
      if waitingBytes > 1 << 20 || waiting.count > 256 {
        context.channel.setOption(.autoRead, value: false).assumeIsolated().whenFailure { _ in }
      }
    }
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch part {
    case .head(let head): begin(head, context)
    case .body(let bytes): receive(bytes, context)
    case .end: dispatch(context)
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    state = .receiving
    number += 1
    core.metrics.inFlight.wrappingAdd(1, ordering: .relaxed)
    let given = head.headers.first(name: "x-request-id").flatMap { Self.isName($0) ? $0 : nil }
    var exchange = Exchange(head: head, began: .now, name: given ?? core.nextRequestName())
    do throws(Failure) {
      let route = try Route(head.method, head.uri)
      exchange.route = route
      if route != .live && route != .ready { try core.checkToken(head.headers.first(name: "authorization")) }
      if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > 0 {
        guard length <= core.settings.maxRequestBytes else { throw Self.tooLarge(core) }
        try core.reserve(length)
        exchange.reserved = length
      }
    } catch {
      exchange.failure = error
    }
    self.exchange = exchange
    expect(within: core.settings.transferTimeout, context)
    let wantsBody = head.headers.first(name: "expect")?.lowercased() == "100-continue"
    if wantsBody, exchange.failure == nil {
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    } else if exchange.failure?.kind == .tooLarge || wantsBody {
      // Nobody wants to read that body to its end.
      answerAndClose(context)
    }
  }

  private static func tooLarge(_ core: ServerCore) -> Failure {
    Failure(
      .tooLarge,
      "The request has more than \(core.settings.maxRequestBytes) bytes; the server's --max-request-bytes says how many it takes.")
  }

  private static func isName(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    guard var exchange, exchange.failure == nil else { return }
    // The buffer has one owner while it grows.
    self.exchange = nil
    let length = exchange.body.readableBytes + bytes.readableBytes
    do throws(Failure) {
      guard length <= core.settings.maxRequestBytes else { throw Self.tooLarge(core) }
      if length > exchange.reserved {
        try core.reserve(length - exchange.reserved)
        exchange.reserved = length
      }
    } catch {
      exchange.failure = error
      exchange.body = ByteBuffer()
      self.exchange = exchange
      return answerAndClose(context)
    }
    if exchange.body.readableBytes == 0 {
      exchange.body = bytes
      exchange.body.reserveCapacity(min(exchange.reserved, 64 << 20))
    } else {
      exchange.body.writeImmutableBuffer(bytes)
    }
    self.exchange = exchange
  }

  private func dispatch(_ context: ChannelHandlerContext) {
    guard let exchange else { return }
    state = .answering
    if let failure = exchange.failure { return answer(Reply(failure), failure, context) }
    guard let route = exchange.route else { return }
    do throws(Failure) {
      switch route {
      case .infer(let model, let version): try infer(model, version, exchange, context)
      case .load, .unload: control(route, context)
      default: answer(try Answers(core).reply(route), nil, context)
      }
    } catch {
      answer(Reply(error), error, context)
    }
  }

  private func infer(
    _ model: String, _ version: String?, _ exchange: Exchange, _ context: ChannelHandlerContext
  ) throws(Failure) {
    let headers = exchange.head.headers
    var length: Int?
    if let text = headers.first(name: "inference-header-content-length") {
      guard let number = Int(text), number >= 0 else {
        throw Failure(.badRequest, "Inference-Header-Content-Length is '\(text)'.")
      }
      length = number
    }
    let codec = PackedCodec(
      body: exchange.body, headerLength: length, packing: try Compression.of(contentEncoding: headers.first(name: "content-encoding")),
      limit: core.settings.maxRequestBytes)
    let accepted = Compression.accepted(headers.first(name: "accept-encoding"))
    let place = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let (loop, number) = (context.eventLoop, number)
    self.exchange?.job = try core.submit(model, version: version, codec) { result in
      let reply: Result<Reply, Failure> = result.map { answer in Self.reply(answer, accepted) }
      loop.execute {
        let (connection, context) = place.value
        connection.complete(number, reply, context)
      }
    }
    self.exchange?.body = ByteBuffer()
    if let deadline = self.exchange?.job?.limits.deadline {
      expect(within: deadline - .now, context)
    } else {
      due = nil
    }
  }

  /// On a worker thread.
  private static func reply(_ answer: EncodedAnswer, _ accepted: Compression?) -> Reply {
    var reply = Reply(headers: [("Content-Type", answer.headerLength == nil ? "application/json" : "application/octet-stream")])
    if let length = answer.headerLength { reply.headers.append(("Inference-Header-Content-Length", "\(length)")) }
    reply.body = answer.body
    if let accepted, answer.body.readableBytes >= 1024, let packed = accepted.pack(answer.body) {
      reply.body = packed
      reply.headers.append(("Content-Encoding", accepted.rawValue))
    }
    return reply
  }

  private func control(_ route: Route, _ context: ChannelHandlerContext) {
    guard core.settings.allowsControl else {
      let failure = Failure(.forbidden, "Clients may not load or unload models here (--no-control).")
      return answer(Reply(failure), failure, context)
    }
    due = nil
    let future: EventLoopFuture<Void>
    switch route {
    case .load(let name): future = core.repository.load(name, on: context.eventLoop)
    case .unload(let name): future = core.repository.unload(name, on: context.eventLoop)
    default: return
    }
    let number = number
    future.assumeIsolated().whenComplete { result in
      switch result {
      case .success:
        self.complete(number, .success(Reply(headers: [("Content-Type", "application/json")], body: ByteBuffer(string: "{}"))), context)
      case .failure(let error):
        self.complete(number, .failure(error as? Failure ?? Failure(.unavailable, "The server is stopping.")), context)
      }
    }
  }

  private func complete(_ number: Int, _ result: Result<Reply, Failure>, _ context: ChannelHandlerContext) {
    guard number == self.number, exchange != nil, case .answering = state else { return }
    switch result {
    case .success(let reply): answer(reply, nil, context)
    case .failure(let failure): answer(Reply(failure), failure, context)
    }
  }

  private func answerAndClose(_ context: ChannelHandlerContext) {
    guard let failure = exchange?.failure else { return }
    isStopping = true
    state = .answering
    answer(Reply(failure), failure, context)
  }

  private func answer(_ reply: Reply, _ failure: Failure?, _ context: ChannelHandlerContext) {
    guard let exchange else { return }
    let isLast = isStopping || core.isStopping || !exchange.head.isKeepAlive
    var headers = HTTPHeaders(reply.headers)
    headers.add(name: "Content-Length", value: "\(reply.body.readableBytes)")
    headers.add(name: "X-Request-Id", value: exchange.name)
    if isLast {
      headers.add(name: "Connection", value: "close")
    } else if exchange.head.version.minor == 0 {
      headers.add(name: "Connection", value: "keep-alive")
    }
    finish(failure)
    context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers))), promise: nil)
    if exchange.head.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(reply.body))), promise: nil) }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    state = isLast ? .closing : .idle
    // An answer that nobody takes is given up after a while, as is a connection that is to be closed and does not.
    expect(within: isLast ? .seconds(2) : core.settings.idleTimeout, context)
    if reply.body.readableBytes > 64 << 10 { expect(within: core.settings.transferTimeout, context) }
    let number = number
    written.futureResult.assumeIsolated().whenComplete { _ in
      guard self.number == number else { return }
      if isLast {
        // Half of it first, so that a client that still sends reads the answer before it hears of the end.
        context.close(mode: .output, promise: nil)
        self.expect(within: .seconds(2), context)
      } else if case .idle = self.state {
        self.expect(within: self.core.settings.idleTimeout, context)
      }
    }
    if !isLast { takeWaiting(context) }
  }

  private func takeWaiting(_ context: ChannelHandlerContext) {
    guard !waiting.isEmpty else { return }
    while let part = waiting.popFirst() {
      take(part, context)
      if case .answering = state { return }
      if case .closing = state { return }
    }
    waitingBytes = 0
    context.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
  }

  /// Counts the request and gives its memory back.
  private func finish(_ failure: Failure?) {
    guard let exchange else { return }
    self.exchange = nil
    core.release(exchange.reserved)
    core.metrics.inFlight.wrappingSubtract(1, ordering: .relaxed)
    core.answered(
      "http", exchange.name, model: exchange.model, failure, after: .now - exchange.began, path: exchange.head.uri)
  }

  // Time.

  private func expect(within duration: Duration, _ context: ChannelHandlerContext) {
    let due = NIODeadline.now() + TimeAmount(max(duration, .zero))
    let isEarlier = timer == nil || self.due.map { due < $0 } ?? true
    self.due = due
    if isEarlier { schedule(due, context) }
  }

  private func schedule(_ due: NIODeadline, _ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.expire(context) }
  }

  private func expire(_ context: ChannelHandlerContext) {
    timer = nil
    guard let due else { return }
    if NIODeadline.now() < due { return schedule(due, context) }
    switch state {
    case .idle, .closing: context.close(promise: nil)
    case .receiving:
      exchange?.failure = Failure(.requestTimeout, "The request did not arrive within \(core.settings.transferTimeout).")
      answerAndClose(context)
    case .answering:
      exchange?.job?.cancel()
      let failure = Failure(.deadlineExceeded, "The deadline passed before the answer was there.")
      answer(Reply(failure), failure, context)
    }
  }
}

/// The JSON of a request, unpacked when it is read.
package struct PackedCodec: InferenceCodec {
  package let body: ByteBuffer
  package let headerLength: Int?
  package let packing: Compression?
  package let limit: Int

  package func decode() throws(Failure) -> InferenceRequest {
    let unpacked = packing == nil ? body : try Compression.unpack(body, limit: limit)
    return try InferenceJSON(body: unpacked, headerLength: headerLength).decode()
  }

  package func encode(_ result: InferenceResult) throws(Failure) -> EncodedAnswer {
    try InferenceJSON(body: ByteBuffer(), headerLength: nil).encode(result)
  }
}
