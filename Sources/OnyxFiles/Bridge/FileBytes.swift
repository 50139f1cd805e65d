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
  /// The bytes of a file. Throws `missingFile` when it is not there or cannot be read.
  package static func read(_ path: String) throws(OnyxError) -> [UInt8] {
    try checkPath(path)
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw unreadable(path) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw unreadable(path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw OnyxError(.missingFile, "'\(path)' is a directory.", remedy: "Name a file inside it.")
    }
    guard Int(status.st_size) <= Buffer.largestByteCount else {
      throw .budget("'\(path)' has \(status.st_size) bytes, more than half of the machine's or container's memory.")
    }
    // A pipe says size 0, a growing file a stale one: the size is a hint only.
    var bytes = [UInt8]()
    bytes.reserveCapacity(Int(max(status.st_size, 0)) + 1)
    while true {
      guard let piece = readPiece(file, max(1 << 16, min(Int(status.st_size) - bytes.count + 1, 1 << 24))) else { throw unreadable(path) }
      if piece.isEmpty { return bytes }
      bytes += piece
    }
  }

  /// Makes or replaces a file. Throws `missingFile` when the path cannot be written.
  package static func write(_ bytes: [UInt8], to path: String) throws(OnyxError) {
    try checkPath(path)
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw unwritable(path) }
    var rest = bytes[...]
    var isComplete = true
    while isComplete && !rest.isEmpty {
      // SAFETY: the pointer is used only inside the closure, for the count that belongs to it.
      let count = unsafe rest.withUnsafeBytes { unsafe writeOnce(file, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { isComplete = false }
    }
    let failure = isComplete ? nil : unwritable(path)
    guard close(file) == 0 || failure != nil else { throw unwritable(path) }
    if let failure { throw failure }
  }

  /// Makes a file, or replaces one as a whole: it is written beside its place and renamed, so that who reads meanwhile sees the old file
  /// or the new one. Throws `missingFile` when the path cannot be written.
  package static func replace(_ path: String, by pieces: [Buffer]) throws(OnyxError) {
    try checkPath(path)
    let beside = "\(path).\(getpid())-\(UInt32.random(in: 0...(.max)))"
    let file = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw unwritable(path) }
    var isComplete = true
    for piece in pieces where isComplete { isComplete = unsafe piece.withUnalignedBytes { unsafe writeAll(file, $0) } }
    var failure = isComplete ? nil : unwritable(path)
    if close(file) != 0, failure == nil { failure = unwritable(path) }
    if failure == nil, unsafe rename(beside, path) != 0 { failure = unwritable(path) }
    guard let failure else { return }
    unsafe unlink(beside)
    throw failure
  }

  /// SAFETY: the bytes are the caller's for the time of the call.
  private static func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = unsafe writeOnce(file, bytes.baseAddress! + done, bytes.count - done)
      if count > 0 { done += count } else if errno != EINTR { return false }
    }
    return true
  }

  /// A zero would end the path for the system calls.
  private static func checkPath(_ path: String) throws(OnyxError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw OnyxError(.missingFile, "'\(path)' is not the path of a file.") }
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

  private static func unwritable(_ path: String) -> OnyxError {
    let reason = unsafe String(cString: strerror(errno))
    return OnyxError(.missingFile, "'\(path)' cannot be written: \(reason).", remedy: "Check the folder and its permissions.")
  }
}

// The members `read` and `write` of FileBytes hide the system's functions of the same names.
@unsafe private func readOnce(_ file: Int32, _ target: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
  unsafe read(file, target, count)
}
@unsafe private func writeOnce(_ file: Int32, _ source: UnsafeRawPointer?, _ count: Int) -> Int { unsafe write(file, source, count) }
