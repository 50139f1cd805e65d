// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: what callers in C give lives and has the sizes that they say, as `onyx.h` asks; tensors over it copy what leaves.

import COnyx
import Onyx
import OnyxTensor

/// Stands for the owner of the caller's memory, whose lifetime the caller promises.
private final class Caller: Sendable { static let shared = Caller() }

private func type(_ number: Int32) throws(OnyxError) -> ElementType {
  guard let type = ElementType(rawValue: number) else { throw .usage("There is no element type \(number).") }
  return type
}

private func shape(_ rank: Int, _ extents: UnsafePointer<Int64>?) throws(OnyxError) -> Shape {
  guard rank > 0 else { return .scalar }
  // More axes than any operator knows are a mistake of the caller's, and would be read from memory that is not there.
  guard rank <= 64, let extents = unsafe extents else { throw .usage("The extents of \(rank) axes are NULL, or the axes too many.") }
  return try Shape(unsafe UnsafeBufferPointer(start: extents, count: rank).map { Int($0) })
}

private func bytes(_ start: UnsafeRawPointer?, _ count: Int) throws(OnyxError) -> UnsafeRawBufferPointer {
  guard unsafe count == 0 || count > 0 && start != nil else { throw .usage("The elements are NULL.") }
  return unsafe UnsafeRawBufferPointer(start: start, count: count)
}

private func kind(_ type: UnsafePointer<CChar>?) throws(OnyxError) -> ValueKind {
  let text = unsafe try CText.read(type, "type")
  guard let kind = ValueKind(text) else { throw .usage("There is no type '\(text)'.", remedy: "Types are float32, seq(int64) and so on.") }
  return kind
}

private func store(
  _ value: Value, _ place: UnsafeMutablePointer<OpaquePointer?>?
) throws(OnyxError) {
  guard let place = unsafe place else { throw .usage("There is no place for the value.") }
  unsafe place.pointee = Handle.make(ValueHandle(value))
}

@c @implementation public func onyx_tensor_borrow(
  _ elementType: Int32, _ rank: Int, _ extents: UnsafePointer<Int64>!, _ bytes: UnsafeRawPointer!, _ byteCount: Int,
  _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let memory = unsafe try OnyxC.bytes(bytes, byteCount)
    let tensor = unsafe try Tensor(
      viewing: memory, of: type(elementType), shape: shape(rank, extents), owner: Caller.shared)
    unsafe try store(.tensor(tensor), value)
  }
}

@c @implementation public func onyx_tensor_copy(
  _ elementType: Int32, _ rank: Int, _ extents: UnsafePointer<Int64>!, _ bytes: UnsafeRawPointer!, _ byteCount: Int,
  _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let memory = unsafe try OnyxC.bytes(bytes, byteCount)
    let tensor = unsafe try Tensor(viewing: memory, of: type(elementType), shape: shape(rank, extents), owner: nil)
    unsafe try store(.tensor(tensor), value)
  }
}

@c @implementation public func onyx_tensor_strings(
  _ rank: Int, _ extents: UnsafePointer<Int64>!, _ texts: UnsafePointer<UnsafePointer<CChar>?>!, _ lengths: UnsafePointer<Int>!,
  _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let shape = unsafe try shape(rank, extents)
    guard unsafe shape.elementCount == 0 || texts != nil else { throw .usage("The texts are NULL.") }
    var strings: [String] = []
    for index in 0..<shape.elementCount {
      let text = unsafe texts[index]
      let string =
        if let lengths = unsafe lengths {
          unsafe try CText.read(text, byteCount: lengths[index], "text \(index)")
        } else {
          unsafe try CText.read(text, "text \(index)")
        }
      strings.append(string)
    }
    unsafe try store(.tensor(Tensor(strings, shape: shape)), value)
  }
}

@c @implementation public func onyx_sequence_make(
  _ type: UnsafePointer<CChar>!, _ elements: UnsafePointer<OpaquePointer?>!, _ count: Int,
  _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let kind = unsafe try kind(type)
    guard unsafe count == 0 || count > 0 && elements != nil else { throw .usage("The elements are NULL.") }
    var values: [Value] = []
    for index in 0..<count {
      let element = unsafe try ValueHandle.of(elements[index], "element \(index)").value.owned()
      guard element.kind == kind else { throw .usage("Element \(index) is \(element), no \(kind).") }
      values.append(element)
    }
    unsafe try store(.sequence(of: kind, values), value)
  }
}

@c @implementation public func onyx_optional_make(
  _ type: UnsafePointer<CChar>!, _ content: OpaquePointer!, _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let kind = unsafe try kind(type)
    let held = unsafe try Handle.object(content, as: ValueHandle.self).map { (handle) throws(OnyxError) in try handle.value.owned() }
    if let held, held.kind != kind { throw .usage("The content is \(held), no \(kind).") }
    unsafe try store(.optional(of: kind, held), value)
  }
}

@c @implementation public func onyx_map_make(
  _ keys: OpaquePointer!, _ values: OpaquePointer!, _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let (keys, values) = unsafe (try ValueHandle.of(keys, "keys"), try ValueHandle.of(values, "values"))
    unsafe try store(.map(MapValue(keys: keys.value.owned().tensor(), values: values.value.owned().tensor())), value)
  }
}

extension Value {
  /// The value without memory of a caller.
  fileprivate func owned() throws(OnyxError) -> Value { try detached { buffer, _ in buffer.isView(of: Caller.shared) } }

  /// The value with a copy of each tensor inside, which a caller may write to.
  func copied() throws(OnyxError) -> Value { try detached { _, _ in true } }

  /// The value with a copy of each tensor inside that `isShared` says is memory of somebody else.
  func detached(_ isShared: (Buffer, Int) -> Bool) throws(OnyxError) -> Value {
    switch self {
    case .tensor(let tensor): return .tensor(try tensor.detached(isShared))
    case .sequence(let kind, var values):
      for index in values.indices { values[index] = try values[index].detached(isShared) }
      return .sequence(of: kind, values)
    case .optional(let kind, let content?): return .optional(of: kind, try content.detached(isShared))
    case .optional: return self
    case .map(let map):
      return .map(try MapValue(keys: map.keys.detached(isShared), values: map.values.detached(isShared)))
    }
  }
}

extension Tensor {
  func detached(_ isShared: (Buffer, Int) -> Bool) throws(OnyxError) -> Tensor {
    guard case .bytes(let buffer, let offset) = storage, isShared(buffer, offset) else { return self }
    return try copied()
  }
}
