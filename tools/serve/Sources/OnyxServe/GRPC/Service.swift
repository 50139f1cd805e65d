import NIOCore
import Onyx

/// The methods of `inference.GRPCInferenceService` that are answered.
package enum Method: String, Sendable {
  case live = "ServerLive"
  case ready = "ServerReady"
  case modelReady = "ModelReady"
  case metadata = "ServerMetadata"
  case modelMetadata = "ModelMetadata"
  case infer = "ModelInfer"
  case index = "RepositoryIndex"
  case load = "RepositoryModelLoad"
  case unload = "RepositoryModelUnload"

  /// nil for a path of no such method.
  package init?(path: String) {
    let prefix = "/inference.GRPCInferenceService/"
    guard path.hasPrefix(prefix) else { return nil }
    self.init(rawValue: String(path.dropFirst(prefix.count)))
  }
}

/// The answers over gRPC that need no run.
package struct Service {
  private let core: ServerCore

  package init(_ core: ServerCore) { self.core = core }

  /// For all methods but inference and control.
  package func message(_ method: Method, _ request: WireReader) throws(Failure) -> ByteBuffer {
    var writer = WireWriter()
    switch method {
    case .live: writer.bool(1, true)
    case .ready: writer.bool(1, core.isReady)
    case .modelReady:
      let (name, version) = try Self.target(request)
      writer.bool(1, (try? core.repository.model(name, version: version)) != nil)
    case .metadata:
      writer.text(1, "onyx-serve")
      writer.text(2, Session.version)
      for name in ServerCore.extensions { writer.text(3, name) }
    case .modelMetadata:
      let (name, version) = try Self.target(request)
      let served = try core.repository.model(name, version: version)
      writer.text(1, name)
      for version in try core.repository.versions(of: name) { writer.text(2, version) }
      writer.text(3, ModelPort.platform)
      for (field, ports) in [(4, ModelPort.inputs(served)), (5, ModelPort.outputs(served))] {
        for port in ports {
          try writer.message(field) { (writer) throws(Failure) in
            writer.text(1, port.name)
            writer.text(2, port.datatype)
            writer.integers(3, port.shape)
          }
        }
      }
    case .index:
      for slot in core.repository.slots {
        try writer.message(1) { (writer) throws(Failure) in
          writer.text(1, slot.entry.name)
          writer.text(2, slot.entry.version)
          writer.text(3, slot.served == nil ? "UNAVAILABLE" : "READY")
          writer.text(4, slot.failure ?? "")
        }
      }
    case .infer, .load, .unload: throw Failure(.internalError, "The method is another's.")
    }
    return writer.bytes
  }

  private static func target(_ request: WireReader) throws(Failure) -> (name: String, version: String?) {
    var (reader, name, version) = (request, "", "")
    while let (field, value) = try reader.next() {
      if field == 1 { name = try value.text() }
      if field == 2 { version = try value.text() }
    }
    return (name, version.isEmpty ? nil : version)
  }
}
