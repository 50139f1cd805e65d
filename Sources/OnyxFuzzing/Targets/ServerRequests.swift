import Foundation
import OnyxTestSupport

/// Requests, whole and broken, to a running `onyx-serve`, which lies beside this program: it has to live and to answer the next one.
/// An input is a byte that chooses the port (0 HTTP, 1 gRPC), and what is sent.
package final class ServerRequests: FuzzTarget {
  package static let name = "server"
  private var server: RunningServer?
  private var requests = 0

  package init() {}

  package var child: Int32 { server?.identifier ?? 0 }

  package func input(_ generator: inout SeededGenerator) -> [UInt8] {
    var mutator = ByteMutator(generator)
    defer { generator = mutator.generator }
    return mutator.below(2) == 0 ? [0] + http(&mutator) : [1] + call(&mutator)
  }

  private func http(_ mutator: inout ByteMutator) -> [UInt8] {
    let (head, body) = mutator.pick(RequestSeeds.http)
    let bodies = RequestSeeds.http.map(\.body)
    switch mutator.below(4) {
    case 0: return mutator.mutated(RequestSeeds.http(Array(head.utf8), body, chunked: false), others: bodies)
    case 1: return RequestSeeds.http(mutator.mutated(Array(head.utf8), others: []), body, chunked: mutator.below(3) == 0)
    default: return RequestSeeds.http(Array(head.utf8), mutator.mutated(body, others: bodies), chunked: mutator.below(5) == 0)
    }
  }

  private func call(_ mutator: inout ByteMutator) -> [UInt8] {
    let (method, message) = mutator.pick(RequestSeeds.calls)
    switch mutator.below(5) {
    case 0: return mutator.mutated(RequestSeeds.call(method, message), others: [])
    case 1: return RequestSeeds.call(method, message, prefix: mutator.mutated([0, 0, 0, 0, UInt8(message.count)], others: []))
    case 2: return RequestSeeds.call(method, mutator.mutated(message, others: []), compressed: 1)
    default: return RequestSeeds.call(method, mutator.mutated(message, others: RequestSeeds.calls.map(\.message)))
    }
  }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    guard let port = input.first else { return false }
    if server == nil { server = try RunningServer() }
    guard let server else { return false }
    let answer = server.ask(port % 2 == 0 ? server.port : server.grpcPort, Array(input.dropFirst()), milliseconds: 40)
    if port % 2 == 0, !answer.isEmpty, !answer.starts(with: Array("HTTP/1.".utf8)) {
      throw Finding("HTTP is answered by \(answer.prefix(40)).")
    }
    requests += 1
    if requests % 50 == 1 || !server.isRunning { try server.expectHealth() }
    return !answer.isEmpty
  }

  package func reductions(of input: [UInt8]) -> [[UInt8]] { bytewise(Array(input.dropFirst())).map { [input[0]] + $0 } }
}

/// A server of one small model, on free ports.
private final class RunningServer {
  private let process = Process()
  private let folder: TemporaryDirectory
  private let log: String
  let port: UInt16
  let grpcPort: UInt16

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  init() throws(Finding) {
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "onyx-serve")
    do {
      folder = try TemporaryDirectory()
      let models = folder.url.appending(path: "models/\(RequestSeeds.model)")
      try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
      try Data(Onnx.good).write(to: models.appending(path: "model.onnx"))
      log = folder.path("log")
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      process.executableURL = program
      process.arguments = [folder.path("models"), "--port", "0", "--grpc-port", "0"]
      process.standardError = FileHandle(forWritingAtPath: log)
      process.standardOutput = FileHandle.nullDevice
      signal(SIGPIPE, SIG_IGN)
      try process.run()
    } catch { throw Finding("'\(program.path())' does not start: \(error)") }
    let begun = ContinuousClock.now
    while true {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      if let line = text.split(separator: "\n").first(where: { $0.contains("\"Listening\"") }), let http = Self.number("http", line),
        let grpc = Self.number("grpc", line)
      {
        (port, grpcPort) = (http, grpc)
        return
      }
      guard process.isRunning, ContinuousClock.now - begun < .seconds(60) else {
        throw Finding("onyx-serve does not listen: \(text.suffix(2000))")
      }
      usleep(20000)
    }
  }

  deinit { process.terminate() }

  private static func number(_ key: String, _ line: Substring) -> UInt16? {
    guard let place = line.range(of: "\"\(key)\":") else { return nil }
    return UInt16(line[place.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber })
  }

  /// Throws unless the server answers that it lives, in memory that its one small model explains.
  func expectHealth() throws(Finding) {
    let answer = ask(port, Array("GET /v2/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8), milliseconds: 10000)
    let memory = ProcessState(identifier).residentBytes
    guard answer.starts(with: Array("HTTP/1.1 200".utf8)), process.isRunning, memory < Limits.standard.memory else {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw Finding(
        "onyx-serve lives no more, or in \(memory >> 20) MB; \(String(decoding: answer.prefix(200), as: UTF8.self))\n\(text.suffix(6000))")
    }
  }

  /// Sends bytes on a connection of their own; what comes back within a time.
  ///
  /// SAFETY: the address and the buffers live for the calls that get them, with the sizes that stand beside them.
  func ask(_ port: UInt16, _ bytes: [UInt8], milliseconds: Int32) -> [UInt8] {
    #if canImport(Darwin)
      let kind = SOCK_STREAM
    #else
      let kind = Int32(SOCK_STREAM.rawValue)
    #endif
    let connection = socket(AF_INET, kind, 0)
    guard connection >= 0 else { return [] }
    defer { close(connection) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(connection, $0, size) == 0 }
    }
    guard isConnected else { return [] }
    _ = unsafe bytes.withUnsafeBytes { unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
    var events = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&events, 1, milliseconds) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(connection, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
    return Array(buffer.prefix(max(count, 0)))
  }
}
