import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file in memory, read-only: its pages are read when they are first touched, and nothing is copied.
///
/// SAFETY: the C functions get strings that end in NUL and a status to fill.
/// The file must not be cut short while it is mapped: reading past its new end stops the process (SIGBUS).
package struct MappedFile: Sendable {
  package let path: String
  /// Keeps the mapping alive.
  package let buffer: Buffer

  /// Throws `missingFile` when there is no regular file that can be read.
  package init(path: String) throws(OnyxError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .missing(path, "is not the path of a file") }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .missing(path, Self.reason(errno)) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps an open file; the descriptor can be closed afterwards.
  init(descriptor: Int32, path: String) throws(OnyxError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .missing(path, Self.reason(errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .missing(path, "is a folder, not a file")
    default: throw .missing(path, "is not a regular file")
    }
    guard let byteCount = Int(exactly: status.st_size), byteCount >= 0 else { throw .missing(path, "has no size") }
    self.path = path
    buffer = try Mapping(descriptor: descriptor, byteCount: byteCount, path: path).buffer()
  }

  static func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT, ENOTDIR: "does not exist"
    case EACCES, EPERM: "cannot be read: permission denied"
    case EISDIR: "is a folder, not a file"
    default: "cannot be read (error \(code))"
    }
  }
}

extension OnyxError {
  static func missing(_ path: String, _ reason: String) -> OnyxError {
    OnyxError(.missingFile, "The file '\(path)' \(reason).", remedy: "Check the path.")
  }
}

/// SAFETY: the pages are mapped read-only from `init` to `deinit`, and only `Buffer`s that own this object point to them.
@safe private final class Mapping: @unchecked Sendable {
  private let start: UnsafeMutableRawPointer?
  private let byteCount: Int

  /// An empty file cannot be mapped and has no start.
  init(descriptor: Int32, byteCount: Int, path: String) throws(OnyxError) {
    self.byteCount = byteCount
    guard byteCount > 0 else {
      unsafe start = nil
      return
    }
    let mapped = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw .missing(path, "cannot be mapped (error \(errno))") }
    unsafe start = mapped
  }

  func buffer() -> Buffer {
    unsafe Buffer(viewing: UnsafeRawBufferPointer(start: start, count: byteCount), owner: self, isMappedFile: true)
  }

  deinit { if let start = unsafe start { unsafe munmap(start, byteCount) } }
}
