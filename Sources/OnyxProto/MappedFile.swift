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
package struct MappedFile: Sendable {
  /// Knows whether the file was cut short.
  package let mapping: FileMapping
  /// Keeps the mapping alive.
  package let buffer: Buffer

  /// Throws `missingFile` when there is no regular file that can be read.
  package init(path: String) throws(OnyxError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .missing(path, "is not the path of a file") }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .missing(path, Self.reason(errno)) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, name: path, path: path)
  }

  /// Maps an open file; the descriptor can be closed afterwards.
  init(descriptor: Int32, name: String, path: String) throws(OnyxError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .missing(name, Self.reason(errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .missing(name, "is a folder, not a file")
    default: throw .missing(name, "is not a regular file")
    }
    mapping = try FileMapping(descriptor: descriptor, status: status, name: name, path: path)
    buffer = mapping.buffer()
  }

  /// A copy of the bytes of the file at `path`, for what outlives whoever could tell that the file was cut short. Throws as
  /// `init(path:)`, and `budgetExceeded` when there is no memory for them.
  static func copy(path: String) throws(OnyxError) -> ByteSlice {
    let file = try MappedFile(path: path)
    return try FileMapping.checking([file.mapping], asksSizes: true) { () throws(OnyxError) in try ByteSlice(file.buffer).copied() }
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
