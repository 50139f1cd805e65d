// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import COnyx
import Onyx
import OnyxRuntime
import OnyxTensor
import Synchronization

/// By what another thread ends runs.
final class RunHandle: Sendable {
  private struct State {
    var isCancelled = false
    /// The runs that go on.
    var controls: [RunControl] = []
  }

  private let state = Mutex(State())

  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      for control in state.controls { control.cancel() }
    }
  }

  /// Calls `body`, which `cancel` ends by `control`.
  func perform<R>(_ control: RunControl, _ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
    state.withLock { state in
      if state.isCancelled { control.cancel() }
      state.controls.append(control)
    }
    defer { state.withLock { state in state.controls.removeAll { $0 === control } } }
    return try body()
  }
}

@c @implementation public func onyx_run_make() -> OpaquePointer! { unsafe Handle.make(RunHandle()) }

@c @implementation public func onyx_run_cancel(_ run: OpaquePointer!) { unsafe Handle.object(run, as: RunHandle.self)?.cancel() }

@c @implementation public func onyx_run_release(_ run: OpaquePointer!) { unsafe Handle.release(run, as: RunHandle.self) }

/// What a run is given: for each input its value.
///
/// SAFETY: the caller's array has a place for each input of the session.
@safe private struct Inputs {
  private let count: Int
  private let handles: UnsafePointer<OpaquePointer?>?

  init(_ session: SessionHandle, _ handles: UnsafePointer<OpaquePointer?>?) throws(OnyxError) {
    count = session.inputs.count
    guard unsafe count == 0 || handles != nil else { throw .usage("The inputs are NULL.") }
    unsafe self.handles = handles
  }

  private subscript(index: Int) -> ValueHandle? { unsafe handles.flatMap { unsafe Handle.object($0[index], as: ValueHandle.self) } }

  var values: [Value?] {
    var values: [Value?] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(self[index]?.value) }
    return values
  }

  /// The tensors; nil when a value is none.
  var tensors: [Tensor?]? {
    var tensors: [Tensor?] = []
    tensors.reserveCapacity(count)
    for index in 0..<count {
      guard let handle = self[index] else {
        tensors.append(nil)
        continue
      }
      guard case .tensor(let tensor) = handle.value else { return nil }
      tensors.append(tensor)
    }
    return tensors
  }
}

private func perform<R>(_ run: OpaquePointer?, _ control: RunControl, _ body: () throws(OnyxError) -> R) throws(OnyxError) -> R {
  guard let handle = unsafe Handle.object(run, as: RunHandle.self) else { return try body() }
  return try handle.perform(control, body)
}

@c @implementation public func onyx_session_run(
  _ session: OpaquePointer!, _ inputs: UnsafePointer<OpaquePointer?>!, _ outputs: UnsafeMutablePointer<OpaquePointer?>!,
  _ run: OpaquePointer!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let handle = unsafe try SessionHandle.of(session)
    let given = unsafe try Inputs(handle, inputs)
    guard let places = unsafe outputs else { throw .usage("There is no place for the outputs.") }
    let control = handle.session.control()
    // Nothing is stored before all of it is made.
    if handle.session.isOfTensors, let tensors = given.tensors {
      let made = unsafe try perform(run, control) { () throws(OnyxError) in try handle.session.run(inOrder: tensors, control: control) }
      for index in made.indices { unsafe places[index] = Handle.make(ValueHandle(.tensor(made[index]))) }
    } else {
      let values = given.values
      let made = unsafe try perform(run, control) { () throws(OnyxError) in try handle.session.run(inOrder: values, control: control) }
      var results: [Value] = []
      for value in made { results.append(try value.copied()) }
      for index in results.indices { unsafe places[index] = Handle.make(ValueHandle(results[index])) }
    }
  }
}

@c @implementation public func onyx_session_fetch(
  _ session: OpaquePointer!, _ inputs: UnsafePointer<OpaquePointer?>!, _ names: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int,
  _ results: UnsafeMutablePointer<OpaquePointer?>!, _ run: OpaquePointer!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let handle = unsafe try SessionHandle.of(session)
    let given = unsafe try Inputs(handle, inputs)
    guard count > 0 else { return }
    guard let names = unsafe names, let places = unsafe results else { throw .usage("The names or the places of the results are NULL.") }
    var asked: [String] = []
    for index in 0..<count { asked.append(unsafe try CText.read(names[index], "name \(index)")) }
    var named: [String: Value] = [:]
    for (port, value) in zip(handle.session.inputs, given.values) { named[port.name] = value }
    let control = handle.session.control()
    let made = unsafe try perform(run, control) { () throws(OnyxError) in
      try handle.session.run(named, fetching: asked, control: control)
    }
    var found: [Value] = []
    for name in asked {
      guard let value = made[name] else {
        throw .usage("The graph has no value '\(name)'.", remedy: "Patterns and names of modules are not taken here.")
      }
      found.append(try value.copied())
    }
    for index in found.indices { unsafe places[index] = Handle.make(ValueHandle(found[index])) }
  }
}

@c @implementation public func onyx_session_attention(
  _ session: OpaquePointer!, _ inputs: UnsafePointer<OpaquePointer?>!, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!,
  _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let handle = unsafe try SessionHandle.of(session)
    guard let tensors = unsafe try Inputs(handle, inputs).tensors else {
      throw .usage("The attention of a model is told of for tensors.", remedy: "Sequences, optionals and maps are not taken here.")
    }
    guard let place = unsafe json else { throw .usage("There is no place for the report.") }
    var named: [String: Tensor] = [:]
    for (port, tensor) in zip(handle.session.inputs, tensors) { named[port.name] = tensor }
    unsafe place.pointee = try CText.given(JSONText.encode(handle.session.attentionBlocks(for: named)))
  }
}
