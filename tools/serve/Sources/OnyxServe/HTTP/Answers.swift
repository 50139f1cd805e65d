import NIOCore
import NIOHTTP1
import Onyx

/// The answers over HTTP that need no run.
package struct Answers {
  private let core: ServerCore

  package init(_ core: ServerCore) { self.core = core }

  /// For all routes but inference and control.
  package func reply(_ route: Route) throws(Failure) -> Reply {
    switch route {
    case .live: return try Reply.json { (writer) throws(Failure) in writer.member("live", true) }
    case .ready:
      let isReady = core.isReady
      var reply = try Reply.json { (writer) throws(Failure) in
        writer.member("ready", isReady)
        if !isReady {
          writer.key("reasons")
          try writer.array { (writer) throws(Failure) in for reason in core.reasons { writer.string(reason) } }
        }
      }
      if !isReady { reply.status = .serviceUnavailable }
      return reply
    case .metadata:
      return try Reply.json { (writer) throws(Failure) in
        writer.member("name", "onyx-serve")
        writer.member("version", Session.version)
        writer.key("extensions")
        try writer.array { (writer) throws(Failure) in for name in ServerCore.extensions { writer.string(name) } }
      }
    case .metrics:
      return Reply(
        headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
        body: ByteBuffer(string: core.metrics.text(core.repository, isReady: core.isReady)))
    case .modelReady(let name, let version):
      let served = try core.repository.model(name, version: version)
      return try Reply.json { (writer) throws(Failure) in
        writer.member("name", name)
        writer.member("version", served.entry.version)
        writer.member("ready", true)
      }
    case .modelMetadata(let name, let version): return try metadata(try core.repository.model(name, version: version), name)
    case .index: return try index()
    case .infer, .load, .unload: throw Failure(.internalError, "The route is another's.")
    }
  }

  private func metadata(_ served: ServedModel, _ name: String) throws(Failure) -> Reply {
    let versions = try core.repository.versions(of: name)
    return try Reply.json { (writer) throws(Failure) in
      writer.member("name", name)
      writer.key("versions")
      try writer.array { (writer) throws(Failure) in for version in versions { writer.string(version) } }
      writer.member("platform", ModelPort.platform)
      for (key, ports) in [("inputs", ModelPort.inputs(served)), ("outputs", ModelPort.outputs(served))] {
        writer.key(key)
        try writer.array { (writer) throws(Failure) in
          for port in ports {
            try writer.object { (writer) throws(Failure) in
              writer.member("name", port.name)
              writer.member("datatype", port.datatype)
              writer.member("shape", port.shape)
            }
          }
        }
      }
    }
  }

  private func index() throws(Failure) -> Reply {
    var writer = JSONWriter()
    try writer.array { (writer) throws(Failure) in
      for slot in core.repository.slots {
        try writer.object { (writer) throws(Failure) in
          writer.member("name", slot.entry.name)
          writer.member("version", slot.entry.version)
          writer.member("state", slot.served == nil ? "UNAVAILABLE" : "READY")
          writer.member("reason", slot.failure ?? "")
        }
      }
    }
    return Reply.json(writer)
  }
}

/// An input or output of a model as the protocol's metadata have it.
package struct ModelPort {
  /// What runs the models.
  package static let platform = "onnx_onyx"

  package let name: String
  /// "" for a value that is no tensor or of a type that the protocol lacks.
  package let datatype: String
  /// −1 for what is dynamic.
  package let shape: [Int]

  private init(_ port: TensorSpecification) {
    name = port.name
    datatype = port.elementType?.datatype ?? ""
    shape = (port.shape ?? []).map { extent in
      switch extent {
      case .fixed(let size): size
      case .symbolic: -1
      }
    }
  }

  package static func inputs(_ model: ServedModel) -> [ModelPort] { model.session.inputs.map { ModelPort($0) } }
  package static func outputs(_ model: ServedModel) -> [ModelPort] { model.session.outputs.map { ModelPort($0) } }
}
