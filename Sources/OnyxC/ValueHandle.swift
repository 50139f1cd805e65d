// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import COnyx
import Onyx
import OnyxTensor
import Synchronization

/// A value, with what C reads of it.
///
/// SAFETY: what is made later is made under a lock, lives as long as the object and is not written again. Hence `@unchecked Sendable`.
@safe final class ValueHandle: @unchecked Sendable {
  let value: Value
  private let made = Mutex(Made())

  /// Made when they are first asked for.
  @safe private struct Made: @unchecked Sendable {
    var extents: UnsafeMutablePointer<Int64>?
    var description: CText?
    var strings: [CText]?
  }

  init(_ value: Value) { self.value = value }

  deinit { made.withLock { made in unsafe made.extents?.deallocate() } }

  /// One for each axis of a tensor; nil of another value and of rank 0.
  var extents: UnsafePointer<Int64>? {
    guard let shape = tensor?.shape, shape.rank > 0 else { return nil }
    return unsafe made.withLock { made in
      if let known = unsafe made.extents { return unsafe UnsafePointer(known) }
      let memory = UnsafeMutablePointer<Int64>.allocate(capacity: shape.rank)
      for (axis, extent) in shape.enumerated() { unsafe (memory + axis).initialize(to: Int64(extent)) }
      unsafe made.extents = memory
      return unsafe UnsafePointer(memory)
    }
  }

  var tensor: Tensor? { if case .tensor(let tensor) = value { tensor } else { nil } }

  var description: CText {
    made.withLock { made in
      if let known = made.description { return known }
      let text = CText("\(value)")
      made.description = text
      return text
    }
  }

  /// String `index` of a tensor of strings; nil where there is none.
  func string(_ index: Int) -> CText? {
    guard case .strings(let strings)? = tensor?.storage, strings.indices.contains(index) else { return nil }
    return made.withLock { made in
      if made.strings == nil { made.strings = strings.map { CText($0) } }
      return made.strings?[index]
    }
  }

  /// Throws `usage` for NULL, naming `what`.
  static func of(_ handle: OpaquePointer?, _ what: String = "value") throws(OnyxError) -> ValueHandle {
    guard let handle = unsafe Handle.object(handle, as: ValueHandle.self) else { throw .usage("The \(what) is NULL.") }
    return handle
  }
}

private func handle(_ value: OpaquePointer?) -> ValueHandle? { unsafe Handle.object(value) }

@c @implementation public func onyx_value_release(_ value: OpaquePointer!) {
  unsafe Handle.release(value, as: ValueHandle.self)
}

@c @implementation public func onyx_value_kind(_ value: OpaquePointer!) -> Int32 {
  unsafe handle(value)?.value.kind.number ?? Int32(ONYX_KIND_UNKNOWN)
}

@c @implementation public func onyx_value_description(_ value: OpaquePointer!) -> UnsafePointer<CChar>! {
  unsafe handle(value).map { unsafe UnsafePointer($0.description.address) }
}

@c @implementation public func onyx_value_element_type(_ value: OpaquePointer!) -> Int32 {
  unsafe handle(value)?.tensor?.elementType.rawValue ?? 0
}

@c @implementation public func onyx_value_rank(_ value: OpaquePointer!) -> Int { unsafe handle(value)?.tensor?.shape.rank ?? 0 }

@c @implementation public func onyx_value_extents(_ value: OpaquePointer!) -> UnsafePointer<Int64>! {
  unsafe handle(value)?.extents
}

@c @implementation public func onyx_value_byte_count(_ value: OpaquePointer!) -> Int {
  unsafe handle(value)?.tensor?.byteCount ?? 0
}

@c @implementation public func onyx_value_bytes(_ value: OpaquePointer!) -> UnsafeRawPointer! {
  guard case .bytes(let buffer, let offset)? = unsafe handle(value)?.tensor?.storage else { return nil }
  return unsafe UnsafeRawPointer(buffer.pointer + offset)
}

@c @implementation public func onyx_value_string(
  _ value: OpaquePointer!, _ index: Int, _ length: UnsafeMutablePointer<Int>!
) -> UnsafePointer<CChar>! {
  guard let text = unsafe handle(value)?.string(index) else { return nil }
  if let length = unsafe length { unsafe length.pointee = text.byteCount }
  return unsafe UnsafePointer(text.address)
}

@c @implementation public func onyx_value_count(_ value: OpaquePointer!) -> Int {
  switch unsafe handle(value)?.value {
  case .tensor(let tensor)?: tensor.elementCount
  case .sequence(_, let values)?: values.count
  case .optional(_, let content)?: content == nil ? 0 : 1
  case .map(let map)?: map.keys.elementCount
  case nil: 0
  }
}

@c @implementation public func onyx_value_element(
  _ value: OpaquePointer!, _ index: Int, _ element: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let whole = unsafe try ValueHandle.of(value)
    guard let place = unsafe element else { throw .usage("There is no place for the element.") }
    let values: [Value] =
      switch whole.value {
      case .sequence(_, let values): values
      case .optional(_, let content): content.map { [$0] } ?? []
      default: []
      }
    guard values.indices.contains(index) else { throw .usage("The value \(whole.value) has no element \(index).") }
    unsafe place.pointee = Handle.make(ValueHandle(values[index]))
  }
}

@c @implementation public func onyx_value_entries(
  _ value: OpaquePointer!, _ keys: UnsafeMutablePointer<OpaquePointer?>!, _ values: UnsafeMutablePointer<OpaquePointer?>!,
  _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let whole = unsafe try ValueHandle.of(value)
    guard let keyPlace = unsafe keys, let valuePlace = unsafe values else { throw .usage("There is no place for the entries.") }
    guard case .map(let map) = whole.value else { throw .usage("The value \(whole.value) is no map.") }
    unsafe keyPlace.pointee = Handle.make(ValueHandle(.tensor(map.keys)))
    unsafe valuePlace.pointee = Handle.make(ValueHandle(.tensor(map.values)))
  }
}
