import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whole files as bytes.
package enum FileBytes {
  /// The bytes of a file, or of a pipe that is open already: the standard input, `/dev/fd/N`. Anything else that is no regular file is
  /// refused, since it may have no end, or nobody who writes it.
  ///
  /// Throws `missingFile` when it is not there or cannot be read, and `budgetExceeded` when there is no memory for it.
  package static func read(_ path: String) throws(OnyxError) -> [UInt8] {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw OnyxError(.missingFile, "'\(path)' is not the path of a file.") }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    var file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    // A socket that is open already has no name to open it by.
    if file < 0, errno == ENXIO, let stream = OutputFile.openDescriptor(path) { file = dup(stream) }
    guard file >= 0 else { throw unreadable(path) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw unreadable(path) }
    try checkKind(status.st_mode & S_IFMT, file, path)
    guard Int(status.st_size) <= Buffer.largestByteCount else {
      throw .budget("'\(path)' has \(status.st_size) bytes, more than half of the machine's or container's memory.")
    }
    return try read(file, sizeHint: Int(max(status.st_size, 0)), path)
  }

  private static func checkKind(_ kind: mode_t, _ file: Int32, _ path: String) throws(OnyxError) {
    let isOpen = OutputFile.openDescriptor(path) != nil
    switch kind {
    case S_IFREG: return
    case S_IFSOCK where isOpen: return
    case S_IFDIR: throw OnyxError(.missingFile, "'\(path)' is a directory.", remedy: "Name a file inside it.")
    case S_IFIFO where isOpen, S_IFCHR where isOpen && isatty(file) != 0: _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK)
    default:
      let name = kind == S_IFIFO ? "a named pipe" : kind == S_IFSOCK ? "a socket" : "a device"
      throw OnyxError(
        .missingFile, "'\(path)' is \(name), not a file.", remedy: "Write what comes from it to a file, or pipe it to the standard input.")
    }
  }

  private static func read(_ file: Int32, sizeHint: Int, _ path: String) throws(OnyxError) -> [UInt8] {
    // An array ends the process when there is no memory for it; a buffer tells.
    _ = try Buffer(uninitializedByteCount: sizeHint + 1)
    // A pipe says size 0, a growing file a stale one: the size is a hint only.
    var bytes = [UInt8]()
    bytes.reserveCapacity(sizeHint + 1)
    while true {
      guard let piece = readPiece(file, max(1 << 16, min(sizeHint - bytes.count + 1, 1 << 24))) else { throw unreadable(path) }
      if piece.isEmpty { return bytes }
      // An array that grows takes twice as much, beside what it has.
      guard bytes.count + piece.count <= max(sizeHint, Buffer.largestByteCount / 4) else {
        throw .budget("'\(path)' gives more than \(bytes.count) bytes.", remedy: "Write it to a file, which is read at once.")
      }
      if bytes.count + piece.count > bytes.capacity { _ = try Buffer(uninitializedByteCount: 2 * bytes.capacity + piece.count) }
      bytes += piece
    }
  }

  /// Makes a file, or replaces one as a whole: see `OutputFile`. Throws `missingFile` when the path cannot be written and `outputFailed`
  /// when there is no room for it.
  package static func write(_ bytes: [UInt8], to path: String) throws(OnyxError) {
    let file = try OutputFile(path)
    // SAFETY: the pointer is used only inside the closure, for the count that belongs to it.
    let failure = unsafe bytes.withUnsafeBytes { bytes -> OnyxError? in
      do throws(OnyxError) { try unsafe file.write(bytes) } catch { return error }
      return nil
    }
    if let failure { throw failure }
    try file.finish()
  }

  /// As `write(_:to:)`, of pieces one after the other.
  package static func replace(_ path: String, by pieces: [Buffer]) throws(OnyxError) {
    let file = try OutputFile(path)
    for piece in pieces { try unsafe piece.withUnalignedBytes { (bytes) throws(OnyxError) in try unsafe file.write(bytes) } }
    try file.finish()
  }

  private static func readPiece(_ file: Int32, _ count: Int) -> [UInt8]? {
    var failed = false
    // SAFETY: the system call writes at most `count` bytes, the capacity; the count of initialized bytes is what it returned.
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      var got = -1
      repeat { got = unsafe readOnce(file, target.baseAddress, count) } while got < 0 && errno == EINTR
      failed = got < 0
      filled = max(got, 0)
    }
    return failed ? nil : piece
  }

  private static func unreadable(_ path: String) -> OnyxError {
    let number = errno
    if number == ENOENT { return OnyxError(.missingFile, "There is no file '\(path)'.", remedy: "Check the path.") }
    return OnyxError(.missingFile, "'\(path)' cannot be read: \(unsafe String(cString: strerror(number))).")
  }
}

// The member `read` of FileBytes hides the system's function of the same name.
@unsafe private func readOnce(_ file: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
  unsafe read(file, target, count)
}
