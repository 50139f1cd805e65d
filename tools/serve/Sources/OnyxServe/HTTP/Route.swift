import NIOHTTP1

/// What a request over HTTP asks for, by its method and path.
package enum Route: Sendable, Equatable {
  case live, ready, metadata, metrics
  case modelReady(String, version: String?)
  case modelMetadata(String, version: String?)
  case infer(String, version: String?)
  case index
  case load(String)
  case unload(String)

  /// Throws `notFound` and `methodNotAllowed`.
  package init(_ method: HTTPMethod, _ uri: String) throws(Failure) {
    let path = uri.prefix { $0 != "?" }
    var parts: [String] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      guard let decoded = Self.decoded(part) else { throw Failure(.badRequest, "The path '\(path)' has a broken percent escape.") }
      parts.append(decoded)
    }
    let (route, expected) = try Self.route(parts, path)
    guard method == expected || method == .HEAD && expected == .GET else {
      throw Failure(.methodNotAllowed, "The path '\(path)' takes \(expected.rawValue).")
    }
    self = route
  }

  private static func route(_ parts: [String], _ path: Substring) throws(Failure) -> (Route, HTTPMethod) {
    let missing = Failure(.notFound, "There is nothing at '\(path)'; the paths are those of the Open Inference Protocol, from /v2 on.")
    if parts == ["metrics"] { return (.metrics, .GET) }
    guard parts.first == "v2" else { throw missing }
    switch parts.count {
    case 1: return (.metadata, .GET)
    case 3 where parts[1] == "health":
      if parts[2] == "live" { return (.live, .GET) }
      if parts[2] == "ready" { return (.ready, .GET) }
    case 3 where parts[1] == "repository" && parts[2] == "index": return (.index, .POST)
    case 5 where parts[1] == "repository" && parts[2] == "models":
      if parts[4] == "load" { return (.load(parts[3]), .POST) }
      if parts[4] == "unload" { return (.unload(parts[3]), .POST) }
    default: break
    }
    guard parts.count > 2, parts[1] == "models" else { throw missing }
    let hasVersion = parts.count > 4 && parts[3] == "versions"
    let version = hasVersion ? parts[4] : nil
    switch parts.dropFirst(hasVersion ? 5 : 3) {
    case []: return (.modelMetadata(parts[2], version: version), .GET)
    case ["ready"]: return (.modelReady(parts[2], version: version), .GET)
    case ["infer"]: return (.infer(parts[2], version: version), .POST)
    default: throw missing
    }
  }

  private static func decoded(_ part: Substring) -> String? {
    guard part.utf8.contains(UInt8(ascii: "%")) else { return String(part) }
    var bytes: [UInt8] = []
    var rest = Substring(part).utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        let digits = String(Substring(rest.prefix(2)))
        guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), !digits.hasPrefix("+") else { return nil }
        rest = rest.dropFirst(2)
        bytes.append(value)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
