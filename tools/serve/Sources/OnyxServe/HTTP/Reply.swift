import NIOCore
import NIOHTTP1

/// An answer over HTTP.
package struct Reply: Sendable {
  package var status = HTTPResponseStatus.ok
  package var headers: [(String, String)] = []
  package var body = ByteBuffer()

  /// A JSON document.
  package static func json(_ writer: JSONWriter, status: HTTPResponseStatus = .ok) -> Reply {
    Reply(status: status, headers: [("Content-Type", "application/json")], body: ByteBuffer(bytes: writer.bytes))
  }

  /// A document with one object.
  package static func json(_ body: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) -> Reply {
    var writer = JSONWriter()
    try writer.object(body)
    return json(writer)
  }

  /// `{"error": …}`, as the protocol has it.
  package init(_ failure: Failure) {
    var writer = JSONWriter()
    try? writer.object { (writer) throws(Failure) in writer.member("error", failure.message) }
    self = .json(writer, status: failure.status)
    if failure.kind == .unauthenticated { headers.append(("WWW-Authenticate", "Bearer")) }
    if failure.kind == .tooManyRequests || failure.kind == .unavailable { headers.append(("Retry-After", "1")) }
  }

  package init(status: HTTPResponseStatus = .ok, headers: [(String, String)] = [], body: ByteBuffer = ByteBuffer()) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
