/// Objects of the C interface: an address that holds one reference, from the function that makes it to the `_release` of its kind.
///
/// SAFETY: an address comes from `make` of the same type, as `onyx.h` asks of the caller; nil is checked.
enum Handle {
  static func make(_ object: some AnyObject) -> OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

  /// nil for NULL.
  static func object<T: AnyObject>(_ handle: OpaquePointer?, as type: T.Type = T.self) -> T? {
    guard let handle = unsafe handle else { return nil }
    return unsafe Unmanaged<T>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
  }

  static func release<T: AnyObject>(_ handle: OpaquePointer?, as type: T.Type) {
    if let handle = unsafe handle { unsafe Unmanaged<T>.fromOpaque(UnsafeRawPointer(handle)).release() }
  }
}
