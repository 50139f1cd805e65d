// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: addresses are those of `Handle`, and places and texts live as long as the call.

import COnyx
import Onyx
import Synchronization

/// A session, and what it takes and gives in memory that C reads.
final class SessionHandle: Sendable {
  let model: Model
  let session: Session
  let inputs: Ports
  let outputs: Ports

  init(_ model: Model, _ options: SessionOptions) throws(OnyxError) {
    self.model = model
    session = try Session(model, options: options)
    inputs = Ports(session.inputs)
    outputs = Ports(session.outputs)
  }

  /// Throws `usage` for NULL.
  static func of(_ session: OpaquePointer?) throws(OnyxError) -> SessionHandle {
    guard let handle = unsafe Handle.object(session, as: SessionHandle.self) else { throw .usage("The session is NULL.") }
    return handle
  }
}

/// A copy of a model in the caller's memory.
func model(_ bytes: UnsafeRawPointer?, _ byteCount: Int, _ directory: UnsafePointer<CChar>?) throws(OnyxError) -> Model {
  guard let bytes = unsafe bytes, byteCount >= 0 else { throw .usage("The model is NULL.") }
  let copy = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: byteCount))
  let folder = unsafe try directory.map { (text) throws(OnyxError) in unsafe try CText.read(text, "directory") }
  return try Model(bytes: copy, baseDirectory: folder)
}

/// Opens a session and stores it at `place`.
private func open(
  _ model: Model, _ options: OpaquePointer?, _ place: UnsafeMutablePointer<OpaquePointer?>?
) throws(OnyxError) {
  guard let place = unsafe place else { throw .usage("There is no place for the session.") }
  let options = unsafe Handle.object(options, as: OptionsHandle.self)?.options.withLock { $0 } ?? SessionOptions()
  unsafe place.pointee = Handle.make(try SessionHandle(model, options))
}

@c @implementation public func onyx_session_open(
  _ path: UnsafePointer<CChar>!, _ options: OpaquePointer!, _ session: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in unsafe try open(Model(path: CText.read(path, "path")), options, session) }
}

@c @implementation public func onyx_session_open_bytes(
  _ bytes: UnsafeRawPointer!, _ byteCount: Int, _ directory: UnsafePointer<CChar>!, _ options: OpaquePointer!,
  _ session: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    unsafe try open(model(bytes, byteCount, directory), options, session)
  }
}

@c @implementation public func onyx_session_release(_ session: OpaquePointer!) {
  unsafe Handle.release(session, as: SessionHandle.self)
}

@c @implementation public func onyx_session_input_count(_ session: OpaquePointer!) -> Int {
  unsafe Handle.object(session, as: SessionHandle.self)?.inputs.count ?? 0
}

@c @implementation public func onyx_session_output_count(_ session: OpaquePointer!) -> Int {
  unsafe Handle.object(session, as: SessionHandle.self)?.outputs.count ?? 0
}

@c @implementation public func onyx_session_input(_ session: OpaquePointer!, _ index: Int) -> UnsafePointer<onyx_port>! {
  unsafe Handle.object(session, as: SessionHandle.self)?.inputs[index]
}

@c @implementation public func onyx_session_output(_ session: OpaquePointer!, _ index: Int) -> UnsafePointer<onyx_port>! {
  unsafe Handle.object(session, as: SessionHandle.self)?.outputs[index]
}

@c @implementation public func onyx_session_restart_threads(_ session: OpaquePointer!) {
  unsafe Handle.object(session, as: SessionHandle.self)?.session.restartThreads()
}

@c @implementation public func onyx_session_thread_count(_ session: OpaquePointer!) -> Int32 {
  unsafe Int32(Handle.object(session, as: SessionHandle.self)?.session.threadCount ?? 0)
}
