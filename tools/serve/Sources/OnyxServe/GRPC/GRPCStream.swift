import NIOCore
import NIOHPACK
import NIOHTTP2
import Onyx
import Synchronization

/// One call of gRPC on a stream of an HTTP/2 connection: one message in, one message or a status out.
package final class GRPCStream: ChannelInboundHandler {
  package typealias InboundIn = HTTP2Frame.FramePayload
  package typealias OutboundOut = HTTP2Frame.FramePayload

  private let core: ServerCore
  private let began = ContinuousClock.now
  private var path = ""
  private var model: String?
  private var name = ""
  private var timeout: Duration?
  private var isPacked = false
  private var packing: Compression?
  private var accepted: Compression?
  private var received = ByteBuffer()
  private var reserved = 0
  private var hasBegun = false
  private var isOver = false
  private var job: Job?
  private var timer: Scheduled<Void>?

  package init(_ core: ServerCore) { self.core = core }

  package func channelInactive(context: ChannelHandlerContext) {
    job?.cancel()
    if hasBegun { finish(Failure(.cancelled, "The client has left.")) }
    isOver = true
    timer?.cancel()
    context.fireChannelInactive()
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    switch unwrapInboundIn(data) {
    case .headers(let headers):
      guard !hasBegun else { return }
      begin(headers.headers, context)
      if headers.endStream, !isOver { fail(Failure(.badRequest, "The call has no message."), context) }
    case .data(let data):
      guard case .byteBuffer(var bytes) = data.data else { return }
      receive(&bytes, context)
      if data.endStream, !isOver { call(context) }
    default: return
    }
  }

  private func begin(_ headers: HPACKHeaders, _ context: ChannelHandlerContext) {
    hasBegun = true
    core.metrics.inFlight.wrappingAdd(1, ordering: .relaxed)
    path = headers.first(name: ":path") ?? ""
    name = headers.first(name: "x-request-id").flatMap { $0.utf8.count <= 128 ? $0 : nil } ?? core.nextRequestName()
    do throws(Failure) {
      guard headers.first(name: ":method") == "POST", headers.first(name: "content-type")?.hasPrefix("application/grpc") == true else {
        throw Failure(.unsupportedMedia, "This port speaks gRPC; HTTP with JSON has another one.")
      }
      try core.checkToken(headers.first(name: "authorization"))
      if let text = headers.first(name: "grpc-timeout") {
        guard let limit = Self.duration(text) else { throw Failure(.badRequest, "grpc-timeout is '\(text)'.") }
        timeout = limit
      }
      packing = try Compression.of(contentEncoding: headers.first(name: "grpc-encoding"))
      if headers.first(name: "grpc-accept-encoding") != nil, packing != nil { accepted = packing }
    } catch {
      return fail(error, context)
    }
    let within = min(timeout ?? core.settings.transferTimeout, core.settings.transferTimeout)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(within)) {
      self.fail(Failure(.deadlineExceeded, "The call did not arrive in time."), context)
    }
  }

  /// "100m" is a tenth of a second. nil for what is no such text.
  package static func duration(_ text: String) -> Duration? {
    guard let number = Int64(text.dropLast()), number >= 0, text.utf8.count <= 9 else { return nil }
    switch text.last {
    case "H": return .seconds(number * 3600)
    case "M": return .seconds(number * 60)
    case "S": return .seconds(number)
    case "m": return .milliseconds(number)
    case "u": return .microseconds(number)
    case "n": return .nanoseconds(number)
    default: return nil
    }
  }

  private func receive(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
    do throws(Failure) {
      if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
      if let length = received.getInteger(at: received.readerIndex + 1, as: UInt32.self) {
        guard Int(length) <= core.settings.maxRequestBytes else {
          throw Failure(
            .tooLarge, "The message has \(length) bytes; the server's --max-request-bytes allows \(core.settings.maxRequestBytes).")
        }
        if reserved == 0, length > 0 {
          try core.reserve(Int(length))
          reserved = Int(length)
          received.reserveCapacity(min(reserved + 5, 64 << 20))
        }
        guard received.readableBytes <= Int(length) + 5 else { throw Failure(.unimplemented, "A call takes one message.") }
      }
    } catch {
      fail(error, context)
    }
  }

  private func call(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    do throws(Failure) {
      guard let flag = received.readInteger(as: UInt8.self), flag <= 1, let length = received.readInteger(as: UInt32.self),
        received.readableBytes == Int(length)
      else { throw Failure(.badRequest, "The call has no whole message.") }
      if flag == 1 {
        guard packing != nil else { throw Failure(.badRequest, "The message is packed, and grpc-encoding does not say how.") }
        received = try Compression.unpack(received, limit: core.settings.maxRequestBytes)
      }
      guard let method = Method(path: path) else {
        throw Failure(
          .unimplemented, "There is no method '\(path)' here; those of the Open Inference Protocol and of model repositories are.")
      }
      switch method {
      case .infer: try infer(context)
      case .load, .unload: try control(method, context)
      default: answer(try Service(core).message(method, WireReader(received)), context)
      }
    } catch {
      fail(error, context)
    }
  }

  private func infer(_ context: ChannelHandlerContext) throws(Failure) {
    let (model, version) = try InferenceMessages.target(received)
    self.model = model
    let place = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let spent = ContinuousClock.now - began
    job = try core.submit(
      model, version: version, InferenceMessages(message: received), timeout: timeout.map { max(.zero, $0 - spent) }
    ) { result in
      loop.execute {
        let (stream, context) = place.value
        switch result {
        case .success(let answer): stream.answer(answer.body, context)
        case .failure(let failure): stream.fail(failure, context)
        }
      }
    }
    received = ByteBuffer()
    if let deadline = job?.limits.deadline {
      timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(max(.zero, deadline - .now))) {
        self.job?.cancel()
        self.fail(Failure(.deadlineExceeded, "The deadline passed before the answer was there."), context)
      }
    }
  }

  private func control(_ method: Method, _ context: ChannelHandlerContext) throws(Failure) {
    guard core.settings.allowsControl else {
      throw Failure(.forbidden, "Clients may not load or unload models here (--no-control).")
    }
    var (reader, model) = (WireReader(received), "")
    while let (field, value) = try reader.next() { if field == 2 { model = try value.text() } }
    let future =
      method == .load ? core.repository.load(model, on: context.eventLoop) : core.repository.unload(model, on: context.eventLoop)
    future.assumeIsolated().whenComplete { result in
      switch result {
      case .success: self.answer(ByteBuffer(), context)
      case .failure(let error): self.fail(error as? Failure ?? Failure(.unavailable, "The server is stopping."), context)
      }
    }
  }

  private func answer(_ message: ByteBuffer, _ context: ChannelHandlerContext) {
    guard !isOver else { return }
    finish(nil)
    var head: HPACKHeaders = [":status": "200", "content-type": "application/grpc", "x-request-id": name]
    var message = message
    var flag: UInt8 = 0
    if let accepted, message.readableBytes >= 1024, let packed = accepted.pack(message) {
      head.add(name: "grpc-encoding", value: accepted.rawValue)
      message = packed
      flag = 1
    }
    head.add(name: "grpc-accept-encoding", value: "identity,deflate,gzip")
    var prefix = ByteBuffer()
    prefix.writeInteger(flag)
    prefix.writeInteger(UInt32(clamping: message.readableBytes))
    context.write(wrapOutboundOut(.headers(.init(headers: head))), promise: nil)
    context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(prefix)))), promise: nil)
    if message.readableBytes > 0 { context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(message)))), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: ["grpc-status": "0"], endStream: true))), promise: nil)
  }

  private func fail(_ failure: Failure, _ context: ChannelHandlerContext) {
    guard !isOver else { return }
    finish(failure)
    let head: HPACKHeaders = [
      ":status": failure.kind == .unsupportedMedia && !path.hasPrefix("/inference.") ? "415" : "200", "content-type": "application/grpc",
      "x-request-id": name, "grpc-status": "\(failure.grpcStatus)", "grpc-message": Self.escaped(failure.message),
    ]
    context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: head, endStream: true))), promise: nil)
  }

  /// What is not printable ASCII by percent signs, as the protocol of gRPC has it.
  package static func escaped(_ message: String) -> String {
    var text = ""
    for byte in message.utf8 {
      if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text
  }

  /// Counts the call and gives its memory back.
  private func finish(_ failure: Failure?) {
    guard !isOver, hasBegun else { return }
    isOver = true
    timer?.cancel()
    core.release(reserved)
    core.metrics.inFlight.wrappingSubtract(1, ordering: .relaxed)
    core.answered("grpc", name, model: model, failure, after: .now - began, path: path)
  }
}
