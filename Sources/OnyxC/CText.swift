import Onyx

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A text in memory that C reads.
///
/// SAFETY: the memory lives as long as the object and is not written after `init`, hence `@unchecked Sendable`.
@safe final class CText: @unchecked Sendable {
  let address: UnsafeMutablePointer<CChar>
  /// Bytes without the zero at the end.
  let byteCount: Int

  init(_ text: String) {
    let bytes = Array(text.utf8)
    byteCount = bytes.count
    unsafe address = .allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { unsafe (address + index).initialize(to: CChar(bitPattern: byte)) }
    unsafe (address + bytes.count).initialize(to: 0)
  }

  deinit { unsafe address.deallocate() }

  /// A copy that `onyx_text_release` gives back.
  static func given(_ text: String) throws(OnyxError) -> UnsafeMutablePointer<CChar> {
    guard let copy = unsafe strdup(text) else { throw .budget("\(text.utf8.count) bytes could not be allocated.") }
    return unsafe copy
  }

  /// The caller's text. Throws `usage` for NULL and for what is not UTF-8, naming `what`.
  static func read(_ address: UnsafePointer<CChar>?, _ what: String) throws(OnyxError) -> String {
    guard let address = unsafe address else { throw .usage("The \(what) is NULL.") }
    guard let text = unsafe String(validatingCString: address) else { throw .usage("The \(what) is not UTF-8.") }
    return text
  }

  /// The same of a number of bytes.
  static func read(_ address: UnsafePointer<CChar>?, byteCount: Int, _ what: String) throws(OnyxError) -> String {
    guard let address = unsafe address else { throw .usage("The \(what) is NULL.") }
    let bytes = unsafe UnsafeRawBufferPointer(start: address, count: byteCount)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw .usage("The \(what) is not UTF-8.") }
    return text
  }
}
