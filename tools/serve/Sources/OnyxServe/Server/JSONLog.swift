import Logging

/// One JSON object for each message, on one line of stderr: time, level, message, and the metadata as further members.
public struct JSONLog: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level = .info

  /// A handler of the level `info`.
  public init() {}

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    Files.writeToStandardError(Self.line(event.level, event.message, metadata.merging(event.metadata ?? [:]) { $1 }))
  }

  /// The line with its end.
  package static func line(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> [UInt8] {
    var writer = JSONWriter()
    try? writer.object { (writer) throws(Failure) in
      writer.member("time", ProcessFacts.timestamp)
      writer.member("level", level.rawValue)
      writer.member("message", message.description)
      for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { writer.member(key, value.description) }
    }
    return writer.bytes + [UInt8(ascii: "\n")]
  }
}
